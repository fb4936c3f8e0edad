import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { MAX_PENDING } from '../state/model';
import { fakeStream } from '../test/fakes';
import { HIDDEN, ROOM_A, Script, TEXT, VIDEO } from '../test/script';
import { show } from '../test/show';

const refused = () =>
  new Script()
    .welcome()
    .act({ kind: 'start', wish: VIDEO })
    .play({ kind: 'media', event: { kind: 'failed', problem: 'refused' } });

const videoCall = () => {
  const script = new Script().welcome().act({ kind: 'start', wish: VIDEO });
  const stream = fakeStream('audio', 'video');
  return script.play({ kind: 'media', event: { kind: 'ready', stream } }).matched(ROOM_A, VIDEO);
};

const left = () =>
  videoCall()
    .server({ type: 'chat', seq: 2, room: ROOM_A, text: 'bye' })
    .server({ type: 'peerLeft', seq: 3, room: ROOM_A, reason: 'left' });

const closed = () =>
  new Script().server({ type: 'error', code: 'banned', message: '', reason: 'spam' });

const screens: readonly (readonly [string, () => Script])[] = [
  ['landing', () => new Script().welcome()],
  ['permission', refused],
  ['waiting', () => new Script().welcome().act({ kind: 'start', wish: TEXT })],
  ['call', videoCall],
  ['left', left],
  ['restoring', () => videoCall().reload()],
  ['closed', closed],
];

const CONTROLS = ['button', 'link', 'textbox', 'checkbox', 'radio', 'combobox'];

describe.each(screens)('the %s screen', (name, script) => {
  test('is named on the main element and has one heading', () => {
    show(script().state);
    expect(screen.getByRole('main').dataset.screen).toBe(name);
    expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
  });

  test('gives every control a name', () => {
    show(script().state);
    const controls = CONTROLS.flatMap((role) => screen.queryAllByRole(role));
    expect(controls.length).toBeGreaterThan(0);
    for (const role of CONTROLS) {
      const all = screen.queryAllByRole(role).length;
      expect(screen.queryAllByRole(role, { name: /\S/ })).toHaveLength(all);
    }
  });

  test('uses no style attribute, which the content policy would refuse', () => {
    show(script().state);
    expect(document.querySelectorAll('[style]')).toHaveLength(0);
  });
});

describe('landing', () => {
  test('starts with the mode and the interests from the keyboard alone', async () => {
    const actions = show(new Script().welcome().state);
    const user = userEvent.setup();
    // The arrow keys are simulated by a query that jsdom lacks the words for.
    vi.stubGlobal('CSS', { escape: (name: string) => name });
    await user.tab();
    await user.keyboard('{ArrowRight}');
    await user.tab();
    await user.keyboard('music, board  games{Enter}{Enter}');
    expect(actions).toEqual([
      {
        kind: 'start',
        wish: { ...TEXT, interests: ['music', 'board games'] },
      },
    ]);
  });

  test('shows interests as chips that can be removed', async () => {
    show(new Script().welcome().state);
    const user = userEvent.setup();
    await user.type(screen.getByTestId('interests'), 'music,chess,');
    await user.click(screen.getByRole('button', { name: 'Remove music' }));
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(['chess×']);
    await user.type(screen.getByTestId('interests'), '{Backspace}');
    expect(screen.queryAllByRole('listitem')).toEqual([]);
  });

  test('says what is wrong with an interest and does not start', async () => {
    const actions = show(new Script().welcome().state);
    const user = userEvent.setup();
    await user.type(screen.getByTestId('interests'), 'x'.repeat(33));
    expect(screen.getByText('An interest has at most 32 characters.')).toBeDefined();
    expect(screen.getByTestId('start')).toHaveProperty('disabled', true);
    await user.keyboard('{Enter}');
    expect(actions).toEqual([]);
  });

  test('sends languages only where the box is ticked', async () => {
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['de-CH', 'en']);
    const actions = show(new Script().welcome().state);
    const user = userEvent.setup();
    await user.click(screen.getByRole('checkbox'));
    await user.click(screen.getByTestId('start'));
    expect(actions).toMatchObject([{ wish: { languages: ['de-CH', 'en'] } }]);
  });

  test('has no choice of hiding before the service offers one, but its room', () => {
    show(new Script().state);
    expect(screen.getByTestId('privacy').textContent).toBe('');
    expect(screen.queryByTestId('private')).toBeNull();
  });

  test('says what strangers can see where nothing is hidden', async () => {
    show(new Script().welcome().state);
    expect(screen.getByTestId('privacy').textContent).toMatch(/can learn your network address/);
    expect(screen.queryByTestId('private')).toBeNull();
    await userEvent.setup().click(screen.getByTestId('mode-text'));
    expect(screen.getByTestId('privacy').textContent).toMatch(/^In a text chat/);
  });

  test('hides the address where the person says so, and explains it', async () => {
    const actions = show(new Script().welcome({ privacy: 'choice' }).state);
    const user = userEvent.setup();
    const box = screen.getByRole('checkbox', {
      name: 'Hide my address',
      description: /relay.*slower/,
    });
    await user.click(box);
    await user.click(screen.getByTestId('start'));
    expect(actions).toEqual([{ kind: 'start', wish: HIDDEN }]);
  });

  test('remembers that', () => {
    const page = new Script().welcome({ privacy: 'choice' }).act({ kind: 'start', wish: HIDDEN });
    show(page.act({ kind: 'stop' }).state);
    expect(screen.getByTestId('private')).toHaveProperty('checked', true);
  });

  test('says that all addresses are hidden, leaves no choice and holds to it', async () => {
    const actions = show(new Script().welcome({ privacy: 'always' }).state);
    expect(screen.getByTestId('privacy').textContent).toMatch(/^Addresses are hidden here/);
    expect(screen.queryByTestId('private')).toBeNull();
    await userEvent.setup().click(screen.getByTestId('start'));
    expect(actions).toEqual([{ kind: 'start', wish: HIDDEN }]);
  });

  test('offers a way on where the address cannot be hidden', async () => {
    const page = new Script().welcome({ privacy: 'choice' }).act({ kind: 'start', wish: HIDDEN });
    page.play({ kind: 'media', event: { kind: 'ready', stream: null } });
    const actions = show(page.server({ type: 'error', code: 'unavailable', message: '' }).state);
    expect(screen.getByRole('alert').textContent).toMatch(/can’t hide your address/);
    await userEvent.setup().click(screen.getByTestId('start-unhidden'));
    expect(actions).toEqual([{ kind: 'startUnhidden' }]);
  });

  test('shows how many are online', () => {
    show(new Script().welcome().server({ type: 'online', count: 12_034 }).state);
    expect(screen.getByTestId('online-count').textContent).toBe('12,034 online');
  });
});

