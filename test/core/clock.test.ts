import { expect, test } from "bun:test";
import { systemClock, wait } from "../../src/core/clock";
import { ManualClock } from "../helpers/manual-clock";

test("the system clock tells the time and measures forwards only", async () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  const before = systemClock.monotonic();
  await wait(systemClock, 5);
  expect(systemClock.monotonic()).toBeGreaterThan(before);
});

test("a cancelled timer never rings", async () => {
  let rang = false;
  systemClock
    .timer(1, () => {
      rang = true;
    })
    .cancel();
  await wait(systemClock, 20);
  expect(rang).toBe(false);
});

test("a wait of more than 2^31 milliseconds does not ring at once", async () => {
  let rang = false;
  const timer = systemClock.timer(2 ** 31 + 1_000, () => {
    rang = true;
  });
  await wait(systemClock, 20);
  expect(rang).toBe(false);
  timer.cancel();
});

test("the manual clock rings in order, each timer at its own moment, also those set meanwhile", () => {
  const clock = new ManualClock(1_000);
  const rung: [string, number][] = [];
  clock.timer(30, () => rung.push(["late", clock.now()]));
  clock.timer(10, () => {
    rung.push(["early", clock.now()]);
    clock.timer(5, () => rung.push(["meanwhile", clock.now()]));
  });
  clock.timer(50, () => rung.push(["never", clock.now()])).cancel();
  clock.advance(9);
  expect(rung).toEqual([]);
  clock.advance(91);
  expect(rung).toEqual([
    ["early", 1_010],
    ["meanwhile", 1_015],
    ["late", 1_030],
  ]);
  expect(clock.now()).toBe(1_100);
  expect(clock.pending).toBe(0);
});
