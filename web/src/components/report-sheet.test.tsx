import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_DETAILS_CHARS, REPORT_REASONS } from '../protocol';
import { ROOM_A, Script, TEXT, VIDEO } from '../test/script';
import { live, show } from '../test/show';

const still = { picture: document.createElement('canvas') };

beforeEach(() => {
  // jsdom draws nothing, and says so each time.
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
});

const said = (script: Script, count: number) => {
  for (let line = 0; line < count; line += 1) {
    script.server({ type: 'chat', seq: line + 2, room: ROOM_A, text: `line ${line}` });
  }
  return script;
};
const video = (lines = 0) => said(Script.inCall(VIDEO), lines).act({ kind: 'openReport', still });
const text = (lines = 0) =>
  said(Script.inCall(TEXT), lines).act({ kind: 'openReport', still: null });

describe('reporting', () => {
  test('takes two presses', async () => {
    const page = live(Script.inCall(VIDEO));
    const user = userEvent.setup();
    await user.click(screen.getByTestId('report'));
    await user.click(screen.getByRole('button', { name: 'Spam or advertising' }));
    expect(page.sent.map(({ type }) => type)).toEqual(['report', 'next']);
    expect(screen.queryByTestId('report-sheet')).toBeNull();
    expect(screen.getByTestId('told').textContent).toMatch(/^Sending your report/);
  });

  test('takes a picture of what is seen when the sheet is opened', async () => {
    const drawImage = vi.fn();
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({
      drawImage,
    } as unknown as RenderingContext);
    const page = live(Script.inCall(VIDEO));
    const remote = screen.getByTestId('remote-video');
    Object.defineProperties(remote, { videoWidth: { value: 1920 }, videoHeight: { value: 1080 } });
    await userEvent.setup().click(screen.getByTestId('report'));
    expect(drawImage).toHaveBeenCalledWith(remote, 0, 0, 1280, 720);
    expect(page.call.sheet?.still?.picture).toMatchObject({ width: 1280, height: 720 });
    expect(screen.getByTestId('attach-picture')).toHaveProperty('checked', true);
  });

  test('offers every reason in words, as a button', () => {
    show(video().state);
    const names = REPORT_REASONS.map(
      (reason) => screen.getByTestId(`reason-${reason}`).textContent,
    );
    expect(new Set(names).size).toBe(REPORT_REASONS.length);
    for (const name of names) expect(name).toMatch(/\S/);
  });

  test('does not send on the second half of a double click', () => {
    const actions = show(video().state);
    fireEvent.click(screen.getByTestId('reason-spam'), { detail: 2 });
    expect(actions).toEqual([]);
  });

  test('says what follows', () => {
    show(video().state);
    expect(screen.getByTestId('report-sheet').textContent).toMatch(/go on to somebody else/);
  });

  test('from the screen after the chat leads to nobody else, and says so', () => {
    const page = video().server({ type: 'peerLeft', seq: 9, room: ROOM_A, reason: 'left' });
    show(page.state);
    expect(screen.getByTestId('report-sheet').textContent).not.toMatch(/go on to somebody else/);
  });

  test('is given up by Esc, which skips nobody', () => {
    const actions = show(video().state);
    const sheet = screen.getByTestId('report-sheet');
    fireEvent.keyDown(sheet, { key: 'Escape' });
    // Where the focus is on nothing, Esc reaches the page directly.
    fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(actions).toEqual([]);
    fireEvent(sheet, new Event('cancel', { cancelable: true }));
    expect(actions).toEqual([{ kind: 'closeReport' }]);
  });

  test('begins at its heading, so that no key presses a reason by mistake', async () => {
    live(Script.inCall(VIDEO));
    await userEvent.setup().click(screen.getByTestId('report'));
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'What is wrong?' }));
  });
});