test('a refused camera leaves three ways on', async () => {
  const actions = show(refused().state);
  const user = userEvent.setup();
  for (const id of ['retry-camera', 'go-without-camera', 'go-text']) {
    await user.click(screen.getByTestId(id));
  }
  expect(actions.map(({ kind }) => kind)).toEqual(['retryCamera', 'goWithoutCamera', 'goText']);
});

describe('call', () => {
  test('carries its room, role and connection state', () => {
    show(videoCall().state);
    const { dataset } = screen.getByTestId('call');
    expect(dataset).toMatchObject({ room: ROOM_A, role: 'offerer', peerState: 'new' });
  });

  test('shows the own picture muted and mirrored', () => {
    show(videoCall().state);
    const self = screen.getByTestId<HTMLVideoElement>('self-video');
    expect(self.muted).toBe(true);
    expect(self.className).toBe('mirrored');
  });

  test.each([
    [VIDEO, null],
    [HIDDEN, 'Your address is hidden'],
  ])('has a sign where the own address is hidden', (wish, words) => {
    show(Script.inCall(wish).state);
    expect(screen.queryByTestId('address-hidden')?.textContent ?? null).toBe(words);
  });

  test('renders a stranger’s words as text', () => {
    const text = '<img src=x onerror=alert(1)> &amp; **bold**';
    show(videoCall().server({ type: 'chat', seq: 2, room: ROOM_A, text }).state);
    const log = screen.getByRole('log');
    expect(within(log).getByText(text)).toBeDefined();
    expect(log.querySelector('img')).toBeNull();
  });

  test('sends on Enter, breaks the line on Shift+Enter', async () => {
    const actions = show(videoCall().state);
    const user = userEvent.setup();
    await user.type(screen.getByTestId('chat-input'), 'a{Shift>}{Enter}{/Shift}b{Enter}');
    expect(actions.filter(({ kind }) => kind === 'chat')).toEqual([{ kind: 'chat', text: 'a\nb' }]);
    expect(screen.getByTestId('chat-input')).toHaveProperty('value', '');
  });

  test('does not send more than 2000 characters', () => {
    const actions = show(videoCall().state);
    const input = screen.getByTestId('chat-input');
    fireEvent.change(input, { target: { value: '😀'.repeat(2001) } });
    expect(screen.getByText('Too long by 1')).toBeDefined();
    fireEvent.keyDown(input, { key: 'Enter' });
    expect(actions.some(({ kind }) => kind === 'chat')).toBe(false);
  });

  test('passes Esc on, also from the chat field, but not a held key', async () => {
    const actions = show(videoCall().state);
    const user = userEvent.setup();
    screen.getByTestId('chat-input').focus();
    await user.keyboard('{Escape}');
    fireEvent.keyDown(window, { key: 'Escape', repeat: true });
    expect(actions).toEqual([{ kind: 'escape' }]);
  });

  test('asks for the second Esc in words', () => {
    show(videoCall().act({ kind: 'escape' }).state);
    expect(screen.getByTestId('confirm-next').textContent).toBe('Press Esc again to skip');
  });

  test('says that it reconnects and that the call goes on, and takes lines for later', async () => {
    const actions = show(videoCall().drop().act({ kind: 'chat', text: 'later' }).state);
    expect(screen.getByTestId('connection-notice').textContent).toMatch(
      /^Reconnecting… Your call goes on/,
    );
    expect(screen.getByTestId('pending').textContent).toBe('Waiting to be sent…');
    await userEvent.setup().type(screen.getByTestId('chat-input'), 'more{Enter}');
    expect(actions.at(-1)).toEqual({ kind: 'chat', text: 'more' });
  });

  test('takes no more lines than can wait', async () => {
    const script = videoCall().drop();
    for (let line = 0; line < MAX_PENDING; line += 1) script.act({ kind: 'chat', text: 'later' });
    const actions = show(script.state);
    await userEvent.setup().type(screen.getByTestId('chat-input'), 'more{Enter}');
    expect(actions.some(({ kind }) => kind === 'chat')).toBe(false);
    expect(screen.getByTestId('chat-send')).toHaveProperty('disabled', true);
  });

  test.each([VIDEO, TEXT])('says that the partner is away, and no more when back', (wish) => {
    const script = Script.inCall(wish).server({ type: 'peerAway', seq: 2, room: ROOM_A });
    show(script.state);
    expect(screen.getByTestId('peer-away').textContent).toMatch(/waiting for them/);
    cleanup();
    show(script.server({ type: 'peerBack', seq: 3, room: ROOM_A }).state);
    expect(screen.queryByTestId('peer-away')).toBeNull();
  });

  test('says when no connection comes', () => {
    const event = { room: ROOM_A, kind: 'state', state: 'failed' } as const;
    show(videoCall().play({ kind: 'peer', event }).state);
    expect(screen.getByText(/No video connection could be made/)).toBeDefined();
  });

  test('offers a click where the browser blocks playback', async () => {
    const blocked = new DOMException('a gesture is needed', 'NotAllowedError');
    const play = vi.mocked(HTMLMediaElement.prototype.play).mockRejectedValue(blocked);
    const event = { room: ROOM_A, kind: 'remote', stream: fakeStream('video') } as const;
    show(videoCall().play({ kind: 'peer', event }).state);
    const button = await screen.findByTestId('play');
    play.mockResolvedValue(undefined);
    await userEvent.setup().click(button);
    expect(screen.queryByTestId('play')).toBeNull();
  });

  test('in text mode has no video and no device buttons', () => {
    show(Script.inCall(TEXT).state);
    for (const id of ['remote-video', 'self-video', 'mute', 'camera']) {
      expect(screen.queryByTestId(id)).toBeNull();
    }
    expect(screen.getByText('You both like music.')).toBeDefined();
  });
});

test('after the partner left: another, stop, report or block', async () => {
  const actions = show(left().state);
  const user = userEvent.setup();
  expect(screen.getByText('The stranger left.')).toBeDefined();
  expect(within(screen.getByRole('log')).getByText('bye')).toBeDefined();
  expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }));
  for (const id of ['report', 'block', 'find-another']) await user.click(screen.getByTestId(id));
  expect(actions.map(({ kind }) => kind)).toEqual(['openReport', 'block', 'findAnother']);
});

test('a session taken over by another tab can be used here again', async () => {
  const script = videoCall();
  const verdict = { kind: 'final', why: 'elsewhere' } as const;
  const actions = show(script.play({ kind: 'connection', event: { kind: 'down', verdict } }).state);
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(
    'Passerby is open in another tab',
  );
  await userEvent.setup().click(screen.getByTestId('use-here'));
  expect(actions).toEqual([{ kind: 'reopen' }]);
});

test('a line that never reached the partner says so', () => {
  show(videoCall().drop().act({ kind: 'chat', text: 'lost' }).welcome().state);
  expect(screen.getByTestId('not-sent').textContent).toBe('Not sent');
});
