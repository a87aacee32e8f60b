import { areaOf, labelledPoints, lonePoints, pathOf, spreadLabels, ticksOf } from "./chart-scale";

describe("ticksOf", () => {
  it.each([
    [[0, null], "count", [0, 1]],
    [[3], "count", [0, 1, 2, 3]],
    [[368, 12], "count", [0, 100, 200, 300, 400]],
    [[87], "count", [0, 25, 50, 75, 100]],
    [[160], "time", [0, 60, 120, 180]],
    [[40], "time", [0, 10, 20, 30, 40]],
    [[3 * 86_400], "time", [0, 86_400, 172_800, 259_200]],
    [[], "time", [0, 60]],
    [[0.4], "share", [0, 0.25, 0.5, 0.75, 1]],
    [[4.2], "score", [0, 1, 2, 3, 4, 5]],
  ] as const)("%j in %s: %j", (values, unit, ticks) => {
    expect(ticksOf(values, unit)).toEqual(ticks);
  });

  it("holds the greatest value in at most five round steps", () => {
    for (let most = 1; most < 20_000; most = Math.ceil(most * 1.3)) {
      for (const unit of ["count", "time"] as const) {
        const ticks = ticksOf([most], unit);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
        expect(ticks.length).toBeLessThanOrEqual(6);
      }
    }
  });
});

describe("lines", () => {
  const points = [
    { x: 0, y: 10 },
    { x: 10, y: 20.04 },
    { x: 20, y: null },
    { x: 30, y: 5 },
  ];

  it("leave a gap where nothing was measured", () => {
    expect(pathOf(points)).toBe("M0 10L10 20M30 5");
  });

  it("show a value that stands alone as a point", () => {
    expect(lonePoints(points)).toEqual([{ x: 30, y: 5 }]);
  });

  it("have a ground only where they have no gap", () => {
    expect(areaOf(points, 50)).toBe("");
    expect(areaOf(points.slice(0, 2), 50)).toBe("M0 10L10 20L10 50L0 50Z");
  });
});

describe("labels", () => {
  it("are as many as there is room for", () => {
    expect(labelledPoints(30, 5)).toEqual([0, 6, 12, 18, 24]);
    expect(labelledPoints(3, 10)).toEqual([0, 1, 2]);
    expect(labelledPoints(0, 4)).toEqual([]);
    expect(labelledPoints(4, 0)).toEqual([0]);
  });

  it("move apart in their order, and stay above the bottom", () => {
    expect(spreadLabels([50, 10, 12], 16, 200)).toEqual([50, 10, 26]);
    expect(spreadLabels([198, 199], 16, 200)).toEqual([184, 200]);
  });
});
