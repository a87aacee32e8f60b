/** Steps on the calendar: truncating to a unit, adding units, counting the boundaries between two instants. */
import { type DateParts, dayOfWeek, fromLocal, partsAt, utc } from "./calendar";

export type Unit = "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second" | "millisecond";

const DAY = 86_400_000;
const FIXED = { week: 7 * DAY, day: DAY, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 } as const;
const MONTHS = { year: 12, quarter: 3, month: 1 } as const;

const isMonthly = (unit: Unit): unit is keyof typeof MONTHS => unit in MONTHS;
const midnight = { hour: 0, minute: 0, second: 0, millisecond: 0 };

/** MongoDB counts bins from the first day of 2000, or for weeks from the first start of a week in it. */
const REFERENCE = { year: 2000, month: 1, day: 1, ...midnight };
const referenceWeek = (start: number): number => {
  const first = utc(REFERENCE);
  return first + ((start - (dayOfWeek(REFERENCE) - 1) + 7) % 7) * DAY;
};

const localMs = (parts: DateParts): number => utc(parts);

/** The start of the bin of `size` units that holds the instant. `weekStart` is 0 for Sunday. */
export function truncate(ms: number, unit: Unit, size: number, zone: string, weekStart: number): number {
  const parts = partsAt(ms, zone);
  if (isMonthly(unit)) {
    const months = (parts.year - 2000) * 12 + parts.month - 1;
    const step = MONTHS[unit] * size;
    const at = Math.floor(months / step) * step;
    return fromLocal({ year: 2000 + Math.floor(at / 12), month: (((at % 12) + 12) % 12) + 1, day: 1, ...midnight }, zone);
  }
  const step = FIXED[unit] * size;
  const reference = unit === "week" ? referenceWeek(weekStart) : utc(REFERENCE);
  if (unit === "week" || unit === "day") {
    const at = reference + Math.floor((localMs(parts) - reference) / step) * step;
    return fromLocal(partsAt(at, "UTC"), zone);
  }
  // Hours and shorter are counted in elapsed time from the reference instant in the zone.
  const from = fromLocal(REFERENCE, zone);
  return from + Math.floor((ms - from) / step) * step;
}

/** Adds whole units; a day that the month does not have becomes its last day. */
export function addUnits(ms: number, unit: Unit, amount: number, zone: string): number {
  const parts = partsAt(ms, zone);
  if (isMonthly(unit)) {
    const months = parts.year * 12 + parts.month - 1 + amount * MONTHS[unit];
    const year = Math.floor(months / 12);
    const month = (months % 12) + 1;
    const lastDay = partsAt(utc({ year, month: month + 1, day: 0, ...midnight }), "UTC").day;
    return fromLocal({ ...parts, year, month, day: Math.min(parts.day, lastDay) }, zone);
  }
  if (unit === "week" || unit === "day")
    return fromLocal({ ...parts, day: parts.day + amount * (unit === "week" ? 7 : 1) }, zone);
  return ms + amount * FIXED[unit];
}

/** How many starts of a unit lie between two instants. */
export function boundaries(from: number, to: number, unit: Unit, zone: string, weekStart: number): number {
  const a = partsAt(from, zone);
  const b = partsAt(to, zone);
  const months = (parts: DateParts) => parts.year * 12 + parts.month - 1;
  if (isMonthly(unit)) return Math.floor(months(b) / MONTHS[unit]) - Math.floor(months(a) / MONTHS[unit]);
  const day = (parts: DateParts) => Math.floor(utc({ ...parts, ...midnight }) / DAY);
  if (unit === "day") return day(b) - day(a);
  if (unit === "week") {
    const week = (parts: DateParts) => Math.floor((day(parts) - referenceWeek(weekStart) / DAY) / 7);
    return week(b) - week(a);
  }
  return Math.floor(to / FIXED[unit]) - Math.floor(from / FIXED[unit]);
}
