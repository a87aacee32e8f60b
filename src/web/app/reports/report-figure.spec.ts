import { changeOf, secondsText, valueText } from "./report-figure";

describe("secondsText", () => {
  it.each([
    [0, "0 s"],
    [1.94, "1.9 s"],
    [42, "42 s"],
    [59.7, "1 min"],
    [160, "2 min 40 s"],
    [3_600, "1 h"],
    [11_100, "3 h 5 min"],
    [187_200, "2 d 4 h"],
  ])("%d is %s", (seconds, text) => {
    expect(secondsText(seconds)).toBe(text);
  });
});

describe("valueText", () => {
  it("writes what there is, and a dash for what there is not", () => {
    expect(valueText(9_412, "count")).toBe("9,412");
    expect(valueText(0.682, "share")).toBe("68.2%");
    expect(valueText(4, "score")).toBe("4.0");
    expect(valueText(null, "time")).toBe("–");
  });
});

describe("changeOf", () => {
  it("tells counts in parts of what was before, without judging them", () => {
    expect(changeOf(9_412, 8_707, { unit: "count", better: 0 })).toEqual({ text: "+8.1%", mood: "plain" });
    expect(changeOf(5, 0, { unit: "count", better: 0 })).toBeNull();
  });

  it("is glad of less time and of more satisfaction", () => {
    expect(changeOf(1.9, 2.3, { unit: "time", better: -1 })).toEqual({ text: "−0.4 s", mood: "good" });
    expect(changeOf(160, 40, { unit: "time", better: -1 })).toEqual({ text: "+2 min", mood: "bad" });
    expect(changeOf(4.7, 4.8, { unit: "score", better: 1 })).toEqual({ text: "-0.1", mood: "bad" });
    expect(changeOf(0.7, 0.7, { unit: "share", better: 1 })).toEqual({ text: "0", mood: "plain" });
    expect(changeOf(0.682, 0.647, { unit: "share", better: 1 })).toEqual({ text: "+3.5", mood: "good" });
  });

  it("compares nothing with nothing", () => {
    expect(changeOf(null, 4, { unit: "score", better: 1 })).toBeNull();
    expect(changeOf(4, null, { unit: "score", better: 1 })).toBeNull();
  });
});
