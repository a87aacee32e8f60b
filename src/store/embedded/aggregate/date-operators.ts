/** Date operators: parts, truncation, formatting, arithmetic, all in a time zone. */
import { DateTime, Doc, isNumeric, Oid, Timestamp, toNumber, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { integerOf, isNullish, textOf } from "./argument";
import { type DateParts, dayOfWeek, dayOfYear, fromLocal, isoWeek, partsAt, sundayWeek } from "./calendar";
import { formatDate, parseFormatted } from "./date-format";
import { addUnits, boundaries, truncate, type Unit } from "./date-units";
import type { Evaluate, Operator, Scope } from "./expression";

function msOf(value: Value, name: string): number {
  if (value instanceof DateTime) return value.ms;
  if (value instanceof Timestamp) return value.seconds * 1000;
  if (value instanceof Oid) return Number.parseInt(value.hex.slice(0, 8), 16) * 1000;
  throw locationError(16006, `can't convert from type to Date in ${name}`);
}

/** The zone argument; null means the whole result is null. */
function zoneOf(evaluate: Evaluate | undefined, scope: Scope): string | null {
  if (!evaluate) return "UTC";
  const zone = evaluate(scope);
  return isNullish(zone) ? null : textOf(zone, "timezone");
}

const part =
  (pick: (parts: DateParts) => number): Operator =>
  (call) => {
    const named = call.argument instanceof Doc && call.argument.has("date") ? call.named(["date"], ["timezone"]) : null;
    const date = named ? named.get("date")! : call.args()[0]!;
    return (scope) => {
      const value = date(scope);
      const zone = zoneOf(named?.get("timezone"), scope);
      return isNullish(value) || zone === null ? null : pick(partsAt(msOf(value, call.name), zone));
    };
  };

const UNITS = new Set("year quarter month week day hour minute second millisecond".split(" "));

function unitOf(value: Value | undefined, name: string): Unit {
  if (typeof value !== "string" || !UNITS.has(value))
    throw locationError(5439013, `${name}: unknown time unit value: ${String(value)}`);
  return value as Unit;
}

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

function weekStart(value: Value | undefined): number {
  if (isNullish(value)) return 0;
  const day = WEEKDAYS.findIndex(
    (name) => name === String(value).toLowerCase() || name.slice(0, 3) === String(value).toLowerCase(),
  );
  if (day < 0) throw locationError(5439015, `unknown day of week value: ${String(value)}`);
  return day;
}

const dateTrunc: Operator = (call) => {
  const parts = call.named(["date", "unit"], ["binSize", "timezone", "startOfWeek"]);
  return (scope) => {
    const date = parts.get("date")!(scope);
    const zone = zoneOf(parts.get("timezone"), scope);
    if (isNullish(date) || zone === null) return null;
    const unit = unitOf(parts.get("unit")!(scope), call.name);
    const binSize = parts.has("binSize") ? integerOf(parts.get("binSize")!(scope), call.name) : 1;
    if (binSize < 1) throw locationError(5439017, "$dateTrunc requires 'binSize' to be greater than 0");
    return new DateTime(truncate(msOf(date, call.name), unit, binSize, zone, weekStart(parts.get("startOfWeek")?.(scope))));
  };
};

const dateAdd =
  (sign: 1 | -1): Operator =>
  (call) => {
    const parts = call.named(["startDate", "unit", "amount"], ["timezone"]);
    return (scope) => {
      const date = parts.get("startDate")!(scope);
      const amount = parts.get("amount")!(scope);
      const zone = zoneOf(parts.get("timezone"), scope);
      if (isNullish(date) || isNullish(amount) || zone === null) return null;
      const unit = unitOf(parts.get("unit")!(scope), call.name);
      return new DateTime(addUnits(msOf(date, call.name), unit, sign * integerOf(amount, call.name), zone));
    };
  };

const dateDiff: Operator = (call) => {
  const parts = call.named(["startDate", "endDate", "unit"], ["timezone", "startOfWeek"]);
  return (scope) => {
    const start = parts.get("startDate")!(scope);
    const end = parts.get("endDate")!(scope);
    const zone = zoneOf(parts.get("timezone"), scope);
    if (isNullish(start) || isNullish(end) || zone === null) return null;
    const unit = unitOf(parts.get("unit")!(scope), call.name);
    return BigInt(
      boundaries(msOf(start, call.name), msOf(end, call.name), unit, zone, weekStart(parts.get("startOfWeek")?.(scope))),
    );
  };
};

const dateToString: Operator = (call) => {
  const parts = call.named(["date"], ["format", "timezone", "onNull"]);
  return (scope) => {
    const date = parts.get("date")!(scope);
    const zone = zoneOf(parts.get("timezone"), scope);
    if (isNullish(date)) return parts.has("onNull") ? parts.get("onNull")!(scope) : null;
    if (zone === null) return null;
    const format = parts.has("format") ? parts.get("format")!(scope) : undefined;
    if (parts.has("format") && isNullish(format)) return null;
    const pattern = isNullish(format)
      ? zone === "UTC"
        ? "%Y-%m-%dT%H:%M:%S.%LZ"
        : "%Y-%m-%dT%H:%M:%S.%L%z"
      : textOf(format, call.name);
    return formatDate(msOf(date, call.name), pattern, zone);
  };
};

const dateFromString: Operator = (call) => {
  const parts = call.named(["dateString"], ["format", "timezone", "onError", "onNull"]);
  return (scope) => {
    const text = parts.get("dateString")!(scope);
    const zone = zoneOf(parts.get("timezone"), scope);
    if (isNullish(text)) return parts.get("onNull")?.(scope) ?? null;
    if (zone === null) return null;
    const format = parts.get("format")?.(scope);
    const ms = typeof text === "string" ? parseFormatted(text, typeof format === "string" ? format : null, zone) : null;
    if (ms !== null) return new DateTime(ms);
    if (parts.has("onError")) return parts.get("onError")!(scope);
    throw locationError(241, `Error parsing date string '${String(text)}'`);
  };
};

const dateToParts: Operator = (call) => {
  const parts = call.named(["date"], ["timezone", "iso8601"]);
  return (scope) => {
    const date = parts.get("date")!(scope);
    const zone = zoneOf(parts.get("timezone"), scope);
    if (isNullish(date) || zone === null) return null;
    const { year, month, day, ...time } = partsAt(msOf(date, call.name), zone);
    if (parts.get("iso8601")?.(scope) !== true) return Doc.of({ year, month, day, ...time });
    const local = { year, month, day, ...time };
    const iso = isoWeek(local);
    return Doc.of({ isoWeekYear: iso.year, isoWeek: iso.week, isoDayOfWeek: ((dayOfWeek(local) + 5) % 7) + 1, ...time });
  };
};

const FROM_PARTS = { month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };

const dateFromParts: Operator = (call) => {
  const parts = call.named(["year"], [...Object.keys(FROM_PARTS), "timezone"]);
  return (scope) => {
    const zone = zoneOf(parts.get("timezone"), scope);
    if (zone === null) return null;
    const out: DateParts = { year: 0, ...FROM_PARTS };
    for (const [name, evaluate] of parts) {
      if (name === "timezone") continue;
      const value = evaluate(scope);
      if (isNullish(value)) return null;
      if (!isNumeric(value)) throw locationError(40515, `'${name}' must evaluate to an integer, found ${String(value)}`);
      out[name as keyof DateParts] = Math.trunc(toNumber(value));
    }
    return new DateTime(fromLocal(out, zone));
  };
};

export const DATES: Record<string, Operator> = {
  $year: part(({ year }) => year),
  $month: part(({ month }) => month),
  $dayOfMonth: part(({ day }) => day),
  $hour: part(({ hour }) => hour),
  $minute: part(({ minute }) => minute),
  $second: part(({ second }) => second),
  $millisecond: part(({ millisecond }) => millisecond),
  $dayOfWeek: part(dayOfWeek),
  $dayOfYear: part(dayOfYear),
  $week: part(sundayWeek),
  $isoDayOfWeek: part((parts) => ((dayOfWeek(parts) + 5) % 7) + 1),
  $isoWeek: part((parts) => isoWeek(parts).week),
  $isoWeekYear: part((parts) => isoWeek(parts).year),
  $dateTrunc: dateTrunc,
  $dateAdd: dateAdd(1),
  $dateSubtract: dateAdd(-1),
  $dateDiff: dateDiff,
  $dateToString: dateToString,
  $dateFromString: dateFromString,
  $dateToParts: dateToParts,
  $dateFromParts: dateFromParts,
};
