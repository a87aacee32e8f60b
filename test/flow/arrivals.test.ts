/** What was just accepted reaches ingest from memory; the store stays the truth whenever memory cannot be complete. */
import { describe, expect, test } from "bun:test";
import { readWebhook } from "../../src/channels/whatsapp/parse";
import { type Arrival, Arrivals } from "../../src/flow/arrivals";
import { createRate, giveWay } from "../../src/flow/flood";
import type { JournalEntry } from "../../src/flow/journal.model";
import { eventsOf } from "../../src/flow/received-event";

/** An entry whose body makes one event, and so many bytes. */
const one = (_id: string, bytes = 100): JournalEntry => ({
  _id,
  owner: "me",
  requests: [{ id: "req_test_0001", at: new Date(0), body: Buffer.from(JSON.stringify({ id: _id, pad: "x".repeat(bytes) })) }],
});
const ids = (arrivals: readonly Arrival[]) => arrivals.map(({ id }) => id);
const open = () => new Arrivals((entry) => eventsOf(entry, readWebhook));

/** As after a start on an empty store. */
function caughtUp(): Arrivals {
  const arrivals = open();
  arrivals.beginReading();
  arrivals.endReading([], true);
  return arrivals;
}

describe("what arrives", () => {
  test("before the store was read is left to the store", () => {
    const arrivals = open();
    arrivals.offer([one("a")]);
    expect([arrivals.isComplete, arrivals.isEmpty]).toEqual([false, true]);
  });

  test("afterwards is handed out once, in order, in portions", () => {
    const arrivals = caughtUp();
    arrivals.offer([one("a"), one("b")]);
    arrivals.offer([one("c")]);
    expect(ids(arrivals.take(2))).toEqual(["a", "b"]);
    expect(ids(arrivals.take(2))).toEqual(["c"]);
    expect(arrivals.take(2)).toEqual([]);
  });

  test("while the store is read comes behind what the reading found, each once", () => {
    const arrivals = open();
    arrivals.beginReading();
    arrivals.offer([one("a"), one("b")]);
    arrivals.endReading([one("a"), one("c")], true);
    // Read before its commit was reported.
    arrivals.offer([one("c"), one("d")]);
    expect(arrivals.isComplete).toBe(true);
    expect(ids(arrivals.take(10))).toEqual(["a", "c", "b", "d"]);
  });

  test("while more is left in the store than was read is left there too, behind what was read", () => {
    const arrivals = open();
    arrivals.beginReading();
    arrivals.offer([one("z")]);
    arrivals.endReading([one("a")], false);
    arrivals.offer([one("y")]);
    expect(arrivals.isComplete).toBe(false);
    expect(ids(arrivals.take(10))).toEqual(["a"]);
    expect(arrivals.isEmpty).toBe(true);
  });

  test("with long bodies is handed out in smaller portions, one at least", () => {
    const arrivals = caughtUp();
    arrivals.offer([one("a", 900_000), one("b", 400_000), one("c", 50_000), one("d", 60_000)]);
    expect(ids(arrivals.take(10))).toEqual(["a"]);
    expect(ids(arrivals.take(10))).toEqual(["b", "c"]);
    expect(ids(arrivals.take(10))).toEqual(["d"]);
    arrivals.offer(Array.from({ length: 20 }, (_, n) => one(`${n}`, 1_000_000)));
    expect([arrivals.isComplete, arrivals.isEmpty]).toEqual([false, true]);
  });

  test("faster than it is taken is forgotten and read from the store", () => {
    const arrivals = caughtUp();
    for (let i = 0; i < 50; i++) arrivals.offer(Array.from({ length: 100 }, (_, n) => one(`${i}-${n}`)));
    expect([arrivals.isComplete, arrivals.isEmpty]).toEqual([false, true]);
  });
});

describe("a flood", () => {
  test("is seen while it lasts and forgotten after it", async () => {
    const rate = createRate();
    expect(rate.perSecond()).toBe(0);
    rate.count(5_000);
    expect(rate.perSecond()).toBeGreaterThan(2_000);
    for (let looks = 0; rate.perSecond() > 0 && looks < 500; looks++) await Bun.sleep(5);
    expect(rate.perSecond()).toBe(0);
  });

  test("makes the work behind the door wait for longer than it took; otherwise it lets others run once", async () => {
    let turns = 0;
    const count = () => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await giveWay(100, 50);
    const once = turns;
    await giveWay(10_000, 10);
    clearImmediate(counting);
    expect(once).toBeLessThanOrEqual(2);
    expect(turns).toBeGreaterThan(once + 2);
  });
});
