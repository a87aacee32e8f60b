import { describe, expect, test } from "bun:test";
import { createBreaker } from "../../src/core/circuit-breaker";
import { ManualClock } from "../helpers/manual-clock";

function setUp() {
  const clock = new ManualClock();
  const told: string[] = [];
  const breaker = createBreaker({
    clock,
    threshold: 3,
    pauseMs: 1_000,
    longestPauseMs: 4_000,
    onChange: (state) => void told.push(state),
  });
  const failThree = () => {
    for (let index = 0; index < 3; index++) breaker.failed();
  };
  return { clock, breaker, told, failThree };
}

describe("the circuit breaker", () => {
  test("a few failures with a success in between are no outage", () => {
    const { breaker, told } = setUp();
    for (let index = 0; index < 10; index++) {
      breaker.failed();
      breaker.failed();
      breaker.succeeded();
    }
    expect([breaker.isOpen, breaker.enter(), told]).toEqual([false, 0, []]);
  });

  test("failures in a row open it: nobody gets through until the pause is over, then exactly one", () => {
    const { clock, breaker, told, failThree } = setUp();
    failThree();
    expect([breaker.enter(), told]).toEqual([1_000, ["open"]]);
    clock.advance(999);
    expect(breaker.enter()).toBe(1);
    clock.advance(1);
    expect(breaker.waitMs()).toBe(0);
    expect(breaker.enter()).toBe(0);
    expect(breaker.enter()).toBeGreaterThan(0);
  });

  test("a probe that succeeds closes it, one that fails doubles the pause up to the longest", () => {
    const { clock, breaker, told, failThree } = setUp();
    failThree();
    for (const pause of [1_000, 2_000, 4_000, 4_000]) {
      expect(breaker.waitMs()).toBe(pause);
      clock.advance(pause);
      expect(breaker.enter()).toBe(0);
      breaker.failed();
    }
    clock.advance(4_000);
    expect(breaker.enter()).toBe(0);
    breaker.succeeded();
    expect([breaker.enter(), breaker.isOpen, told]).toEqual([0, false, ["open", "closed"]]);
    failThree();
    expect(breaker.waitMs()).toBe(1_000);
  });

  test("it waits as long as the upstream asked", () => {
    const { breaker } = setUp();
    breaker.failed();
    breaker.failed();
    breaker.failed(30_000);
    expect(breaker.waitMs()).toBe(30_000);
  });

  test("failures of calls begun before it opened change nothing; a probe that was not made leaves room for the next", () => {
    const { clock, breaker, failThree } = setUp();
    failThree();
    breaker.failed();
    expect(breaker.waitMs()).toBe(1_000);
    clock.advance(1_000);
    expect(breaker.enter()).toBe(0);
    breaker.forgotten();
    expect(breaker.enter()).toBe(0);
  });
});
