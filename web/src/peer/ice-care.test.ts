import { beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { FakePeerConnection } from '../test/fake-pc';
import {
  BREAK_MS,
  IceCare,
  MAX_RESTART_MS,
  MAX_RESTARTS,
  OVERDUE_MS,
  RESTART_MS,
} from './ice-care';

let pc: FakePeerConnection;
let restart: Mock<() => boolean>;
let broken: Mock<() => void>;
let overdue: Mock<() => void>;
let care: IceCare;

beforeEach(() => {
  vi.useFakeTimers();
  pc = new FakePeerConnection({});
  restart = vi.fn(() => true);
  broken = vi.fn();
  overdue = vi.fn();
  care = watch(true);
});

function watch(mends: boolean): IceCare {
  const watched = pc as unknown as RTCPeerConnection;
  return new IceCare({ pc: watched, mends, restart, broken, overdue });
}

describe('a break', () => {
  test('is told before it is mended, by either side', () => {
    broken.mockImplementationOnce(() => expect(restart).not.toHaveBeenCalled());
    pc.iceBecomes('failed');
    expect(broken).toHaveBeenCalledTimes(1);
    expect(restart).toHaveBeenCalledTimes(1);
    care.dispose();
    watch(false);
    pc.iceBecomes('disconnected');
    vi.advanceTimersByTime(BREAK_MS - 1);
    expect(broken).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(broken).toHaveBeenCalledTimes(2);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  test('is mended at once when the path failed', () => {
    pc.iceBecomes('failed');
    expect(restart).toHaveBeenCalledTimes(1);
  });

  test('is mended when it stays interrupted, not when it mends itself', () => {
    pc.iceBecomes('disconnected');
    pc.iceBecomes('connected');
    vi.advanceTimersByTime(BREAK_MS);
    expect(restart).not.toHaveBeenCalled();
    pc.iceBecomes('disconnected');
    vi.advanceTimersByTime(BREAK_MS);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  test('is mended again, later each time and a few times only', () => {
    pc.iceBecomes('failed');
    for (const ms of [RESTART_MS, RESTART_MS * 2]) {
      const before = restart.mock.calls.length;
      // What the restart itself leads to changes no time.
      pc.iceBecomes('disconnected');
      pc.iceBecomes('failed');
      vi.advanceTimersByTime(ms - 1);
      expect(restart).toHaveBeenCalledTimes(before);
      vi.advanceTimersByTime(1);
      expect(restart).toHaveBeenCalledTimes(before + 1);
    }
    vi.advanceTimersByTime(MAX_RESTART_MS * 20);
    pc.iceBecomes('failed');
    expect(restart).toHaveBeenCalledTimes(MAX_RESTARTS);
  });

  test('counts anew after a connection', () => {
    pc.iceBecomes('failed');
    vi.advanceTimersByTime(MAX_RESTART_MS * 20);
    pc.iceBecomes('connected');
    pc.iceBecomes('failed');
    expect(restart).toHaveBeenCalledTimes(MAX_RESTARTS + 1);
  });

  test('is left to the other side by the answerer', () => {
    care = watch(false);
    pc.iceBecomes('disconnected');
    vi.advanceTimersByTime(BREAK_MS);
    pc.iceBecomes('failed');
    vi.advanceTimersByTime(MAX_RESTART_MS);
    expect(restart).not.toHaveBeenCalled();
  });
});

describe('a change of network', () => {
  beforeEach(() => {
    care = watch(false);
  });

  test.each(['checking', 'connected', 'completed', 'disconnected', 'failed'] as const)(
    'restarts at once while %s, on either side',
    (state) => {
      pc.iceBecomes(state);
      care.networkChanged();
      expect(restart).toHaveBeenCalledTimes(1);
    },
  );

  test.each(['new', 'closed'] as const)('has nothing to restart while %s', (state) => {
    pc.iceBecomes(state);
    care.networkChanged();
    expect(restart).not.toHaveBeenCalled();
  });

  test('is followed up by its own side until there is a connection', () => {
    pc.iceBecomes('connected');
    care.networkChanged();
    pc.iceBecomes('disconnected');
    vi.advanceTimersByTime(RESTART_MS);
    expect(restart).toHaveBeenCalledTimes(2);
    pc.iceBecomes('connected');
    pc.iceBecomes('failed');
    vi.advanceTimersByTime(MAX_RESTART_MS);
    expect(restart).toHaveBeenCalledTimes(2);
  });

  test('that the path survives needs no second restart', () => {
    pc.iceBecomes('connected');
    care.networkChanged();
    vi.advanceTimersByTime(MAX_RESTART_MS * 2);
    expect(restart).toHaveBeenCalledTimes(1);
    pc.iceBecomes('failed');
    expect(restart).toHaveBeenCalledTimes(1);
  });

  test('is a new beginning after too many restarts', () => {
    care = watch(true);
    pc.iceBecomes('failed');
    vi.advanceTimersByTime(MAX_RESTART_MS * 20);
    care.networkChanged();
    vi.advanceTimersByTime(RESTART_MS);
    expect(restart).toHaveBeenCalledTimes(MAX_RESTARTS + 2);
  });
});

describe('while signals have no way', () => {
  beforeEach(() => {
    restart.mockReturnValue(false);
    pc.iceBecomes('failed');
  });

  test('a restart waits, and does not count', () => {
    vi.advanceTimersByTime(MAX_RESTART_MS * 20);
    expect(restart).toHaveBeenCalledTimes(1);
    restart.mockReturnValue(true);
    care.resumed();
    care.resumed();
    expect(restart).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(RESTART_MS);
    expect(restart).toHaveBeenCalledTimes(3);
  });

  test('a path that mends itself needs none', () => {
    pc.iceBecomes('connected');
    care.resumed();
    expect(restart).toHaveBeenCalledTimes(1);
  });
});

test('the first path is overdue once', () => {
  vi.advanceTimersByTime(OVERDUE_MS * 3);
  expect(overdue).toHaveBeenCalledTimes(1);
});

test('nothing happens after the end', () => {
  pc.iceBecomes('failed');
  care.dispose();
  expect(vi.getTimerCount()).toBe(0);
});