describe('what goes with a report', () => {
  const press = async (id: string) => userEvent.setup().click(screen.getByTestId(id));
  const sent = { kind: 'report', reason: 'other', details: '', lines: [], picture: false };

  test('of a video chat: the picture, not the lines', async () => {
    const actions = show(video(3).state);
    await press('reason-other');
    expect(actions).toEqual([{ ...sent, picture: true }]);
  });

  test('of a text chat: the lines; it has no picture', async () => {
    const actions = show(text(3).state);
    expect(screen.queryByTestId('attach-picture')).toBeNull();
    expect(screen.getByText(/^The last 3 messages go/)).toBeDefined();
    await press('reason-other');
    expect(actions).toEqual([{ ...sent, lines: [0, 1, 2] }]);
  });

  test('is the other way round where the reporter says so', async () => {
    const actions = show(video(2).state);
    await press('attach-picture');
    await press('attach-lines');
    await press('reason-other');
    expect(actions).toEqual([{ ...sent, lines: [0, 1] }]);
  });

  test('is no picture where there is none, and that is said', async () => {
    const actions = show(Script.inCall(VIDEO).act({ kind: 'openReport', still: null }).state);
    expect(screen.getByText(/no picture of them/)).toBeDefined();
    await press('reason-other');
    expect(actions).toEqual([sent]);
  });

  test('can be chosen line by line, with words of one’s own', async () => {
    const actions = show(text(3).state);
    await press('report-details');
    const details = screen.getByTestId('details');
    expect(document.activeElement).toBe(details);
    await userEvent.setup().type(details, 'He asked for money');
    await userEvent.setup().click(screen.getByRole('checkbox', { name: /line 1/ }));
    await press('reason-other');
    expect(actions).toEqual([{ ...sent, details: 'He asked for money', lines: [0, 2] }]);
  });

  test('can be chosen all at once', async () => {
    show(text(2).state);
    await press('report-details');
    const checked = () =>
      within(screen.getByTestId('attach-list'))
        .getAllByRole<HTMLInputElement>('checkbox')
        .map((box) => box.checked);
    await press('attach-turn');
    expect(checked()).toEqual([false, false]);
    await press('attach-turn');
    expect(checked()).toEqual([true, true]);
  });

  test('is not more words than a report holds', async () => {
    show(text().state);
    await press('report-details');
    const value = '😀'.repeat(MAX_DETAILS_CHARS + 2);
    fireEvent.change(screen.getByTestId('details'), { target: { value } });
    expect(screen.getByText('Too long by 2')).toBeDefined();
    expect(screen.getByTestId('reason-spam')).toHaveProperty('disabled', true);
  });

  test('is shown as text', async () => {
    const line = { type: 'chat', seq: 2, room: ROOM_A, text: '<img src=x>' } as const;
    show(text().server(line).state);
    await press('report-details');
    expect(within(screen.getByTestId('attach-list')).getByText('<img src=x>')).toBeDefined();
  });
});

describe('blocking', () => {
  test('takes one press and goes on', async () => {
    const page = live(Script.inCall(VIDEO));
    await userEvent.setup().click(screen.getByTestId('block'));
    expect(page.sent.map(({ type }) => type)).toEqual(['block', 'next']);
  });

  test('after the chat says what was done', async () => {
    const left = { type: 'peerLeft', seq: 2, room: ROOM_A, reason: 'removed' } as const;
    live(Script.inCall(VIDEO).server(left));
    expect(screen.getByText(/was removed by the moderators/)).toBeDefined();
    await userEvent.setup().click(screen.getByTestId('block'));
    expect(screen.getByTestId('block').textContent).toBe('Blocked');
    expect(screen.getByTestId('find-another')).toBeDefined();
  });
});

test.each([
  ['Reported. You won’t meet again.', { kind: 'report', outcome: 'taken' }],
  ['Blocked. You won’t meet again.', { kind: 'block', outcome: 'taken' }],
  ['Your report is sent as soon as', { kind: 'report', outcome: 'waiting' }],
  ['They could not be blocked', { kind: 'block', outcome: 'lost' }],
  ['but its picture was not accepted', { kind: 'picture', outcome: 'lost', why: 'refused' }],
] as const)('it is told: %s', async (words, told) => {
  const actions = show({ ...new Script().welcome().state, told });
  expect(screen.getByTestId('told').textContent).toContain(words);
  await userEvent.setup().click(within(screen.getByTestId('told')).getByRole('button'));
  expect(actions).toEqual([{ kind: 'dismissTold' }]);
});

test('a line that was too quick can be sent again', async () => {
  const error = { type: 'error', code: 'rate_limited', message: '', retryAfterMs: 3000 } as const;
  const actions = show(Script.inCall().act({ kind: 'chat', text: 'quick' }).server(error).state);
  expect(screen.getByTestId('not-sent').textContent).toBe('Not sent: it was too quick');
  expect(screen.getByTestId('error-notice').textContent).toMatch(/works again in 3 seconds/);
  await userEvent.setup().click(screen.getByRole('button', { name: 'Send again' }));
  expect(actions).toContainEqual({ kind: 'resend', line: 0 });
});
