import { expect, test } from "bun:test";
import { createLog, silentLog } from "../../src/core/log";
import { type CommittedEvent, EventBus, type PublishedEvent } from "../../src/events/bus";

const event = (seq: number): CommittedEvent => ({
  _id: seq,
  event: "contact:updated",
  topics: ["inbox"],
  value: { seq },
  data: `{"seq":${seq}}`,
  correlationId: null,
  at: new Date(0),
});

function open() {
  const bus = new EventBus(silentLog);
  const heard: (number | null)[] = [];
  bus.subscribe(({ seq }) => void heard.push(seq));
  return { bus, heard };
}

test("events leave in the order of their sequence, whatever order their commits report back in", () => {
  const { bus, heard } = open();
  bus.publish([event(3)]);
  bus.publish([event(5), event(4)]);
  expect(heard).toEqual([]);
  bus.publish([event(1)]);
  expect(heard).toEqual([1]);
  bus.publish([event(2)]);
  expect(heard).toEqual([1, 2, 3, 4, 5]);
  expect(bus.seq).toBe(5);
});

test("one that comes twice is heard once", () => {
  const { bus, heard } = open();
  bus.publish([event(1)]);
  bus.publish([event(1), event(2)]);
  expect(heard).toEqual([1, 2]);
});

test("after a start the numbering goes on where it stood", () => {
  const { bus, heard } = open();
  bus.startAfter(41);
  expect(bus.seq).toBe(41);
  bus.publish([event(42)]);
  expect(heard).toEqual([42]);
});

test("a listener gets the value and the text that was stored", () => {
  const bus = new EventBus(silentLog);
  const heard: PublishedEvent[] = [];
  bus.subscribe((one) => void heard.push(one));
  const one = event(1);
  bus.publish([one]);
  const { at } = one;
  expect(heard).toEqual([
    { seq: 1, event: "contact:updated", topics: ["inbox"], left: [], cause: [], data: { seq: 1 }, json: '{"seq":1}', at },
  ]);
});

test("passing events leave at once, without a number, and do not touch the sequence", () => {
  const { bus, heard } = open();
  bus.publish([event(2)]);
  bus.pass("typing:indicator", { conversation: "019345f2c1a4000a5be1f00d", by: "agent", on: true });
  expect(heard).toEqual([null]);
  expect(bus.seq).toBe(0);
});

test("a listener that fails is told in the log and keeps nobody from hearing", () => {
  const lines: string[] = [];
  const bus = new EventBus(createLog({ level: "info", write: (line) => void lines.push(line) }));
  const heard: (number | null)[] = [];
  bus.subscribe(() => {
    throw new Error("a bug in a listener");
  });
  bus.subscribe(({ seq }) => void heard.push(seq));
  bus.publish([event(1), event(2)]);
  expect(heard).toEqual([1, 2]);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("a bug in a listener");
});

test("whoever unsubscribes hears nothing more, also while an event is handed out", () => {
  const { bus, heard } = open();
  const late: (number | null)[] = [];
  const stop = bus.subscribe(({ seq }) => {
    late.push(seq);
    stop();
  });
  bus.publish([event(1), event(2)]);
  expect(late).toEqual([1]);
  expect(heard).toEqual([1, 2]);
});
