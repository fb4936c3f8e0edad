import { beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { NetworkWatch, SETTLE_MS, type Surroundings } from './network';

class FakeInformation extends EventTarget {
  constructor(public type: string | undefined) {
    super();
  }
}

class FakeWindow extends EventTarget implements Surroundings {
  readonly navigator: { onLine: boolean; connection?: FakeInformation } = { onLine: true };
}

let page: FakeWindow;
let changed: Mock<() => void>;

beforeEach(() => {
  vi.useFakeTimers();
  page = new FakeWindow();
  changed = vi.fn();
});

function says(target: EventTarget, type: string): void {
  target.dispatchEvent(new Event(type));
}

describe('a network that is back', () => {
  beforeEach(() => {
    new NetworkWatch(page, changed);
  });

  test('is told of once its events are over', () => {
    says(page, 'online');
    vi.advanceTimersByTime(SETTLE_MS - 1);
    says(page, 'online');
    vi.advanceTimersByTime(SETTLE_MS - 1);
    expect(changed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(changed).toHaveBeenCalledTimes(1);
  });

  test('is not told of while it is away again', () => {
    says(page, 'online');
    page.navigator.onLine = false;
    vi.advanceTimersByTime(SETTLE_MS);
    expect(changed).not.toHaveBeenCalled();
    page.navigator.onLine = true;
    says(page, 'online');
    vi.advanceTimersByTime(SETTLE_MS);
    expect(changed).toHaveBeenCalledTimes(1);
  });
});

describe('the kind of network', () => {
  test('is told of when it changes, not with each guess at the speed', () => {
    const information = new FakeInformation('wifi');
    page.navigator.connection = information;
    new NetworkWatch(page, changed);
    says(information, 'change');
    vi.advanceTimersByTime(SETTLE_MS);
    expect(changed).not.toHaveBeenCalled();
    information.type = 'cellular';
    says(information, 'change');
    says(page, 'online');
    vi.advanceTimersByTime(SETTLE_MS);
    expect(changed).toHaveBeenCalledTimes(1);
  });

  test('that no browser tells never changes', () => {
    page.navigator.connection = new FakeInformation(undefined);
    new NetworkWatch(page, changed);
    says(page.navigator.connection, 'change');
    vi.advanceTimersByTime(SETTLE_MS);
    expect(changed).not.toHaveBeenCalled();
  });
});

test('nothing is told after the end', () => {
  const information = new FakeInformation('wifi');
  page.navigator.connection = information;
  const watch = new NetworkWatch(page, changed);
  says(page, 'online');
  watch.dispose();
  information.type = 'cellular';
  says(information, 'change');
  says(page, 'online');
  vi.advanceTimersByTime(SETTLE_MS * 2);
  expect(changed).not.toHaveBeenCalled();
});
