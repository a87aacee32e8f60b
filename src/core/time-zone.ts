/** The clock on the wall of a place, by the IANA rules that the runtime carries. Pure. */

/** Days since 1970-01-01 as the place counts them. */
export type LocalDay = number;

const DAY_MS = 86_400_000;
/** No place is further from UTC. */
const FURTHEST_MS = 15 * 3_600_000;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime knows this zone. */
export function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && clockOf(zone) !== undefined;
  } catch {
    // RangeError: there is no such zone.
    return false;
  }
}

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (!clock) {
    const fields = {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    } as const;
    clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, calendar: "iso8601", hourCycle: "h23", era: "short", ...fields });
    clocks.set(zone, clock);
  }
  return clock;
}

/** What the clock on the wall shows, as milliseconds since a 1970-01-01 00:00 of its own. */
export function wallOf(zone: string, at: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of clockOf(zone).formatToParts(at)) parts[type] = value;
  const { year, month, day, hour, minute, second } = parts;
  const shown = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  // The clock shows whole seconds.
  return shown + (((at % 1_000) + 1_000) % 1_000);
}

export const localDayOf = (zone: string, at: number): LocalDay => Math.floor(wallOf(zone, at) / DAY_MS);

/** Every moment at which the clock on the wall shows `from` or later, and earlier than `to`. Spans of two days at most. */
export function momentsOf(zone: string, from: number, to: number): { from: number; to: number }[] {
  return piecesOf(zone, from - FURTHEST_MS, to + FURTHEST_MS).flatMap(({ start, end, offset }) => {
    const moments = { from: Math.max(start, from - offset), to: Math.min(end, to - offset) };
    return moments.from < moments.to ? [moments] : [];
  });
}

interface Piece {
  start: number;
  end: number;
  offset: number;
}

/** The time between two moments, cut where the clocks are changed. */
function piecesOf(zone: string, start: number, end: number): Piece[] {
  const offsetAt = (at: number) => wallOf(zone, at) - at;
  const pieces: Piece[] = [];
  // Clocks are never changed twice within half a day.
  const step = DAY_MS / 2;
  for (let at = start; at < end; at += step) {
    const until = Math.min(at + step, end);
    const [before, after] = [offsetAt(at), offsetAt(until)];
    if (before === after) pieces.push({ start: at, end: until, offset: before });
    else {
      const change = changeBetween(at, until, (moment) => offsetAt(moment) === before);
      pieces.push({ start: at, end: change, offset: before }, { start: change, end: until, offset: after });
    }
  }
  return joined(pieces);
}

/** The first moment at which `isBefore` no longer holds. */
function changeBetween(low: number, high: number, isBefore: (at: number) => boolean): number {
  let [from, to] = [low, high];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (isBefore(middle)) from = middle;
    else to = middle;
  }
  return to;
}

function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last && last.offset === piece.offset && last.end === piece.start) last.end = piece.end;
    else result.push({ ...piece });
  }
  return result;
}
