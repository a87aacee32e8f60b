/** Long jobs have their garbage taken away when the process holds too much, and not all the time. */
import { afterEach, expect, spyOn, test } from "bun:test";
import { createTidyMemory } from "../../src/core/memory";
import { ManualClock } from "../helpers/manual-clock";

const gc = spyOn(Bun, "gc");
afterEach(() => gc.mockClear());

test("above the limit, and not sooner than every two seconds", () => {
  const clock = new ManualClock();
  const tidy = createTidyMemory(clock, 1);
  tidy();
  tidy();
  expect(gc.mock.calls).toEqual([[true]]);
  clock.advance(2_000);
  tidy();
  expect(gc).toHaveBeenCalledTimes(2);
});

test("below the limit nobody's time is taken", () => {
  createTidyMemory(new ManualClock(), Number.POSITIVE_INFINITY)();
  expect(gc).not.toHaveBeenCalled();
});
