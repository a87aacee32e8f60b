/** What was just accepted reaches ingest from memory; the store stays the truth whenever memory cannot be complete. */
import { describe, expect, test } from "bun:test";
import type { InboundEvent } from "../../src/channels/whatsapp/inbound";
import { Arrivals } from "../../src/flow/arrivals";
import { createRate, giveWay } from "../../src/flow/flood";
import type { ReceivedEvent } from "../../src/flow/received-event";

const one = (rowId: string, more: Partial<ReceivedEvent> = {}): ReceivedEvent => ({
  rowId,
  requestId: "req_test_0001",
  receivedAt: 0,
  isPlaceholder: false,
  attempts: 0,
  size: 100,
  kind: "ignored",
  event: { kind: "ignored" } as InboundEvent,
  ...more,
});
const ids = (events: readonly ReceivedEvent[]) => events.map(({ rowId }) => rowId);

/** As after a start on an empty store. */
function caughtUp(): Arrivals {
  const arrivals = new Arrivals();
  arrivals.beginReading();
  arrivals.endReading([], true);
  return arrivals;
}

describe("what arrives", () => {
  test("before the store was read is left to the store", () => {
    const arrivals = new Arrivals();
    arrivals.offer([one("a")]);
    expect(arrivals.isComplete).toBe(false);
    expect(arrivals.size).toBe(0);
  });

  test("afterwards is handed out once, in order, in portions", () => {
    const arrivals = caughtUp();
    arrivals.offer([one("a"), one("b")]);
    arrivals.offer([one("c")]);
    expect(ids(arrivals.take(2))).toEqual(["a", "b"]);
    expect(ids(arrivals.take(2))).toEqual(["c"]);
    expect(arrivals.take(2)).toEqual([]);
  });

  test("while the store is read is kept, except what the reading found itself", () => {
    const arrivals = new Arrivals();
    arrivals.beginReading();
    arrivals.offer([one("a"), one("b")]);
    arrivals.endReading([one("a"), one("c")], true);
    // Read before its commit was reported.
    arrivals.offer([one("c"), one("d")]);
    expect(ids(arrivals.take(10))).toEqual(["b", "d"]);
  });

  test("as the real message of a row that was read is not mistaken for a repetition", () => {
    const arrivals = new Arrivals();
    arrivals.beginReading();
    arrivals.endReading([one("a", { isPlaceholder: true })], true);
    arrivals.offer([one("a", { isUpgrade: true })]);
    expect(ids(arrivals.take(10))).toEqual(["a"]);
  });

  test("while more is left in the store than was read is left there too", () => {
    const arrivals = new Arrivals();
    arrivals.beginReading();
    arrivals.offer([one("z")]);
    arrivals.endReading([one("a")], false);
    expect(arrivals.isComplete).toBe(false);
    expect(arrivals.size).toBe(0);
  });

  test("with long texts is handed out in smaller portions, one at least", () => {
    const arrivals = caughtUp();
    arrivals.offer([
      one("a", { size: 900_000 }),
      one("b", { size: 400_000 }),
      one("c", { size: 50_000 }),
      one("d", { size: 60_000 }),
    ]);
    expect(ids(arrivals.take(10))).toEqual(["a"]);
    expect(ids(arrivals.take(10))).toEqual(["b", "c"]);
    expect(ids(arrivals.take(10))).toEqual(["d"]);
    arrivals.offer(Array.from({ length: 20 }, (_, n) => one(`${n}`, { size: 1_000_000 })));
    expect(arrivals.isComplete).toBe(false);
  });

  test("faster than it is taken is forgotten and read from the store", () => {
    const arrivals = caughtUp();
    for (let i = 0; i < 50; i++) arrivals.offer(Array.from({ length: 100 }, (_, n) => one(`${i}-${n}`)));
    expect(arrivals.isComplete).toBe(false);
    expect(arrivals.size).toBe(0);
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
