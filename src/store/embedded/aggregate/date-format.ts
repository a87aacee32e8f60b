/** Dates as text and back, in MongoDB's format language (%Y %m %d %H %M %S %L ...). */
import { locationError } from "../command-error";
import { type DateParts, dayOfWeek, dayOfYear, fromLocal, isoWeek, offsetAt, parseIso, partsAt, sundayWeek } from "./calendar";

const pad = (value: number, width: number): string => String(value).padStart(width, "0");
const MONTH_NAMES = "January February March April May June July August September October November December".split(" ");

function offsetText(ms: number, zone: string): string {
  const minutes = offsetAt(ms, zone) / 60_000;
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(absolute / 60), 2)}${pad(absolute % 60, 2)}`;
}

const WRITERS: Record<string, (parts: DateParts, ms: number, zone: string) => string> = {
  Y: ({ year }) => pad(year, 4),
  m: ({ month }) => pad(month, 2),
  d: ({ day }) => pad(day, 2),
  H: ({ hour }) => pad(hour, 2),
  M: ({ minute }) => pad(minute, 2),
  S: ({ second }) => pad(second, 2),
  L: ({ millisecond }) => pad(millisecond, 3),
  j: (parts) => pad(dayOfYear(parts), 3),
  w: (parts) => String(dayOfWeek(parts)),
  u: (parts) => String(((dayOfWeek(parts) + 5) % 7) + 1),
  U: (parts) => pad(sundayWeek(parts), 2),
  V: (parts) => pad(isoWeek(parts).week, 2),
  G: (parts) => pad(isoWeek(parts).year, 4),
  b: ({ month }) => MONTH_NAMES[month - 1]!.slice(0, 3),
  B: ({ month }) => MONTH_NAMES[month - 1]!,
  z: (_parts, ms, zone) => offsetText(ms, zone),
  Z: (_parts, ms, zone) => String(offsetAt(ms, zone) / 60_000),
  "%": () => "%",
};

export function formatDate(ms: number, format: string, zone: string): string {
  const parts = partsAt(ms, zone);
  return format.replace(/%(.?)/g, (_, letter: string) => {
    const write = WRITERS[letter];
    if (!write) throw locationError(18536, `Invalid format character '%${letter}' in format string`);
    return write(parts, ms, zone);
  });
}

const READERS: Record<string, [pattern: string, field: keyof DateParts | "zone" | null]> = {
  Y: ["(\\d{4})", "year"],
  m: ["(\\d{1,2})", "month"],
  d: ["(\\d{1,2})", "day"],
  H: ["(\\d{1,2})", "hour"],
  M: ["(\\d{1,2})", "minute"],
  S: ["(\\d{1,2})", "second"],
  L: ["(\\d{1,3})", "millisecond"],
  z: ["(Z|[+-]\\d{2}:?\\d{2})", "zone"],
  "%": ["%", null],
};

/** Milliseconds of a text in a format (ISO 8601 when null); null when it does not fit. */
export function parseFormatted(text: string, format: string | null, zone: string): number | null {
  if (format === null) return parseIso(text, zone);
  const fields: (keyof DateParts | "zone")[] = [];
  const escaped = format.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = escaped.replace(/%(.?)/g, (_, letter: string) => {
    const reader = READERS[letter];
    if (!reader) throw locationError(18536, `Invalid format character '%${letter}' in format string`);
    if (reader[1]) fields.push(reader[1]);
    return reader[0];
  });
  const found = new RegExp(`^${pattern}$`).exec(text);
  if (!found) return null;
  const parts: DateParts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
  let own = zone;
  fields.forEach((field, i) => {
    const value = found[i + 1]!;
    if (field === "zone") own = value;
    else parts[field] = Number(value);
  });
  return fromLocal(parts, own);
}
