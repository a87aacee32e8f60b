/** Times as people read them, in the language of the browser. */

const HOUR_MINUTE = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const PRECISE = new Intl.DateTimeFormat(undefined, {
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export type Moment = string | number;

/** `9:38` */
export const clockTime = (at: Moment): string => HOUR_MINUTE.format(new Date(at));

/** `09:40:02.114`, for trails where order within a second matters. */
export const preciseTime = (at: Moment): string => PRECISE.format(new Date(at));

/** The whole date and time, for titles. */
export const fullTime = (at: Moment): string => FULL.format(new Date(at));

/** The local calendar day as a key that can be compared. */
export const dayKey = (at: Moment): string => new Date(at).toDateString();

/** `Today`, `Yesterday`, a weekday within the last week, else the date. */
export function dayName(at: Moment, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return days > 1 && days < 7 ? WEEKDAY.format(new Date(at)) : DATE.format(new Date(at));
}

/** How long something took: `3 ms`, `0.4 s`, `12 s`. */
export function durationText(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** How long until a moment: `23 h`, `58 min`; null when it has passed. */
export function timeLeft(at: Moment, now: number): string | null {
  const left = new Date(at).getTime() - now;
  if (left <= 0) return null;
  return left >= HOUR_MS ? `${Math.floor(left / HOUR_MS)} h` : `${Math.max(1, Math.floor(left / MINUTE_MS))} min`;
}

function startOfDay(at: Moment): number {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}
