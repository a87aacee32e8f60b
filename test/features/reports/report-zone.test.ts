/** Days and hours of zones that are not simple: half hours, days of 23 and 25 hours, midnights that do not exist. */
import { describe, expect, test } from "bun:test";
import { dayAt, dayNumber, dayStart, dayText, offsetAt, segmentsOf } from "../../../src/features/reports/report-zone";

const at = (text: string) => Date.parse(text) / 1_000;
const iso = (time: number) => new Date(time * 1_000).toISOString();
const day = (text: string) => dayNumber(text)!;

test.each([
  ["UTC", "2026-06-01T00:00:00Z", 0],
  ["America/Lima", "2026-06-01T00:00:00Z", -5 * 3_600],
  ["Asia/Kolkata", "2026-06-01T00:00:00Z", 5.5 * 3_600],
  ["Asia/Kathmandu", "2026-06-01T00:00:00Z", 5.75 * 3_600],
  ["America/St_Johns", "2026-01-01T00:00:00Z", -3.5 * 3_600],
  ["Pacific/Kiritimati", "2026-01-01T00:00:00Z", 14 * 3_600],
])("%s is ahead of UTC at %s by %i s", (zone, time, offset) => {
  expect(offsetAt(zone, at(time))).toBe(offset);
});

describe("the first moment of a day", () => {
  test.each([
    ["America/Lima", "2026-11-20", "2026-11-20T05:00:00.000Z"],
    ["Asia/Kolkata", "2026-11-20", "2026-11-19T18:30:00.000Z"],
    ["Europe/Madrid", "2026-03-29", "2026-03-28T23:00:00.000Z"],
    ["Europe/Madrid", "2026-03-30", "2026-03-29T22:00:00.000Z"],
    ["Europe/Madrid", "2026-10-26", "2026-10-25T23:00:00.000Z"],
    // Here the clocks go from 23:59 to 01:00: the day has no midnight.
    ["America/Santiago", "2026-09-06", "2026-09-06T04:00:00.000Z"],
    ["Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00.000Z"],
  ])("%s %s", (zone, text, expected) => {
    expect(iso(dayStart(zone, day(text)))).toBe(expected);
    expect(dayAt(zone, dayStart(zone, day(text)))).toBe(day(text));
    expect(dayAt(zone, dayStart(zone, day(text)) - 1)).toBe(day(text) - 1);
  });

  test("days have 23, 24 and 25 hours, and follow each other without a gap", () => {
    const hours = (zone: string, text: string) => (dayStart(zone, day(text) + 1) - dayStart(zone, day(text))) / 3_600;
    expect(hours("Europe/Madrid", "2026-03-29")).toBe(23);
    expect(hours("Europe/Madrid", "2026-10-25")).toBe(25);
    expect(hours("Australia/Lord_Howe", "2026-04-05")).toBe(24.5);
    expect(hours("America/Lima", "2026-03-29")).toBe(24);
  });
});

test("a year is cut where the clocks change, to the quarter of an hour", () => {
  const [from, to] = [dayStart("Europe/Madrid", day("2026-01-01")), dayStart("Europe/Madrid", day("2027-01-01"))];
  const segments = segmentsOf("Europe/Madrid", from, to);
  expect(segments.map(({ from, to, offset }) => [iso(from), iso(to), offset])).toEqual([
    ["2025-12-31T23:00:00.000Z", "2026-03-29T01:00:00.000Z", 3_600],
    ["2026-03-29T01:00:00.000Z", "2026-10-25T01:00:00.000Z", 7_200],
    ["2026-10-25T01:00:00.000Z", "2026-12-31T23:00:00.000Z", 3_600],
  ]);
  expect(segmentsOf("America/Lima", from, to)).toHaveLength(1);
});

test("days there are not, and zones there are not", () => {
  expect(dayNumber("2026-02-30")).toBeNull();
  expect(dayNumber("2026-2-3")).toBeNull();
  expect(dayText(day("2024-02-29"))).toBe("2024-02-29");
  expect(() => offsetAt("Mars/Olympus", 0)).toThrow("not valid");
});
