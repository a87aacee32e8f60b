import { expect, test } from "bun:test";
import { TtlMap } from "../../src/core/ttl-map";
import { ManualClock } from "../helpers/manual-clock";

const world = (options: { ttlMs?: number; maxEntries?: number } = {}) => {
  const clock = new ManualClock();
  return { clock, map: new TtlMap<string, number>({ ttlMs: 60_000, clock, ...options }) };
};

test("an entry is there until its time is over, and gone at that very moment", () => {
  const { clock, map } = world();
  map.set("a", 1);
  clock.advance(59_999);
  expect(map.get("a")).toBe(1);
  clock.advance(1);
  expect(map.get("a")).toBeUndefined();
  expect(map.has("a")).toBe(false);
});

test("the sweeper frees the memory of entries that nobody asks for, and then rests", () => {
  const { clock, map } = world();
  map.set("a", 1);
  clock.advance(30_000);
  map.set("b", 2);
  clock.advance(30_000);
  expect(map.size).toBe(1);
  expect(map.get("b")).toBe(2);
  clock.advance(30_000);
  expect(map.size).toBe(0);
  expect(clock.pending).toBe(0);
});

test("one timer serves all entries, however many there are", () => {
  const { clock, map } = world();
  for (let index = 0; index < 1_000; index++) map.set(`k${index}`, index);
  expect(clock.pending).toBe(1);
});

test("setting an entry again starts its time anew", () => {
  const { clock, map } = world();
  map.set("a", 1);
  clock.advance(40_000);
  map.set("a", 2);
  clock.advance(40_000);
  expect(map.get("a")).toBe(2);
});

test("when it is full the oldest entry goes, and only that one", () => {
  const { map } = world({ maxEntries: 3 });
  for (const key of ["a", "b", "c", "d"]) map.set(key, 1);
  expect(["a", "b", "c", "d"].map((key) => map.has(key))).toEqual([false, true, true, true]);
});

test("a wall clock that jumps back does not make entries live longer", () => {
  const { clock, map } = world();
  map.set("a", 1);
  clock.setWall(clock.now() - 3_600_000);
  clock.advance(60_000);
  expect(map.has("a")).toBe(false);
});

test("delete and clear forget, and clear stops the sweeper", () => {
  const { clock, map } = world();
  map.set("a", 1);
  map.set("b", 2);
  map.delete("a");
  expect(map.has("a")).toBe(false);
  map.clear();
  expect(map.size).toBe(0);
  expect(clock.pending).toBe(0);
  map.set("c", 3);
  expect(map.get("c")).toBe(3);
});
