import { dayName, durationText, timeLeft } from "./time-text";

const at = (text: string) => new Date(text).getTime();

describe("time in words", () => {
  it("names days from today's point of view", () => {
    const now = at("2026-11-20T09:00:00");
    expect(dayName(at("2026-11-20T00:00:01"), now)).toBe("Today");
    expect(dayName(at("2026-11-19T23:59:59"), now)).toBe("Yesterday");
    expect(dayName(at("2026-11-16T12:00:00"), now)).toMatch(/monday/i);
    expect(dayName(at("2026-11-01T12:00:00"), now)).toMatch(/2026/);
    expect(dayName(at("2026-11-21T12:00:00"), now)).toMatch(/2026/);
  });

  it("shortens durations to what matters", () => {
    expect([3.4, 412, 2_004, 14_600].map(durationText)).toEqual(["3 ms", "0.4 s", "2.0 s", "15 s"]);
  });

  it("counts down to a moment and says nothing after it", () => {
    const now = at("2026-11-20T09:00:00Z");
    expect(timeLeft("2026-11-21T08:59:00Z", now)).toBe("23 h");
    expect(timeLeft("2026-11-20T09:58:30Z", now)).toBe("58 min");
    expect(timeLeft("2026-11-20T09:00:05Z", now)).toBe("1 min");
    expect(timeLeft("2026-11-20T09:00:00Z", now)).toBeNull();
  });
});
