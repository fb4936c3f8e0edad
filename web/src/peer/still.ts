/**
 * One still picture of what a video shows now: taken at once, since the next
 * moment may show nothing any more, and made a file only when it is sent.
 */

/** As large as the server's largest, so that nothing is drawn for nothing. */
export const MAX_STILL_PIXELS = 1280;
/** What the server takes (`protocol.md`, HTTP beside it). */
export const MAX_STILL_BYTES = 256 * 1024;
/** From good to just good enough to see what it shows. */
const QUALITIES = [0.85, 0.7, 0.55, 0.4, 0.25];
/** Each side becomes this much shorter where no quality is low enough. */
const SHRINK = 0.7;
const MAX_SHRINKS = 4;

export interface Still {
  readonly picture: HTMLCanvasElement;
}

/** Null where the video shows nothing yet. */
export function takeStill(video: HTMLVideoElement): Still | null {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || videoHeight === 0) return null;
  const scale = Math.min(1, MAX_STILL_PIXELS / Math.max(videoWidth, videoHeight));
  return draw(video, videoWidth * scale, videoHeight * scale);
}

/** A JPEG of at most `MAX_STILL_BYTES`; null where the browser makes none. */
export async function encodeStill(still: Still): Promise<Blob | null> {
  let { picture } = still;
  for (let shrinks = 0; shrinks <= MAX_SHRINKS; shrinks += 1) {
    for (const quality of QUALITIES) {
      const file = await jpeg(picture, quality);
      if (file === null) return null;
      if (file.size <= MAX_STILL_BYTES) return file;
    }
    const smaller = draw(picture, picture.width * SHRINK, picture.height * SHRINK);
    if (smaller === null) return null;
    picture = smaller.picture;
  }
  return null;
}

function draw(source: CanvasImageSource, width: number, height: number): Still | null {
  const picture = document.createElement('canvas');
  picture.width = Math.max(1, Math.round(width));
  picture.height = Math.max(1, Math.round(height));
  const context = picture.getContext('2d');
  if (context === null) return null;
  context.drawImage(source, 0, 0, picture.width, picture.height);
  return { picture };
}

/** A browser that can't gives PNG instead, which the server does not take. */
function jpeg(picture: HTMLCanvasElement, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => {
    picture.toBlob(
      (file) => resolve(file?.type === 'image/jpeg' ? file : null),
      'image/jpeg',
      quality,
    );
  });
}
