import { describe, expect, test } from "bun:test";
import { digitsOf, formatNumber, toE164 } from "../../src/core/phone";

describe("formatNumber", () => {
  test.each([
    ["Mexican mobile of 13 digits", "5215512345678", "525512345678"],
    ["Argentine mobile of 13 digits", "5491122334455", "541122334455"],
    ["with a plus and spaces", "+52 1 55 1234 5678", "525512345678"],
  ])("%s becomes 12 digits", (_, given, expected) => {
    expect(formatNumber(given)).toBe(expected);
  });

  test.each([
    ["Mexican number of 12 digits", "525512345678"],
    ["Argentine number of 12 digits", "541122334455"],
    ["Mexican number whose area code begins with 1, 12 digits", "521551234567"],
    ["longer than Mexican", "52155123456789"],
    ["Peru", "51987654321"],
    ["Brazil, 13 digits", "5511976543210"],
    ["United States", "14155550123"],
    ["a number that only contains 521", "34521123456789"],
  ])("%s stays", (_, given) => {
    expect(formatNumber(given)).toBe(given);
  });
});

describe("toE164", () => {
  test.each([
    ["51987654321", "+51987654321"],
    ["+51 987 654 321", "+51987654321"],
    ["5215512345678", "+525512345678"],
    ["5491122334455", "+5491122334455"],
  ])("%s reads as %s", (given, expected) => {
    expect(toE164(given)).toBe(expected);
  });
});

test("digitsOf drops everything that is no digit", () => {
  expect(digitsOf(" +54 (9) 11-2233.4455 ")).toBe("5491122334455");
  expect(digitsOf("@rosa")).toBe("");
});
