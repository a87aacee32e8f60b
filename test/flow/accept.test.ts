/** Accepting: durable before it resolves, each event once for ever, many requests with one insert. */
import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import type { InboundEvent } from "../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../src/channels/whatsapp/parse";
import { silentLog } from "../../src/core/log";
import { createAccept } from "../../src/flow/accept";
import { isStoreUnavailable } from "../../src/store/connect";
import { webhookOf } from "../helpers/api-client";
import { ManualClock } from "../helpers/manual-clock";
import { openRooms, type Rooms } from "../helpers/rooms";

const NUMBER = "440055660077001";
const TTL = 60_000;

let rooms: Rooms;
let clock: ManualClock;
let accepted: number;
let duplicates: number;
beforeEach(async () => {
  rooms = await openRooms();
  clock = new ManualClock();
  accepted = duplicates = 0;
});
afterEach(() => rooms[Symbol.asyncDispose]());

const open = () =>
  createAccept({
    events: rooms.models.inboundEvents,
    dedupTtlMs: TTL,
    clock,
    log: silentLog,
    trace: (stage) => {
      if (stage === "duplicate") duplicates++;
    },
    isStoreUnavailable,
    onAccepted: () => {
      accepted++;
    },
    onRefused: () => {},
  });

const meta = () => ({ requestId: "req_test_0001", receivedAt: clock.now() });
const texts = (...ids: string[]): InboundEvent[] =>
  parseWebhook(
    webhookOf(
      NUMBER,
      ids.map((id) => ({ from: "51987650700", id, text: `texto ${id}` })),
    ),
    Date.now(),
  );
const rows = () => rooms.models.inboundEvents.find({}).lean();

/** The message WhatsApp could not hand over yet, and the same one later. */
function unavailable(id: string): InboundEvent[] {
  const [event] = texts(id);
  const message = {
    from: "51987650700",
    id,
    timestamp: "1790000000",
    type: "unsupported",
    errors: [{ code: 131_060, title: "Unavailable" }],
  };
  const body = webhookOf(NUMBER, []) as { entry: { changes: { value: { messages: unknown[] } }[] }[] };
  for (const change of body.entry[0]?.changes ?? []) change.value.messages = [message];
  const parsed = parseWebhook(body, Date.now());
  expect(parsed[0]?.key).toBe(event?.key ?? "");
  return parsed;
}

test("what has resolved is stored, ready to be processed, with the request it came in", async () => {
  await open().accept(texts("a", "b"), meta());
  const stored = await rows();
  expect(stored).toHaveLength(2);
  for (const row of stored)
    expect(row).toMatchObject({ state: "ready", kind: "message", channel: NUMBER, requestId: "req_test_0001", attempts: 0 });
  expect(stored.every(({ order }) => typeof order === "string")).toBe(true);
  expect(accepted).toBe(1);
});

test("what makes no sense is stored as ignored and is no work", async () => {
  await open().accept(parseWebhook({ object: "page" }, Date.now()), meta());
  const [row] = await rows();
  expect(row).toMatchObject({ state: "ignored" });
  expect(row?.reason).toBeTruthy();
  expect(row?.order).toBeUndefined();
});

describe("the same event", () => {
  test("twice in one request, in fifty requests at once, and again later: one row", async () => {
    const door = open();
    await door.accept([...texts("a"), ...texts("a")], meta());
    await Promise.all(Array.from({ length: 50 }, () => door.accept(texts("b"), meta())));
    await door.accept(texts("a", "b"), meta());
    expect(await rows()).toHaveLength(2);
    expect(duplicates).toBe(1 + 49 + 2);
  });

  test("within the time of the fast path does not touch the store; after it the unique key still holds", async () => {
    const door = open();
    await door.accept(texts("a"), meta());
    const insert = spyOn(rooms.models.inboundEvents.collection, "insertMany");
    clock.advance(TTL - 1);
    await door.accept(texts("a"), meta());
    expect(insert).toHaveBeenCalledTimes(0);
    clock.advance(1);
    await door.accept(texts("a"), meta());
    expect(insert).toHaveBeenCalledTimes(1);
    expect(await rows()).toHaveLength(1);
    insert.mockRestore();
  });

  test("after a restart: one row, and new ones beside it are stored", async () => {
    await open().accept(texts("a"), meta());
    await open().accept(texts("a", "b", "c"), meta());
    expect(await rows()).toHaveLength(3);
  });

  test("on another number is another event", async () => {
    const door = open();
    await door.accept(texts("a"), meta());
    const body = webhookOf("another-number", [{ from: "51987650700", id: "a", text: "hola" }]);
    await door.accept(parseWebhook(body, Date.now()), meta());
    expect(await rows()).toHaveLength(2);
  });
});

test("a hundred requests of one moment share their inserts", async () => {
  const insert = spyOn(rooms.models.inboundEvents.collection, "insertMany");
  const door = open();
  await Promise.all(Array.from({ length: 100 }, (_, index) => door.accept(texts(`m${index}`), meta())));
  expect(insert.mock.calls.length).toBeLessThan(5);
  expect(await rows()).toHaveLength(100);
  insert.mockRestore();
});

describe("the one lawful second delivery", () => {
  test("the real message after an unavailable one upgrades the row and is processed again", async () => {
    const door = open();
    await door.accept(unavailable("a"), meta());
    await rooms.models.inboundEvents.updateMany({}, { $set: { state: "done" }, $unset: { order: "" } });
    await door.accept(texts("a"), meta());
    const [row, ...more] = await rows();
    expect(more).toEqual([]);
    expect(row).toMatchObject({ state: "ready", attempts: 0 });
    expect(row?.order).toBeString();
    expect(row?.isPlaceholder).toBeUndefined();
    expect(row?.body).toContain("texto a");
  });

  test("comes once: a third delivery, or the unavailable one again, changes nothing", async () => {
    const door = open();
    await door.accept(unavailable("a"), meta());
    await door.accept(texts("a"), meta());
    const before = await rows();
    clock.advance(TTL);
    await door.accept(texts("a"), meta());
    await door.accept(unavailable("a"), meta());
    expect(await rows()).toEqual(before);
  });

  test("also when both come in one moment", async () => {
    const door = open();
    await Promise.all([door.accept(unavailable("a"), meta()), door.accept(texts("a"), meta())]);
    const [row, ...more] = await rows();
    expect(more).toEqual([]);
    expect(row?.body).toContain("texto a");
  });

  test("an ordinary message is never replaced", async () => {
    const door = open();
    await door.accept(texts("a"), meta());
    clock.advance(TTL);
    const body = webhookOf(NUMBER, [{ from: "51987650700", id: "a", text: "otro texto" }]);
    await door.accept(parseWebhook(body, Date.now()), meta());
    expect((await rows())[0]?.body).toContain("texto a");
  });
});

test("a store that fails is told to everybody who waits, nothing is remembered, and the next try is stored", async () => {
  const door = open();
  const broken = spyOn(rooms.models.inboundEvents.collection, "insertMany").mockRejectedValue(
    Object.assign(new Error("not primary"), { code: 10_107 }),
  );
  const results = await Promise.allSettled([door.accept(texts("a"), meta()), door.accept(texts("b"), meta())]);
  for (const result of results)
    expect(result).toMatchObject({ status: "rejected", reason: { code: "store.unavailable", retryAfter: 5 } });
  expect(accepted).toBe(0);
  broken.mockRestore();
  await door.accept(texts("a", "b"), meta());
  expect(await rows()).toHaveLength(2);
});
