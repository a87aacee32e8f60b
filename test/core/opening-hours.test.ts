/** Opening hours against the clock that Intl shows: many zones, every change of the clocks, nights, holidays. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  addOpenMillis,
  isOpenAt,
  nextOpening,
  type OpeningHours,
  openMillisBetween,
  type Span,
} from "../../src/core/opening-hours";
import { isTimeZone } from "../../src/core/time-zone";

setDefaultTimeout(30_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);
const office: readonly Span[] = [{ from: "09:00", to: "18:00" }];
const weekdays = [[], office, office, office, office, office, []] as const;
const lima: OpeningHours = { zone: "America/Lima", week: weekdays, holidays: [] };

/** Numbers that are the same in every run. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const ZONES = [
  "America/Lima",
  "America/Sao_Paulo",
  "America/New_York",
  "America/Santiago",
  "America/Havana",
  "Europe/Madrid",
  "Africa/Casablanca",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Asia/Tehran",
  "UTC",
];

const walls = new Map<string, Intl.DateTimeFormat>();
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** What the wall says, asked in another way than the product does. */
function wall(zone: string, moment: number): { date: string; weekday: number; minutes: number } {
  let format = walls.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      weekday: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      hour12: false,
    });
    walls.set(zone, format);
  }
  // "Fri, 11/27/2026, 09:05", where midnight is 24.
  const [weekday = "", day = "", time = ""] = format.format(moment).split(", ");
  const [month = "", date = "", year = ""] = day.split("/");
  const [hour, minute] = time.split(":").map(Number);
  return {
    date: `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`,
    weekday: DAYS.indexOf(weekday),
    minutes: (Number(hour) % 24) * 60 + Number(minute),
  };
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function oracle({ zone, week, holidays }: OpeningHours, moment: number): boolean {
  const { date, weekday, minutes } = wall(zone, moment);
  const yesterday = new Date(Date.parse(`${date}T00:00:00Z`) - DAY);
  const spansOf = (day: string, of: number) =>
    (holidays.find((one) => one.date === day) ?? holidays.find((one) => one.date === day.slice(5)))?.spans ?? week[of] ?? [];
  const isNight = ({ from, to }: Span) => minutesOf(to) <= minutesOf(from);
  const today = spansOf(date, weekday).some(
    (span) => minutesOf(span.from) <= minutes && (isNight(span) || minutes < minutesOf(span.to)),
  );
  const lastNight = spansOf(yesterday.toISOString().slice(0, 10), yesterday.getUTCDay()).some(
    (span) => isNight(span) && minutes < minutesOf(span.to),
  );
  return today || lastNight;
}

function randomHours(random: (below: number) => number): OpeningHours {
  const time = (below = 1_440) => {
    const minutes = random(below);
    return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  };
  const spans = () => Array.from({ length: random(3) }, () => ({ from: time(), to: random(5) === 0 ? "24:00" : time() }));
  return {
    zone: ZONES[random(ZONES.length)] as string,
    week: Array.from({ length: 7 }, spans),
    holidays: [
      { date: "12-25", spans: [] },
      { date: `2026-0${1 + random(9)}-${10 + random(18)}`, spans: spans() },
    ],
  };
}

/** Moments at which clocks are changed somewhere, and any other ones. */
function randomMoment(random: (below: number) => number): number {
  const changes = [
    "2026-03-08T07:00Z",
    "2026-11-01T06:00Z",
    "2026-03-29T01:00Z",
    "2026-10-25T01:00Z",
    "2026-04-04T15:00Z",
    "2011-12-30T10:00Z",
  ];
  const base = random(2) === 0 ? at(changes[random(changes.length)] as string) : at("2026-01-01T00:00Z") + random(365) * DAY;
  return base + (random(2 * 48 * 60) - 48 * 60) * MINUTE;
}

