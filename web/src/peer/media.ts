/**
 * The person's camera and microphone: asks for them, switches their tracks,
 * gives them back. At most one stream is held; a prompt that is answered after
 * its question was dropped leaves no device open.
 */

/** Why there is no camera or microphone. */
export type DeviceProblem = 'refused' | 'absent' | 'busy' | 'unsupported';

export type MediaEvent =
  | { readonly kind: 'ready'; readonly stream: MediaStream | null }
  | { readonly kind: 'failed'; readonly problem: DeviceProblem }
  /** A device was pulled out or taken away. */
  | { readonly kind: 'ended'; readonly track: TrackKind };

export type TrackKind = 'audio' | 'video';

const CAMERA: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 24, max: 30 },
  facingMode: 'user',
};

export class Devices {
  readonly #listen: (event: MediaEvent) => void;
  #stream: MediaStream | null = null;
  /** Raised by each question, so that the answer to an older one is known. */
  #question = 0;

  constructor(listen: (event: MediaEvent) => void) {
    this.#listen = listen;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  /**
   * Asks for camera and microphone, or for the microphone alone. Without a
   * camera the answer is always `ready`: with no stream where that fails too,
   * since whoever goes on without one has already been asked.
   */
  async ask(camera: boolean): Promise<void> {
    this.release();
    const question = this.#question;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: true,
        video: camera ? CAMERA : false,
      });
      if (question === this.#question) this.#hold(stream);
      else stopAll(stream);
    } catch (error) {
      if (question !== this.#question) return;
      this.#listen(
        camera ? { kind: 'failed', problem: problemOf(error) } : { kind: 'ready', stream: null },
      );
    }
  }

  /** Mutes or shows: a disabled track sends silence or black. */
  enable(kind: TrackKind, enabled: boolean): void {
    for (const track of this.#stream?.getTracks() ?? []) {
      if (track.kind === kind) track.enabled = enabled;
    }
  }

  /** Gives the devices back and drops a question that is still open. */
  release(): void {
    this.#question += 1;
    if (this.#stream !== null) stopAll(this.#stream);
    this.#stream = null;
  }

  dispose(): void {
    this.release();
  }

  #hold(stream: MediaStream): void {
    this.#stream = stream;
    for (const track of stream.getTracks()) {
      track.onended = () => {
        if (this.#stream === stream) {
          this.#listen({ kind: 'ended', track: track.kind === 'video' ? 'video' : 'audio' });
        }
      };
    }
    this.#listen({ kind: 'ready', stream });
  }
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}

/** The names are those of Media Capture and Streams, getUserMedia(). */
function problemOf(error: unknown): DeviceProblem {
  // Without a secure context there is no `mediaDevices` at all: a TypeError.
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'absent';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'unsupported';
  }
}
