import { dollarField, dollars, microsFrom } from "./dollars";

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [12_500_000, "$12.50"],
    [1_300, "$0.0013"],
    [7, "$0.000007"],
    [-300, "−$0.0003"],
  ])("%d micro-dollars are %s", (micros, text) => expect(dollars(micros)).toBe(text));

  it.each([
    ["", null],
    ["  ", null],
    ["12.5", 12_500_000],
    ["0,5", 500_000],
    ["0", 0],
    ["much", Number.NaN],
    ["-1", Number.NaN],
  ])("a field with %o holds %o", (text, micros) => expect(microsFrom(text)).toBe(micros));

  it("comes back into its field as it was typed", () => {
    for (const text of ["12.5", "0.000001", ""]) expect(dollarField(microsFrom(text))).toBe(text);
  });
});
