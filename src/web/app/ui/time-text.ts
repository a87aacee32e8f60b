/** Times as people read them, in the language of the app. */
import { dateFormat, numberFormat, relativeFormat } from "../i18n/locale";

const HOUR_MINUTE = dateFormat({ hour: "numeric", minute: "2-digit" });
const PRECISE = dateFormat({
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const FULL = dateFormat({ dateStyle: "full", timeStyle: "medium" });
const WEEKDAY = dateFormat({ weekday: "long" });
const SHORT_WEEKDAY = dateFormat({ weekday: "short" });
const DATE = dateFormat({ day: "numeric", month: "long", year: "numeric" });
const SHORT_DATE = dateFormat({ day: "numeric", month: "short" });
const SHORT_DATE_YEAR = dateFormat({ day: "numeric", month: "short", year: "numeric" });
const SHORT_MOMENT = dateFormat({ weekday: "short", hour: "numeric", minute: "2-digit" });
const FAR_MOMENT = dateFormat({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const WHOLE_MOMENT = dateFormat({ weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
const SECONDS = numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 });

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export type Moment = string | number;

/** `9:38` */
export const clockTime = (at: Moment): string => HOUR_MINUTE().format(new Date(at));

/** `09:40:02.114`, for trails where order within a second matters. */
export const preciseTime = (at: Moment): string => PRECISE().format(new Date(at));

/** The whole date and time, for titles. */
export const fullTime = (at: Moment): string => FULL().format(new Date(at));

/** `Friday 20 November, 9:00`: a moment that is about to be decided upon. */
export const fullMoment = (at: Moment): string => WHOLE_MOMENT().format(new Date(at));

/** `Fri 9:00`: a moment of the coming days. */
export const shortMoment = (at: Moment): string => SHORT_MOMENT().format(new Date(at));

/** `Fri 9:00` within a week, later `25 Dec, 9:00`. */
export const nearMoment = (at: Moment, now: number): string =>
  (new Date(at).getTime() - now < 6 * DAY_MS ? SHORT_MOMENT() : FAR_MOMENT()).format(new Date(at));

/** `12 Sep`, with the year when it is another one. */
export const shortDate = (at: Moment, now: number): string =>
  (new Date(at).getFullYear() === new Date(now).getFullYear() ? SHORT_DATE() : SHORT_DATE_YEAR()).format(new Date(at));

/** `2026-11-29T14:05` in local time, as fields for date and time write it. */
export function localMoment(at: Moment): string {
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** The local calendar day as a key that can be compared. */
export const dayKey = (at: Moment): string => new Date(at).toDateString();

/** `Today`, `Yesterday`, a weekday within the last week, else the date. */
export function dayName(at: Moment, now: number): string {
  const days = daysAgo(at, now);
  if (days === 0 || days === 1) return capital(relativeFormat().format(-days, "day"));
  return capital(days > 1 && days < 7 ? WEEKDAY().format(new Date(at)) : DATE().format(new Date(at)));
}

/** How long ago, as a list has room for: `now`, `5m`, the time of today, a weekday, a date. */
export function listTime(at: Moment, now: number): string {
  const past = now - new Date(at).getTime();
  if (past < MINUTE_MS) return relativeFormat().format(0, "second");
  if (past < HOUR_MS) return `${Math.floor(past / MINUTE_MS)}m`;
  const days = daysAgo(at, now);
  if (days === 0) return clockTime(at);
  return days < 7 ? SHORT_WEEKDAY().format(new Date(at)) : shortDate(at, now);
}

/** How long something took: `3 ms`, `0.4 s`, `12 s`. */
export function durationText(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${SECONDS().format(ms / 1000)} s` : `${Math.round(ms / 1000)} s`;
}

/** How long until a moment: `23 h`, `58 min`; null when it has passed. */
export function timeLeft(at: Moment, now: number): string | null {
  const left = new Date(at).getTime() - now;
  if (left <= 0) return null;
  return left >= HOUR_MS ? `${Math.floor(left / HOUR_MS)} h` : `${Math.max(1, Math.floor(left / MINUTE_MS))} min`;
}

/** `1:05`, as players show positions. */
export function playTime(seconds: number): string {
  const whole = Math.max(0, Math.round(Number.isFinite(seconds) ? seconds : 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const daysAgo = (at: Moment, now: number): number => Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

function startOfDay(at: Moment): number {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}
