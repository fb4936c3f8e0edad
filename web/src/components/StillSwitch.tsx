import { useLayoutEffect, useRef } from 'react';
import type { Still } from '../peer/still';

interface Props {
  readonly still: Still | null;
  readonly on: boolean;
  readonly turn: (on: boolean) => void;
}

/** Shows which picture goes with a report, and leaves the choice. */
export function StillSwitch({ still, on, turn }: Props) {
  if (still === null) {
    return <p className="small">There is no picture of them now, so none goes with it.</p>;
  }
  return (
    <label className="check still">
      <input
        type="checkbox"
        data-testid="attach-picture"
        checked={on}
        onChange={(event) => turn(event.target.checked)}
      />
      <span>A picture of what you see now goes with it</span>
      <Thumbnail still={still} />
    </label>
  );
}

/** Drawn and not loaded: the picture has no address, and leaves no trace. */
function Thumbnail({ still: { picture } }: { readonly still: Still }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    ref.current?.getContext('2d')?.drawImage(picture, 0, 0, picture.width, picture.height);
  }, [picture]);
  return <canvas ref={ref} width={picture.width} height={picture.height} />;
}
