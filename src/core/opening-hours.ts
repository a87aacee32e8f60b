/**
 * When somebody is there: weekly hours on the clock of a place, with days that differ. Pure. A moment is open when the clock on the
 * wall of that place says so: where an hour comes twice it is open twice, where one is left out nobody misses it.
 */
import { type LocalDay, localDayOf, momentsOf } from "./time-zone";

/** `HH:MM`, `24:00` at most. One that does not end later than it begins goes on into the next day. */
export interface Span {
  from: string;
  to: string;
}

export interface Holiday {
  /** `2026-12-25` once, `12-25` every year. */
  date: string;
  /** Open at these times; closed all day when empty. */
  spans: readonly Span[];
}

export interface OpeningHours {
  /** IANA name such as America/Lima. */
  zone: string;
  /** Seven days, Sunday first. */
  week: readonly (readonly Span[])[];
  holidays: readonly Holiday[];
}

/** From the first millisecond that is open to the first that is not. */
export interface Interval {
  from: number;
  to: number;
}

const DAY_MS = 86_400_000;
/** Whoever does not open within this time never does. */
const LONGEST_REST_DAYS = 400;
const LONGEST_WALK_DAYS = 3_700;
const MOST_REMEMBERED = 1_000;
const remembered = new WeakMap<OpeningHours, Map<LocalDay, readonly Interval[]>>();

/** Whether it is open at this moment (milliseconds since 1970). */
export function isOpenAt(hours: OpeningHours, at: number): boolean {
  const today = localDayOf(hours.zone, at);
  return [today - 1, today].some((day) => intervalsOf(hours, day).some(({ from, to }) => from <= at && at < to));
}

/** The first open moment at or after `at`; null when there is none within 400 days. */
export function nextOpening(hours: OpeningHours, at: number): number | null {
  for (const { from } of openings(hours, at, LONGEST_REST_DAYS)) return Math.max(from, at);
  return null;
}

/** Milliseconds of open time from `a` to `b`; negative when `b` is before `a`. */
export function openMillisBetween(hours: OpeningHours, a: number, b: number): number {
  if (b < a) return -openMillisBetween(hours, b, a);
  let sum = 0;
  for (const { from, to } of openings(hours, a, (b - a) / DAY_MS + 3)) {
    if (from >= b) break;
    sum += Math.min(to, b) - Math.max(from, a);
  }
  return sum;
}

/** When `ms` milliseconds of open time have passed since `from`; null when that is never. */
export function addOpenMillis(hours: OpeningHours, from: number, ms: number): number | null {
  let left = ms;
  let lastOpen = from;
  for (const interval of openings(hours, from, LONGEST_WALK_DAYS)) {
    // Nothing opened for so long: nothing will.
    if (interval.from - lastOpen > LONGEST_REST_DAYS * DAY_MS) return null;
    const begin = Math.max(interval.from, from);
    const length = interval.to - begin;
    if (length >= left) return begin + left;
    left -= length;
    lastOpen = interval.to;
  }
  return null;
}

/** Open times that end after `at`, in order and without overlap. */
function* openings(hours: OpeningHours, at: number, days: number): Generator<Interval> {
  const first = localDayOf(hours.zone, at) - 1;
  let current: Interval | null = null;
  for (let day = first; day <= first + days + 1; day++) {
    for (const one of intervalsOf(hours, day)) {
      if (one.to <= at) continue;
      if (current && one.from <= current.to) current = { from: current.from, to: Math.max(current.to, one.to) };
      else {
        if (current) yield current;
        current = one;
      }
    }
  }
  if (current) yield current;
}

/** What begins on this day, in order. */
function intervalsOf(hours: OpeningHours, day: LocalDay): readonly Interval[] {
  const known = remembered.get(hours) ?? new Map<LocalDay, readonly Interval[]>();
  remembered.set(hours, known);
  const found = known.get(day);
  if (found) return found;
  const intervals = spansOf(hours, day)
    .flatMap((span) => {
      const from = day * DAY_MS + minutesOf(span.from) * 60_000;
      const to = day * DAY_MS + minutesOf(span.to) * 60_000;
      return momentsOf(hours.zone, from, to > from ? to : to + DAY_MS);
    })
    .sort((a, b) => a.from - b.from);
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.set(day, intervals);
  return intervals;
}

function spansOf({ week, holidays }: OpeningHours, day: LocalDay): readonly Span[] {
  const date = new Date(day * DAY_MS);
  const text = date.toISOString().slice(0, 10);
  const holiday = holidays.find((one) => one.date === text) ?? holidays.find((one) => one.date === text.slice(5));
  return holiday ? holiday.spans : (week[date.getUTCDay()] ?? []);
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
