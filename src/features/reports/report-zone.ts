/** Days and hours as the viewer's clock shows them: zones with half hours, and days of 23 and 25 hours. Pure. */
import { fail } from "../../core/errors";
import type { Segment } from "./report-port";

const DAY_S = 86_400;
/** All offsets, and all their changes, are multiples of it. */
const QUARTER_S = 900;
/** No zone is further from UTC. */
const FARTHEST_S = 16 * 3_600;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
    return format;
  } catch (error) {
    // RangeError: there is no such zone.
    throw fail("request.invalid", { details: [{ path: "query.zone", message: "there is no such time zone" }], cause: error });
  }
}

/** Seconds the zone is ahead of UTC at this time, in seconds since 1970. */
export function offsetAt(zone: string, time: number): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(time * 1_000)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1_000 - time;
}

/** The stretch of time cut where the zone changes its clocks. */
export function segmentsOf(zone: string, from: number, to: number): Segment[] {
  const segments: Segment[] = [];
  let begun = from;
  let offset = offsetAt(zone, from);
  for (let time = from; time < to; ) {
    const next = Math.min(time + DAY_S, to);
    const after = offsetAt(zone, next);
    if (after !== offset) {
      const change = changeBetween(zone, time, next, offset);
      segments.push({ from: begun, to: change, offset });
      begun = change;
      offset = after;
    }
    time = next;
  }
  return begun < to ? [...segments, { from: begun, to, offset }] : segments;
}

/** When the clocks change between two times. */
function changeBetween(zone: string, before: number, after: number, offset: number): number {
  let low = Math.floor(before / QUARTER_S);
  let high = Math.ceil(after / QUARTER_S);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * QUARTER_S) === offset) low = middle;
    else high = middle;
  }
  return high * QUARTER_S;
}

/** The first moment of a local day, counted from 1970-01-01. In some zones the clocks change at midnight: then it begins at one. */
export function dayStart(zone: string, day: number): number {
  const earliest = day * DAY_S - FARTHEST_S;
  let low = earliest / QUARTER_S;
  let high = (day * DAY_S + FARTHEST_S) / QUARTER_S;
  // Local days never go back.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const time = middle * QUARTER_S;
    if (Math.floor((time + offsetAt(zone, time)) / DAY_S) >= day) high = middle;
    else low = middle + 1;
  }
  return low * QUARTER_S;
}

/** The number of the local day at a time. */
export const dayAt = (zone: string, time: number): number => Math.floor((time + offsetAt(zone, time)) / DAY_S);

/** `2026-11-20`; null for a day there is not. */
export function dayNumber(text: string): number | null {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? null : time / 1_000 / DAY_S;
}

export const dayText = (day: number): string => new Date(day * DAY_S * 1_000).toISOString().slice(0, 10);
