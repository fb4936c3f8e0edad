import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { Script, VIDEO } from '../test/script';
import { show } from '../test/show';

let fetched: Mock<typeof fetch>;

beforeEach(() => {
  fetched = vi.fn(async () =>
    Response.json({ reportsDays: 90, minorDays: 365, appeal: 'Write to a@b.example' }),
  );
  vi.stubGlobal('fetch', fetched);
});

/** As the browser does where a link to it is followed. */
function go(hash: string): void {
  window.history.pushState(null, '', `/${hash}`);
  act(() => void window.dispatchEvent(new HashChangeEvent('hashchange')));
}

const days = () => screen.getByTestId('kept-days').textContent;

describe('what is kept', () => {
  test('is a link away on the first screen', () => {
    show(new Script().welcome().state);
    expect(screen.getByTestId('kept-link').getAttribute('href')).toBe('#kept');
    expect(screen.queryByTestId('kept')).toBeNull();
  });

  test('is said with the service’s own times', async () => {
    show(new Script().welcome().state);
    go('#kept');
    await waitFor(() => expect(days()).toMatch(/after 90 days, or after 365 days/));
    expect(screen.getByText('Write to a@b.example')).toBeDefined();
    expect(document.activeElement).toBe(
      screen.getByRole('heading', { name: 'What is kept, and for how long' }),
    );
  });

  test.each([
    ['an error', () => Promise.resolve(new Response('', { status: 500 }))],
    ['something else', () => Promise.resolve(Response.json({ reportsDays: 'x' }))],
    ['a page', () => Promise.resolve(new Response('<!doctype html>'))],
    ['nothing', () => Promise.reject(new TypeError('offline'))],
  ])('is said without them where the answer is %s', async (_name, answer) => {
    fetched.mockImplementation(answer);
    show(new Script().welcome().state);
    go('#kept');
    await waitFor(() => expect(days()).toMatch(/could not be asked/));
  });

  test('lies above a call, which goes on', async () => {
    const actions = show(Script.inCall(VIDEO).state);
    go('#kept');
    await waitFor(() => expect(days()).toMatch(/90 days/));
    expect(screen.getByTestId('call')).toBeDefined();
    expect(actions).toEqual([]);
  });

  test('is left by the browser’s way back', async () => {
    show(new Script().welcome().state);
    go('#kept');
    expect(screen.getByTestId('kept')).toBeDefined();
    go('');
    expect(screen.queryByTestId('kept')).toBeNull();
  });

  test('is left by its own button, the way one came', async () => {
    const back = vi.spyOn(window.history, 'back').mockImplementation(() => go(''));
    show(new Script().welcome().state);
    go('#kept');
    await userEvent.setup().click(screen.getByTestId('kept-back'));
    expect(back).toHaveBeenCalledTimes(1);
    expect(screen.queryByTestId('kept')).toBeNull();
  });

  test('opened by its address is left for the first screen, by Esc too', () => {
    window.history.replaceState(null, '', '/?a=1#kept');
    const back = vi.spyOn(window.history, 'back');
    show(new Script().welcome().state);
    fireEvent(screen.getByTestId('kept'), new Event('cancel', { cancelable: true }));
    expect(screen.queryByTestId('kept')).toBeNull();
    expect(window.location.href).toMatch(/\/\?a=1$/);
    expect(back).not.toHaveBeenCalled();
  });
});

describe('erasing', () => {
  const press = (id: string) => userEvent.setup().click(screen.getByTestId(id));
  const outcome = () => screen.getByTestId('erase-outcome').textContent;
  const deleted = () => fetched.mock.calls.filter(([, init]) => init?.method === 'DELETE');

  beforeEach(async () => {
    show(new Script().welcome().state);
    go('#kept');
    await waitFor(() => expect(days()).toMatch(/90 days/));
  });

  test('says that what others asked for stays', () => {
    expect(screen.getByText(/who reported or blocked you still never meets you/i)).toBeDefined();
  });

  test('asks first', async () => {
    await press('erase');
    expect(document.activeElement?.textContent).toMatch(/can’t be undone/);
    await press('erase-keep');
    expect(deleted()).toEqual([]);
    expect(screen.getByTestId('erase')).toBeDefined();
  });

  test.each([
    [new Response(null, { status: 202 }), /^Done\./],
    [new Response('', { status: 404 }), /does not know this device/],
    [new Response('', { status: 503 }), /not erased.*Try again later\./],
    [
      new Response('', { status: 429, headers: { 'retry-after': '120' } }),
      /Try again in 2 minutes\./,
    ],
  ])('says what happened: %#', async (answer, words) => {
    fetched.mockResolvedValue(answer);
    await press('erase');
    await press('erase-confirm');
    expect(deleted()).toEqual([['/api/v1/kept', { method: 'DELETE' }]]);
    await waitFor(() => expect(outcome()).toMatch(words));
    expect(screen.getByTestId('erase')).toHaveProperty('disabled', false);
  });

  test('without a connection fails in words', async () => {
    fetched.mockRejectedValue(new TypeError('offline'));
    await press('erase');
    await press('erase-confirm');
    await waitFor(() => expect(outcome()).toMatch(/not erased/));
  });
});
