import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeMediaStream, fakeStream } from '../test/fakes';
import { Devices, type MediaEvent } from './media';

let events: MediaEvent[];
let devices: Devices;
const getUserMedia = vi.fn<(constraints: MediaStreamConstraints) => Promise<MediaStream>>();

beforeEach(() => {
  getUserMedia.mockReset();
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
  events = [];
  devices = new Devices((event) => events.push(event));
});

function tracks(stream: MediaStream) {
  return (stream as unknown as FakeMediaStream).tracks;
}

describe('asking', () => {
  test('gives the stream', async () => {
    const stream = fakeStream('audio', 'video');
    getUserMedia.mockResolvedValue(stream);
    await devices.ask(true);
    expect(events).toEqual([{ kind: 'ready', stream }]);
    expect(devices.stream).toBe(stream);
  });

  test.each([
    ['NotAllowedError', 'refused'],
    ['NotFoundError', 'absent'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'unsupported'],
  ] as const)('%s is told as %s', async (name, problem) => {
    getUserMedia.mockRejectedValue(Object.assign(new Error(), { name }));
    await devices.ask(true);
    expect(events).toEqual([{ kind: 'failed', problem }]);
  });

  test('without a secure context is told as unsupported', async () => {
    vi.stubGlobal('navigator', {});
    await devices.ask(true);
    expect(events).toEqual([{ kind: 'failed', problem: 'unsupported' }]);
  });

  test('for no camera goes on even without a microphone', async () => {
    getUserMedia.mockRejectedValue(new Error());
    await devices.ask(false);
    expect(getUserMedia).toHaveBeenCalledWith({ audio: true, video: false });
    expect(events).toEqual([{ kind: 'ready', stream: null }]);
  });

  test('that was dropped leaves no device open', async () => {
    const stream = fakeStream('video');
    getUserMedia.mockResolvedValue(stream);
    const asked = devices.ask(true);
    devices.release();
    await asked;
    expect(tracks(stream)[0]?.stopped).toBe(true);
    expect(events).toEqual([]);
  });
});

describe('a held stream', () => {
  test('is muted by its track and given back', async () => {
    const stream = fakeStream('audio', 'video');
    getUserMedia.mockResolvedValue(stream);
    await devices.ask(true);
    devices.enable('audio', false);
    expect(tracks(stream).map(({ enabled }) => enabled)).toEqual([false, true]);
    devices.dispose();
    expect(tracks(stream).every(({ stopped }) => stopped)).toBe(true);
  });

  test('says when a device is pulled out', async () => {
    const stream = fakeStream('audio', 'video');
    getUserMedia.mockResolvedValue(stream);
    await devices.ask(true);
    tracks(stream)[1]?.onended?.();
    expect(events.at(-1)).toEqual({ kind: 'ended', track: 'video' });
  });
});
