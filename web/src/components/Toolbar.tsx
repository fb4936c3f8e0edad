import type { Act } from '../hooks/use-page';
import type { Mode } from '../protocol';
import type { Media } from '../state/model';

interface Props {
  readonly mode: Mode;
  readonly media: Media;
  readonly reporting: boolean;
  readonly toggleReport: () => void;
  readonly act: Act;
}

export function Toolbar({ mode, media, reporting, toggleReport, act }: Props) {
  return (
    <section className="toolbar" aria-label="Controls">
      <button type="button" data-testid="stop" onClick={() => act({ kind: 'stop' })}>
        Stop
      </button>
      {mode === 'video' && <DeviceButtons media={media} act={act} />}
      <button type="button" data-testid="report" aria-expanded={reporting} onClick={toggleReport}>
        Report
      </button>
      <button
        type="button"
        className="primary"
        data-testid="next"
        title="Next stranger (Esc twice)"
        onClick={() => act({ kind: 'next' })}
      >
        Next
      </button>
    </section>
  );
}

function DeviceButtons({ media, act }: { readonly media: Media; readonly act: Act }) {
  const { camera, microphone } = media;
  return (
    <>
      <button
        type="button"
        data-testid="mute"
        disabled={!microphone.present}
        className={microphone.on ? '' : 'off'}
        aria-label={microphone.on ? 'Mute the microphone' : 'Unmute the microphone'}
        onClick={() => act({ kind: 'toggle', track: 'audio' })}
      >
        {microphone.on ? 'Mute' : 'Unmute'}
      </button>
      <button
        type="button"
        data-testid="camera"
        disabled={!camera.present}
        className={camera.on ? '' : 'off'}
        aria-label={camera.on ? 'Turn the camera off' : 'Turn the camera on'}
        onClick={() => act({ kind: 'toggle', track: 'video' })}
      >
        {camera.on ? 'Camera off' : 'Camera on'}
      </button>
    </>
  );
}
