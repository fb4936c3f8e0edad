import type { Act } from '../hooks/use-page';
import type { Mode } from '../protocol';
import type { Media } from '../state/model';
import { Icon } from './Icon';

interface Props {
  readonly mode: Mode;
  readonly media: Media;
  readonly openReport: () => void;
  readonly act: Act;
}

export function Toolbar({ mode, media, openReport, act }: Props) {
  return (
    <section className="toolbar" aria-label="Controls">
      <button type="button" data-testid="stop" onClick={() => act({ kind: 'stop' })}>
        Stop
      </button>
      {mode === 'video' && <DeviceButtons media={media} act={act} />}
      <button type="button" data-testid="report" aria-haspopup="dialog" onClick={openReport}>
        Report
      </button>
      <button
        type="button"
        data-testid="block"
        title="Never meet this stranger again, and go on to the next"
        onClick={() => act({ kind: 'block' })}
      >
        Block
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
        className={microphone.on ? 'device' : 'device off'}
        aria-label={microphone.on ? 'Mute the microphone' : 'Unmute the microphone'}
        onClick={() => act({ kind: 'toggle', track: 'audio' })}
      >
        <Icon of="microphone" crossed={!microphone.on} />
        <span className="device-word">{microphone.on ? 'Mute' : 'Unmute'}</span>
      </button>
      <button
        type="button"
        data-testid="camera"
        disabled={!camera.present}
        className={camera.on ? 'device' : 'device off'}
        aria-label={camera.on ? 'Turn the camera off' : 'Turn the camera on'}
        onClick={() => act({ kind: 'toggle', track: 'video' })}
      >
        <Icon of="camera" crossed={!camera.on} />
        <span className="device-word">{camera.on ? 'Camera off' : 'Camera on'}</span>
      </button>
    </>
  );
}