describe("by the clock on the wall", () => {
  test("open exactly when Intl's clock is inside the hours: 6,000 random moments in 14 zones", () => {
    const random = randomOf(7);
    for (let round = 0; round < 400; round++) {
      const hours = randomHours(random);
      for (let index = 0; index < 15; index++) {
        const moment = randomMoment(random);
        if (isOpenAt(hours, moment) !== oracle(hours, moment))
          throw new Error(`${new Date(moment).toISOString()} in ${JSON.stringify(hours)}: not ${isOpenAt(hours, moment)}`);
      }
    }
  });

  test("open time between two moments is the sum of its open minutes", () => {
    const random = randomOf(11);
    for (let round = 0; round < 20; round++) {
      const hours = randomHours(random);
      const from = randomMoment(random);
      const to = from + random(3 * 24 * 60) * MINUTE;
      let minutes = 0;
      for (let moment = from; moment < to; moment += MINUTE) if (oracle(hours, moment)) minutes++;
      expect([round, openMillisBetween(hours, from, to)]).toEqual([round, minutes * MINUTE]);
      expect(openMillisBetween(hours, to, from)).toBe(minutes === 0 ? -0 : -minutes * MINUTE);
    }
  });

  test("adding open time is the inverse of measuring it, and the next opening is the first open minute", () => {
    const random = randomOf(13);
    for (let round = 0; round < 150; round++) {
      const hours = randomHours(random);
      const from = randomMoment(random);
      const ms = 1 + random(40 * 60) * MINUTE;
      const due = addOpenMillis(hours, from, ms);
      const opens = nextOpening(hours, from);
      if (due === null) expect(hours.week.flat()).toEqual([]);
      else expect([round, openMillisBetween(hours, from, due)]).toEqual([round, ms]);
      if (opens === null) continue;
      expect(oracle(hours, opens)).toBe(true);
      if (opens > from) expect(oracle(hours, opens - MINUTE)).toBe(false);
      expect(openMillisBetween(hours, from, opens)).toBe(0);
    }
  });
});

describe("known cases", () => {
  test("closed at night and on Sunday, open from the first to before the last minute", () => {
    expect(isOpenAt(lima, at("2026-11-27T13:59:59.999Z"))).toBe(false);
    expect(isOpenAt(lima, at("2026-11-27T14:00:00Z"))).toBe(true);
    expect(isOpenAt(lima, at("2026-11-27T22:59:59.999Z"))).toBe(true);
    expect(isOpenAt(lima, at("2026-11-27T23:00:00Z"))).toBe(false);
    expect(isOpenAt(lima, at("2026-11-29T17:00:00Z"))).toBe(false);
    expect(nextOpening(lima, at("2026-11-27T23:00:00Z"))).toBe(at("2026-11-30T14:00:00Z"));
    expect(nextOpening(lima, at("2026-11-27T15:00:00Z"))).toBe(at("2026-11-27T15:00:00Z"));
  });

  test("an hour that comes twice is open twice, one that is left out is not there", () => {
    const night: OpeningHours = { zone: "America/New_York", week: Array(7).fill([{ from: "01:00", to: "03:00" }]), holidays: [] };
    expect(openMillisBetween(night, at("2026-11-01T04:00Z"), at("2026-11-01T12:00Z"))).toBe(3 * HOUR);
    expect(openMillisBetween(night, at("2026-03-08T04:00Z"), at("2026-03-08T12:00Z"))).toBe(HOUR);
    expect(openMillisBetween(night, at("2026-06-01T04:00Z"), at("2026-06-01T12:00Z"))).toBe(2 * HOUR);
  });

  test("a holiday is closed or has hours of its own; one of every year comes every year", () => {
    const hours = {
      ...lima,
      holidays: [
        { date: "12-25", spans: [] },
        { date: "2026-12-24", spans: [{ from: "09:00", to: "12:00" }] },
      ],
    };
    expect(isOpenAt(hours, at("2026-12-25T15:00Z"))).toBe(false);
    expect(isOpenAt(hours, at("2028-12-25T15:00Z"))).toBe(false);
    expect(isOpenAt(hours, at("2026-12-24T16:59Z"))).toBe(true);
    expect(isOpenAt(hours, at("2026-12-24T17:00Z"))).toBe(false);
    expect(isOpenAt(hours, at("2027-12-24T17:00Z"))).toBe(true);
  });

  test("a night belongs to the day it begins on", () => {
    const hours = { ...lima, week: [[], [], [], [], [], [{ from: "22:00", to: "06:00" }], []] };
    expect(isOpenAt(hours, at("2026-11-28T10:59Z"))).toBe(true);
    expect(isOpenAt(hours, at("2026-11-28T11:00Z"))).toBe(false);
    expect(openMillisBetween(hours, at("2026-11-27T00:00Z"), at("2026-11-30T00:00Z"))).toBe(8 * HOUR);
  });

  test("whoever never opens has no next opening, and nothing is ever due", () => {
    const never = { ...lima, week: Array(7).fill([]) };
    expect(nextOpening(never, at("2026-11-27T15:00Z"))).toBeNull();
    expect(addOpenMillis(never, at("2026-11-27T15:00Z"), 1)).toBeNull();
    expect(openMillisBetween(never, 0, at("2026-11-27T15:00Z"))).toBe(0);
  });

  test.each(["America/Lima", "Europe/Madrid", "UTC", "Etc/GMT+5"])("%s is a zone", (zone) => expect(isTimeZone(zone)).toBe(true));
  test.each(["", "Lima", "America/Nowhere", "+05:00", "../etc"])("%j is none", (zone) => expect(isTimeZone(zone)).toBe(false));
});
