/** Window, pace and retry times, with a clock that the test moves. */
import { describe, expect, test } from "bun:test";
import { graphError, meaningOf, retryDelayMs } from "../../../src/channels/whatsapp/graph-errors";
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

describe("retries", () => {
  const delay = (code: number, attempt: number, random = 0) =>
    retryDelayMs(graphError(400, { error: { code } }), attempt, () => random);
  test.each([
    [130429, [1_000, 2_000, 4_000]],
    [131000, [1_000, 2_000, 4_000]],
    [131056, [1_000, 4_000, 16_000]],
    [80007, [60_000, 120_000, 240_000]],
    [131049, [86_400_000, 86_400_000, 86_400_000]],
    [131047, [null, null, null]],
    [190, [null, null, null]],
    [424242, [null, null, null]],
  ])("%i waits %p", (code, waits) => {
    expect([1, 2, 3].map((attempt) => delay(code, attempt))).toEqual(waits);
  });

  test("spread by up to a half, and Retry-After wins when it asks for more", () => {
    expect(delay(130429, 1, 0.999)).toBe(1_500);
    const asked = graphError(400, { error: { code: 130429 } }, "7");
    expect(retryDelayMs(asked, 1, () => 0)).toBe(7_000);
    const dated = graphError(503, null, new Date(1_790_000_030_000).toUTCString(), 1_790_000_000_000);
    expect(dated.retryAfterMs).toBe(30_000);
    expect(graphError(503, null, "soon").retryAfterMs).toBeUndefined();
  });
});

describe("error codes", () => {
  test.each([
    [0, "never", false, true],
    [190, "never", false, true],
    [10, "never", false, true],
    [250, "never", false, true],
    [131005, "never", false, true],
    [1, "backoff", true, undefined],
    [131000, "backoff", true, undefined],
    [131016, "backoff", true, undefined],
    [131057, "backoff", true, undefined],
    [2494100, "backoff", true, undefined],
    [4, "minutes", false, undefined],
    [80007, "minutes", false, undefined],
    [130429, "backoff", false, undefined],
    [131056, "pair", false, undefined],
    [131048, "never", false, true],
    [133016, "hours", false, undefined],
    [131047, "never", false, undefined],
    [131026, "never", false, undefined],
    [131049, "hours", false, undefined],
    [131050, "never", false, undefined],
    [131021, "never", false, undefined],
    [131030, "never", false, undefined],
    [131009, "never", false, undefined],
    [131053, "never", false, undefined],
    [131031, "never", false, true],
    [368, "never", false, true],
    [131037, "never", false, true],
    [131042, "never", false, true],
    [133010, "never", false, true],
    [132001, "never", false, undefined],
    [132015, "never", false, undefined],
    [134101, "minutes", false, undefined],
    [131207, "never", false, undefined],
    [147003, "never", false, undefined],
    [2388100, "never", false, undefined],
  ] as const)("%i", (code, retry, duplicateRisk, channelProblem) => {
    expect(meaningOf(code)).toMatchObject({ retry, duplicateRisk });
    expect(meaningOf(code).channelProblem).toBe(channelProblem);
    expect(meaningOf(code).meaning).toEndWith(".");
  });

  test("an unknown code is judged by status and is_transient", () => {
    expect(meaningOf(999_999, { status: 500 }).retry).toBe("backoff");
    expect(meaningOf(999_999, { status: 429 }).retry).toBe("minutes");
    expect(meaningOf(999_999, { status: 400 }).retry).toBe("never");
    expect(meaningOf(999_999, { status: 400, isTransient: true })).toMatchObject({ retry: "backoff", duplicateRisk: true });
    expect(meaningOf(999_999, { status: 401 }).channelProblem).toBe(true);
    // A known code stands above its transport.
    expect(meaningOf(131047, { status: 500, isTransient: true }).retry).toBe("never");
  });

  test("the whole error is read, and a body that is none gives its status", () => {
    const body = {
      error: {
        message: "(#130429) Rate limit hit",
        code: 130429,
        error_subcode: 7,
        error_data: { messaging_product: "whatsapp", details: "slow down" },
        fbtrace_id: "T",
      },
    };
    expect(graphError(400, body)).toMatchObject({ code: 130429, subcode: 7, status: 400, details: "slow down", fbtraceId: "T" });
    expect(graphError(403, "<html>")).toMatchObject({ code: 403, message: "HTTP 403", retry: "never", channelProblem: true });
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
