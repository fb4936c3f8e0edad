/** Times in words, in the person's own time zone. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Longer than this, the name of a weekday could mean two days. */
const WEEK = 6 * DAY;

const away = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** `in 3 seconds`, `in 23 hours`; never `in 0`. */
export function inWords(ms: number): string {
  if (ms <= 59 * SECOND) return away.format(Math.max(1, Math.ceil(ms / SECOND)), 'second');
  if (ms <= 59 * MINUTE) return away.format(Math.ceil(ms / MINUTE), 'minute');
  if (ms < 2 * DAY - HOUR / 2) return away.format(Math.max(1, Math.round(ms / HOUR)), 'hour');
  return away.format(Math.round(ms / DAY), 'day');
}

/** `Friday, 14:05`; `12 March, 14:05`; with the year where it is another one. */
export function dateWords(at: number, now: number, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, ...zone });
  const time = part({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  if (at - now < WEEK) return `${part({ weekday: 'long' }).format(at)}, ${time}`;
  const year = part({ year: 'numeric' });
  const sameYear = year.format(at) === year.format(now);
  const day = part({ day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) });
  return `${day.format(at)}, ${time}`;
}
