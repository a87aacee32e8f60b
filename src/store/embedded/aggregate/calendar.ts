/** Calendar arithmetic in time zones, for the date operators. Offsets come from the zone database of the runtime. */
import { locationError } from "../command-error";

export interface DateParts {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const OFFSET = /^([+-])(\d{2}):?(\d{2})?$/;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format) return format;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      era: "short",
    });
  } catch (error) {
    // RangeError: the runtime does not know the zone.
    throw locationError(40485, `unrecognized time zone identifier: "${zone}" (${String(error)})`);
  }
  formats.set(zone, format);
  return format;
}

const isUtc = (zone: string): boolean => zone === "UTC" || zone === "GMT" || zone === "Z";

/** Milliseconds that local time is ahead of UTC at an instant. */
export function offsetAt(ms: number, zone: string): number {
  if (isUtc(zone)) return 0;
  const fixed = OFFSET.exec(zone);
  if (fixed) return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3] ?? 0)) * MINUTE;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const number = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const year = parts.get("era") === "BC" ? 1 - number("year") : number("year");
  const local = utc({
    year,
    month: number("month"),
    day: number("day"),
    hour: number("hour"),
    minute: number("minute"),
    second: number("second"),
    millisecond: 0,
  });
  return local - Math.floor(ms / 1000) * 1000;
}

/** The instant of parts read as UTC; parts may overflow (month 13 is January of the next year). */
export function utc(parts: DateParts): number {
  const ms = Date.UTC(2000, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second, parts.millisecond);
  if (parts.year === 2000) return ms;
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  return date.getTime() + parts.hour * 3_600_000 + parts.minute * MINUTE + parts.second * 1000 + parts.millisecond;
}

export function partsAt(ms: number, zone: string): DateParts {
  const local = new Date(ms + offsetAt(ms, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
}

/** The instant of local parts in a zone. In the hour that a clock change skips, the later side is taken. */
export function fromLocal(parts: DateParts, zone: string): number {
  const local = utc(parts);
  const guess = local - offsetAt(local, zone);
  return local - offsetAt(guess, zone);
}

/** 1 (Sunday) to 7 (Saturday). */
export const dayOfWeek = (parts: DateParts): number => new Date(utc(parts)).getUTCDay() + 1;

export const dayOfYear = (parts: DateParts): number => Math.floor((utc(parts) - utc({ ...parts, month: 1, day: 1 })) / DAY) + 1;

/** ISO week and the year it belongs to. */
export function isoWeek(parts: DateParts): { week: number; year: number } {
  const midnight = utc({ ...parts, hour: 0, minute: 0, second: 0, millisecond: 0 });
  const weekday = (dayOfWeek(parts) + 5) % 7;
  const thursday = midnight + (3 - weekday) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  const first = utc({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 });
  return { week: Math.floor((thursday - first) / DAY / 7) + 1, year };
}

/** Week of the year, weeks starting on Sunday; days before the first Sunday are week 0. */
export const sundayWeek = (parts: DateParts): number => Math.floor((dayOfYear(parts) + 6 - (dayOfWeek(parts) - 1)) / 7);

export const isoText = (ms: number): string => {
  const { year, month, day, hour, minute, second, millisecond } = partsAt(ms, "UTC");
  const pad = (value: number, width: number) => String(value).padStart(width, "0");
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(millisecond, 3)}Z`;
};

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** Milliseconds of ISO 8601 text; null when it is not such a text. */
export function parseIso(text: string, zone = "UTC"): number | null {
  const found = ISO.exec(text);
  if (!found) return null;
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = "0", own] = found;
  const parts = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    millisecond: Math.floor(Number(`0.${fraction}`) * 1000),
  };
  if (parts.month < 1 || parts.month > 12 || parts.day < 1 || parts.day > 31 || parts.hour > 24) return null;
  return fromLocal(parts, own ?? zone);
}
