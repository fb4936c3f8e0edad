import { beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import type { IceTerms } from '../protocol';
import {
  ANSWER_MS,
  CHECK_MS,
  IceRenewal,
  MAX_RETRY_MS,
  MIN_RENEW_MS,
  READY_MS,
  RETRY_MS,
  USUAL_TTL_S,
} from './ice-renewal';

/** A question that is open. */
interface Asked {
  readonly signal: AbortSignal;
  readonly answer: (ice: IceTerms) => Promise<void>;
  readonly fail: () => Promise<void>;
}

let asked: Asked[];
let renewed: Mock<(iceServers: readonly RTCIceServer[]) => void>;
let renewal: IceRenewal;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  renewed = vi.fn();
  renewal = begin(good(100));
});

function begin(ice: IceTerms): IceRenewal {
  return new IceRenewal({ ice, fetch: ask, renewed, chance: () => 0.999_999 });
}

function ask(signal: AbortSignal): Promise<IceTerms> {
  return new Promise((resolve, reject) => {
    asked.push({
      signal,
      answer: (ice) => settled(() => resolve(ice)),
      fail: () => settled(() => reject(new Error('no answer'))),
    });
  });
}

async function settled(act: () => void): Promise<void> {
  act();
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

function good(iceTtl?: number, credential = 'c'): IceTerms {
  const iceServers = [{ urls: 'turn:turn.example.org', username: 'u', credential }];
  return { iceServers, ...(iceTtl === undefined ? {} : { iceTtl }) };
}

function open(index = asked.length - 1): Asked {
  const question = asked[index];
  if (question === undefined) throw new Error(`nothing was asked (${index})`);
  return question;
}

describe('credentials', () => {
  test('are asked for when four fifths of their time are over, again and again', async () => {
    vi.advanceTimersByTime(79_999);
    expect(asked).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(asked).toHaveLength(1);
    await open().answer(good(50, 'second'));
    expect(renewed.mock.calls).toEqual([[good(50, 'second').iceServers]]);
    vi.advanceTimersByTime(39_999);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(asked).toHaveLength(2);
  });

  test('last as long as is usual where the service does not say', () => {
    renewal.dispose();
    renewal = begin(good());
    vi.advanceTimersByTime(USUAL_TTL_S * 800 - 1);
    expect(asked).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(asked).toHaveLength(1);
  });

  test('that are none need no renewal', () => {
    renewal.dispose();
    renewal = begin({ iceServers: [{ urls: 'stun:turn.example.org' }], iceTtl: 10 });
    vi.advanceTimersByTime(100_000);
    renewal.wake();
    expect(renewal.ready()).toBeNull();
    expect(asked).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('with next to no time are not asked for all the time', async () => {
    renewal.dispose();
    renewal = begin(good(0));
    vi.advanceTimersByTime(MIN_RENEW_MS - 1);
    expect(asked).toHaveLength(0);
    vi.advanceTimersByTime(1);
    await open().answer(good(0));
    vi.advanceTimersByTime(MIN_RENEW_MS - 1);
    expect(asked).toHaveLength(1);
  });

  test('that came by another way count, and the answer that comes later does not', async () => {
    vi.advanceTimersByTime(80_000);
    renewal.take(good(100, 'of the welcome'));
    expect(open().signal.aborted).toBe(true);
    await open().answer(good(100, 'late'));
    expect(renewed.mock.calls).toEqual([[good(100, 'of the welcome').iceServers]]);
    vi.advanceTimersByTime(79_999);
    expect(asked).toHaveLength(1);
  });

  test('count their time from the question on, whenever the answer came', async () => {
    vi.advanceTimersByTime(80_000);
    vi.advanceTimersByTime(5_000);
    await open().answer(good(100));
    vi.advanceTimersByTime(74_999);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(asked).toHaveLength(2);
  });
});

describe('a failure', () => {
  beforeEach(() => {
    vi.advanceTimersByTime(80_000);
  });

  test('is followed by another question, later each time up to a limit', async () => {
    for (const ms of [1, 2, 4, 8, 16, 30, 30].map((times) => times * RETRY_MS)) {
      const before = asked.length;
      await open().fail();
      vi.advanceTimersByTime(ms - 1);
      expect(asked).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(asked).toHaveLength(before + 1);
    }
    expect(MAX_RETRY_MS).toBe(30_000);
  });

  test('is forgotten with a success', async () => {
    await open().fail();
    vi.advanceTimersByTime(RETRY_MS);
    await open().answer(good(100));
    vi.advanceTimersByTime(80_000);
    await open().fail();
    vi.advanceTimersByTime(RETRY_MS);
    expect(asked).toHaveLength(4);
  });

  test('is also an answer that does not come, and one that comes then is too late', async () => {
    vi.advanceTimersByTime(ANSWER_MS + RETRY_MS);
    expect(asked).toHaveLength(2);
    expect(open(0).signal.aborted).toBe(true);
    await open(0).answer(good(100, 'late'));
    expect(renewed).not.toHaveBeenCalled();
    await open(1).answer(good(100, 'second'));
    expect(renewed).toHaveBeenCalledTimes(1);
  });

  test('is not waited out when the network is back', async () => {
    for (let failure = 0; failure < 5; failure += 1) {
      await open().fail();
      vi.advanceTimersByTime(MAX_RETRY_MS);
    }
    await open().fail();
    const before = asked.length;
    renewal.wake();
    expect(asked).toHaveLength(before + 1);
    renewal.wake();
    expect(asked).toHaveLength(before + 1);
  });
});

describe('a machine that slept', () => {
  test('asks at once when it is told so', () => {
    renewal.wake();
    expect(asked).toHaveLength(0);
    vi.setSystemTime(Date.now() + 3_600_000);
    renewal.wake();
    expect(asked).toHaveLength(1);
  });

  test('notices it by itself before long', () => {
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(CHECK_MS);
    expect(asked).toHaveLength(1);
  });

  test('is not misled by a clock that is set back', () => {
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(80_000);
    expect(asked).toHaveLength(1);
  });
});

describe('a restart', () => {
  const waited = () => {
    const done = vi.fn();
    void renewal.ready()?.then(done);
    return done;
  };

  test('does not wait while the credentials are good, if overdue', () => {
    expect(renewal.ready()).toBeNull();
    vi.advanceTimersByTime(90_000);
    expect(renewal.ready()).toBeNull();
  });

  test('waits for fresh ones, which are handed over first', async () => {
    vi.advanceTimersByTime(99_000);
    const done = waited();
    await settled(() => undefined);
    expect(done).not.toHaveBeenCalled();
    renewed.mockImplementation(() => expect(done).not.toHaveBeenCalled());
    await open().answer(good(100));
    expect(renewed).toHaveBeenCalledTimes(1);
    expect(done).toHaveBeenCalledTimes(1);
  });

  test('asks at once where a retry was waited for', async () => {
    vi.advanceTimersByTime(80_000);
    await open().fail();
    vi.advanceTimersByTime(RETRY_MS);
    await open().fail();
    vi.setSystemTime(Date.now() + 3_600_000);
    waited();
    expect(asked).toHaveLength(3);
  });

  test('waits no longer than is bearable', async () => {
    vi.advanceTimersByTime(99_000);
    const done = waited();
    await vi.advanceTimersByTimeAsync(READY_MS - 1);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalledTimes(1);
  });
});

describe('after the end', () => {
  test('nothing is asked, and no answer counts', async () => {
    vi.advanceTimersByTime(80_000);
    renewal.dispose();
    expect(open().signal.aborted).toBe(true);
    await open().answer(good(1));
    renewal.wake();
    renewal.take(good(1));
    vi.advanceTimersByTime(100_000);
    expect(asked).toHaveLength(1);
    expect(renewed).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a restart that waits is let go', async () => {
    vi.advanceTimersByTime(99_000);
    const done = vi.fn();
    void renewal.ready()?.then(done);
    renewal.dispose();
    await settled(() => undefined);
    expect(done).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
