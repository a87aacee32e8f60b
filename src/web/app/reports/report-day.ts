/** Days as reports name them (`2026-11-20`), in the zone of whoever reads, and as people write them. Pure. */
import { dateFormat } from "../i18n/locale";

const DAY_MS = 86_400_000;
const SHORT = dateFormat({ day: "numeric", month: "short" });
const LONG = dateFormat({ weekday: "short", day: "numeric", month: "short" });
const YEAR = dateFormat({ day: "numeric", month: "short", year: "numeric" });
const MONTH = dateFormat({ month: "short", year: "numeric" });
const HOUR = dateFormat({ hour: "numeric", minute: "2-digit" });
const LONG_HOUR = dateFormat({ weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const WEEKDAY = dateFormat({ weekday: "short", timeZone: "UTC" });

/** Of the browser: `America/Lima`. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `Lima`, of `America/Lima`. */
export const placeName = (name: string): string => (name.split("/").at(-1) ?? name).replaceAll("_", " ");

/** The local day of a moment. */
export function dayText(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

export const shiftDay = (day: string, by: number): string => new Date(Date.parse(day) + by * DAY_MS).toISOString().slice(0, 10);

/** Both included. */
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;

/** When a local day begins, for routes that take moments. */
export const startOf = (day: string): string => new Date(`${day}T00:00`).toISOString();

/** `22 Oct`, `22 Oct 2025`, `Nov 2026`, `14:00`: the start of a step on an axis. */
export function shortStep(local: string): string {
  if (local.length === 7) return MONTH().format(new Date(`${local}-01T12:00`));
  return local.length > 10 ? HOUR().format(new Date(local)) : SHORT().format(new Date(`${local}T12:00`));
}

/** `Fri 13 Nov`, `Fri 13 Nov, 14:00`. */
export function longStep(local: string): string {
  if (local.length === 7) return shortStep(local);
  return local.length > 10 ? LONG_HOUR().format(new Date(local)) : LONG().format(new Date(`${local}T12:00`));
}

/** `22 Oct – 20 Nov 2026`, or the one day. */
export function spanText(from: string, to: string): string {
  const [start, end] = [new Date(`${from}T12:00`), new Date(`${to}T12:00`)];
  return YEAR().formatRange(start, end);
}

/** Monday to Sunday. 1970-01-05 was a Monday. */
export const weekdays = (): string[] => Array.from({ length: 7 }, (_, day) => WEEKDAY().format(new Date((4 + day) * DAY_MS)));
