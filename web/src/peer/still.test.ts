import { beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeStill, MAX_STILL_BYTES, takeStill } from './still';

/** Bytes that a pixel takes at full quality. */
let bytesPerPixel: number;
let type: string;
let asked: { width: number; quality: number }[];

beforeEach(() => {
  bytesPerPixel = 0.2;
  type = 'image/jpeg';
  asked = [];
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({
    drawImage: vi.fn(),
  } as unknown as RenderingContext);
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation(function blob(
    this: HTMLCanvasElement,
    done,
    _type,
    quality = 1,
  ) {
    asked.push({ width: this.width, quality });
    const size = Math.round(this.width * this.height * bytesPerPixel * quality);
    done({ size, type } as Blob);
  });
});

function video(videoWidth: number, videoHeight: number): HTMLVideoElement {
  return { videoWidth, videoHeight } as HTMLVideoElement;
}

describe('a still', () => {
  test.each([
    [640, 480, 640, 480],
    [1920, 1080, 1280, 720],
    [1080, 1920, 720, 1280],
    [5000, 1, 1280, 1],
  ])('of %i x %i is %i x %i', (width, height, expectedWidth, expectedHeight) => {
    const still = takeStill(video(width, height));
    expect(still?.picture).toMatchObject({ width: expectedWidth, height: expectedHeight });
  });

  test('of a video that shows nothing is none', () => {
    expect(takeStill(video(0, 0))).toBeNull();
  });
});

describe('its file', () => {
  const encode = async () => {
    const still = takeStill(video(1280, 720));
    return still === null ? null : encodeStill(still);
  };

  test('is of the best quality that fits', async () => {
    bytesPerPixel = 0.5;
    const encoded = await encode();
    expect(encoded?.size).toBeLessThanOrEqual(MAX_STILL_BYTES);
    expect(asked.map(({ quality }) => quality)).toEqual([0.85, 0.7, 0.55]);
  });

  test('is smaller where no quality fits', async () => {
    bytesPerPixel = 2;
    const encoded = await encode();
    expect(encoded?.size).toBeLessThanOrEqual(MAX_STILL_BYTES);
    expect(asked.at(-1)?.width).toBeLessThan(1280);
  });

  test('is none where nothing fits, after a while', async () => {
    bytesPerPixel = 1_000;
    expect(await encode()).toBeNull();
    expect(asked).toHaveLength(25);
  });

  test('is none where the browser makes no JPEG', async () => {
    type = 'image/png';
    expect(await encode()).toBeNull();
  });
});
