import { initialsOf, tintOf } from "./avatar";

describe("initialsOf", () => {
  it.each([
    ["Rosa Quispe", "RQ"],
    ["María Fernanda Quispe Huamán", "MH"],
    ["Luna", "L"],
    ["@luz.ayar", "@L"],
    ["+51 987 654 321", "21"],
    ["مريم العلي", "ما"],
    ["<img src=x>", "IS"],
    ["🧶 Tejidos", "T"],
    ["🧶", "?"],
    ["", "?"],
  ])("%s shows %s", (name, expected) => {
    expect(initialsOf(name)).toBe(expected);
  });

  it("gives the same name the same tint", () => {
    expect(tintOf("Rosa Quispe")).toBe(tintOf("Rosa Quispe"));
    expect(new Set(["a", "b", "c", "d", "e", "f"].map(tintOf)).size).toBeGreaterThan(2);
  });
});
