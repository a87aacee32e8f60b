import { dayBars, lastDays } from "./usage-days";

const NOW = Date.parse("2026-03-02T10:00:00Z");

describe("the days of a period", () => {
  it("end today", () => {
    expect(lastDays(1, NOW)).toEqual({ from: "2026-03-02", to: "2026-03-02" });
    expect(lastDays(7, NOW)).toEqual({ from: "2026-02-24", to: "2026-03-02" });
  });

  it("have a bar each, also those without anything", () => {
    const rows = [
      { key: "2026-03-01", costMicros: 50 },
      { key: "2026-03-02", costMicros: 100 },
    ];
    expect(dayBars(rows, lastDays(3, NOW)).map(({ day, height }) => [day, height])).toEqual([
      ["2026-02-28", 0],
      ["2026-03-01", 50],
      ["2026-03-02", 100],
    ]);
    const [little] = dayBars([{ key: "2026-03-01", costMicros: 1 }, ...rows.slice(1)], lastDays(2, NOW));
    expect(little?.height).toBe(2);
    expect(dayBars([], lastDays(2, NOW)).map(({ height }) => height)).toEqual([0, 0]);
  });
});
