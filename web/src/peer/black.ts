/**
 * Whether a video shows nothing but black: a camera that was switched off goes
 * on sending that, and no event tells of it. A camera in the dark sends noise.
 */

/** So small that a look costs nothing; each pixel stands for a part of the picture. */
const WIDTH = 16;
const HEIGHT = 12;
/** The brightest that counts as black, of 255: what coding makes of it. */
const MAX_BLACK = 6;

/** False where the video shows nothing yet. */
export function isBlack(video: HTMLVideoElement): boolean {
  if (video.videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return false;
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return false;
  context.drawImage(video, 0, 0, WIDTH, HEIGHT);
  return allBlack(context.getImageData(0, 0, WIDTH, HEIGHT).data);
}

/** Of pixels in RGBA. */
export function allBlack(pixels: Uint8ClampedArray): boolean {
  return pixels.every((value, index) => index % 4 === 3 || value <= MAX_BLACK);
}
