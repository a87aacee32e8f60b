import { expect, test } from "bun:test";
import { backoffMs } from "../../src/core/retry";

const full = () => 1;
const none = () => 0;

test("the wait doubles with every failed try up to its maximum", () => {
  const waits = [1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, { baseMs: 1_000, maxMs: 10_000 }, full));
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test("it is spread over the upper half, and never more than the maximum", () => {
  expect(backoffMs(3, { baseMs: 1_000, maxMs: 10_000 }, none)).toBe(2_000);
  for (let round = 0; round < 200; round++) {
    const wait = backoffMs(3, { baseMs: 1_000, maxMs: 10_000 });
    expect(wait).toBeGreaterThanOrEqual(2_000);
    expect(wait).toBeLessThanOrEqual(4_000);
  }
});

test("the factor can be chosen, and attempt 0 counts as the first", () => {
  expect(backoffMs(3, { baseMs: 100, factor: 4, maxMs: 10_000 }, full)).toBe(1_600);
  expect(backoffMs(0, { baseMs: 100, maxMs: 10_000 }, full)).toBe(100);
});
