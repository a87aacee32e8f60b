/** Window, pace and the forms of numbers, with a clock that the test moves. */
import { describe, expect, test } from "bun:test";
import { createPace } from "../../../src/channels/whatsapp/pace";
import { numberVariants } from "../../../src/channels/whatsapp/phone-variant";
import { isWindowOpen, windowExpiresAt } from "../../../src/channels/whatsapp/window";

const HOUR = 3_600_000;

class TestClock {
  at = 10_000_000;
  monotonic = () => this.at;
}

describe("window", () => {
  const opened = 1_790_000_000_000;
  const expires = windowExpiresAt(opened);
  test("24 hours from the customer's last message", () => expect(expires - opened).toBe(24 * HOUR));
  test.each([
    ["at once", opened, true],
    ["after 23 hours 58 minutes", opened + 24 * HOUR - 120_000, true],
    ["in the last minute", opened + 24 * HOUR - 30_000, false],
    ["at the end", expires, false],
    ["later", expires + 1, false],
  ])("%s", (_, now, open) => expect(isWindowOpen(expires, now)).toBe(open));
  test("a customer who never wrote has no window", () => expect(isWindowOpen(null, opened)).toBe(false));
});

describe("one person", () => {
  test("45 at once, then one per 6 seconds", () => {
    const clock = new TestClock();
    const pace = createPace({ clock, throughput: 1000 });
    for (let sent = 0; sent < 45; sent++) {
      expect(pace.waitMs("rosa")).toBe(0);
      pace.sent("rosa");
    }
    expect(pace.waitMs("rosa")).toBe(6_000);
    expect(pace.waitMs("beto")).toBe(0);
    clock.at += 6_000;
    expect(pace.waitMs("rosa")).toBe(0);
    pace.sent("rosa");
    expect(pace.waitMs("rosa")).toBe(6_000);
  });

  test("over ten minutes never more than the burst and one per 6 s", () => {
    const clock = new TestClock();
    const pace = createPace({ clock, throughput: 1000 });
    const start = clock.at;
    let sent = 0;
    while (clock.at < start + 600_000) {
      const wait = pace.waitMs("rosa");
      if (wait === 0) {
        pace.sent("rosa");
        sent++;
      } else clock.at += wait;
    }
    expect(sent).toBeGreaterThanOrEqual(144);
    expect(sent).toBeLessThanOrEqual(145);
  });

  test("a pair error holds back this person by 4^X seconds and nobody else", () => {
    const clock = new TestClock();
    const pace = createPace({ clock, throughput: 1000 });
    for (const [attempt, ms] of [
      [1, 1_000],
      [2, 4_000],
      [3, 16_000],
      [4, 64_000],
      [5, 256_000],
      [9, 256_000],
    ] as const) {
      pace.refused("rosa", { code: 131056 }, attempt);
      expect(pace.waitMs("rosa")).toBe(ms);
    }
    expect(pace.waitMs("beto")).toBe(0);
  });
});

describe("the number", () => {
  /** Sends to ever new people as fast as allowed for some seconds; answers how many left in each. */
  function flood(pace: ReturnType<typeof createPace>, clock: TestClock, seconds: number): number[] {
    const counts: number[] = [];
    let person = 0;
    for (let second = 0; second < seconds; second++) {
      const end = Math.floor(clock.at / 1000) * 1000 + 1000;
      let count = 0;
      while (clock.at < end) {
        const wait = pace.waitMs(`p${person}`);
        if (wait === 0) {
          pace.sent(`p${person++}`);
          count++;
        } else clock.at = Math.min(end, clock.at + wait);
      }
      counts.push(count);
    }
    return counts;
  }

  test("begins at 80 a second and grows to 1000 while no error comes", () => {
    const clock = new TestClock();
    const pace = createPace({ clock });
    const counts = flood(pace, clock, 20);
    expect(counts[0]).toBe(80);
    expect(counts[1]).toBe(100);
    expect(counts.at(-1)).toBe(1000);
  });

  test("does not grow while it is not used up", () => {
    const clock = new TestClock();
    const pace = createPace({ clock });
    for (let second = 0; second < 30; second++) {
      pace.sent(`p${second}`);
      clock.at += 1000;
    }
    expect(pace.throughput()).toBe(80);
  });

  test("a throughput error pauses, shrinks below what was sent, and keeps it from growing for a minute", () => {
    const clock = new TestClock();
    const pace = createPace({ clock, throughput: 100 });
    flood(pace, clock, 1);
    for (let sent = 0; sent < 50; sent++) pace.sent(`q${sent}`);
    pace.refused("rosa", { code: 130429 }, 1);
    expect(pace.waitMs("beto")).toBe(1_000);
    expect(pace.throughput()).toBe(35);
    clock.at += 1_000;
    expect(Math.max(...flood(pace, clock, 50))).toBe(35);
    clock.at += 20_000;
    flood(pace, clock, 5);
    expect(pace.throughput()).toBeGreaterThan(35);
  });

  test("inbound messages count too, Retry-After is honoured, coexistence stays at 20", () => {
    const clock = new TestClock();
    const pace = createPace({ clock, ceiling: 20 });
    expect(pace.throughput()).toBe(20);
    pace.received(20);
    expect(pace.waitMs("rosa")).toBeGreaterThan(0);
    expect(flood(pace, clock, 8).every((count) => count <= 20)).toBe(true);
    pace.refused("rosa", { code: 80007, retryAfterMs: 90_000 }, 1);
    expect(pace.waitMs("beto")).toBe(90_000);
    pace.raiseTo(1000);
    expect(pace.throughput()).toBe(20);
  });

  test("what Meta tells is taken at once", () => {
    const pace = createPace({ clock: new TestClock() });
    pace.raiseTo(1000);
    expect(pace.throughput()).toBe(1000);
  });
});

describe("number variants", () => {
  test.each([
    ["5215512345678", ["5215512345678", "525512345678"]],
    ["525512345678", ["525512345678", "5215512345678"]],
    ["5491123456789", ["5491123456789", "541123456789"]],
    ["541123456789", ["541123456789", "5491123456789"]],
    ["5511987654321", ["5511987654321", "551187654321"]],
    ["551187654321", ["551187654321", "5511987654321"]],
    // A Brazilian landline never had a ninth digit.
    ["551132654321", ["551132654321"]],
    ["51911222333", ["51911222333"]],
    ["+52 1 55 1234-5678", ["5215512345678", "525512345678"]],
    ["", []],
  ])("%s", (number, variants) => expect(numberVariants(number)).toEqual(variants));

  test("every variant leads back", () => {
    for (const number of ["5215512345678", "541123456789", "551187654321"]) {
      for (const variant of numberVariants(number))
        expect([...numberVariants(variant)].sort()).toEqual([...numberVariants(number)].sort());
    }
  });
});
