import { paramsOf, stateOf, stepOf } from "./report-state";

const NOW = new Date(2026, 10, 20, 23, 30).getTime();

describe("stateOf", () => {
  it("shows the last thirty days when nothing is asked", () => {
    expect(stateOf({}, NOW)).toEqual({
      period: "30",
      from: "2026-10-22",
      to: "2026-11-20",
      isCompared: true,
      filter: {},
      figure: "conversations",
      share: "agent",
      heat: "messagesIn",
    });
  });

  it("counts today as the last of so many days", () => {
    expect(stateOf({ period: "today" }, NOW)).toMatchObject({ from: "2026-11-20", to: "2026-11-20" });
    expect(stateOf({ period: "7" }, NOW)).toMatchObject({ from: "2026-11-14", to: "2026-11-20" });
  });

  it("takes one's own days, and days only there", () => {
    expect(stateOf({ period: "own", from: "2026-01-05", to: "2026-02-01" }, NOW)).toMatchObject({
      from: "2026-01-05",
      to: "2026-02-01",
    });
    expect(stateOf({ period: "own", to: "2026-02-01" }, NOW)).toMatchObject({ from: "2026-01-03", to: "2026-02-01" });
    expect(stateOf({ period: "7", from: "2026-01-05" }, NOW)).toMatchObject({ from: "2026-11-14" });
  });

  it("is not misled by nonsense", () => {
    expect(stateOf({ period: "900", figure: "<b>", by: "planet", heat: "x", from: "yesterday" }, NOW)).toEqual(stateOf({}, NOW));
  });
});

describe("paramsOf", () => {
  it.each([
    {},
    {
      period: "own",
      from: "2026-01-05",
      to: "2026-02-01",
      compare: "no",
      team: "none",
      label: "vip",
      figure: "csat",
      by: "label",
      heat: "resolved",
    },
    { period: "90", agent: "a".repeat(24) },
  ])("gives the address back: %j", (params) => {
    expect(paramsOf(stateOf(params, NOW))).toEqual(params);
  });
});

describe("stepOf", () => {
  it.each([
    ["2026-11-20", "2026-11-20", "hour"],
    ["2026-11-18", "2026-11-20", "day"],
    ["2026-08-23", "2026-11-20", "day"],
    ["2026-01-01", "2026-11-20", "week"],
    ["2024-01-01", "2026-11-20", "month"],
  ] as const)("from %s to %s: by %s", (from, to, step) => {
    expect(stepOf({ from, to })).toBe(step);
  });
});
