/** Accepting: the body is durable before it resolves, and many requests share one insert. */
import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { signBody } from "../../src/channels/whatsapp/signature";
import { silentLog } from "../../src/core/log";
import { createAccept } from "../../src/flow/accept";
import { type JournalEntry, oldestEntries, oldestTime } from "../../src/flow/journal.model";
import { isStoreUnavailable } from "../../src/store/connect";
import { ManualClock } from "../helpers/manual-clock";
import { openRooms, type Rooms } from "../helpers/rooms";

const TTL = 60_000;

let rooms: Rooms;
let clock: ManualClock;
let accepted: JournalEntry[];
let refused: number;
let duplicates: number;
beforeEach(async () => {
  rooms = await openRooms();
  clock = new ManualClock();
  accepted = [];
  refused = duplicates = 0;
});
afterEach(() => rooms[Symbol.asyncDispose]());

const open = () =>
  createAccept({
    journal: rooms.models.journal,
    owner: "me",
    dedupTtlMs: TTL,
    clock,
    log: silentLog,
    trace: (stage) => {
      if (stage === "duplicate") duplicates++;
    },
    isStoreUnavailable,
    onAccepted: (entries) => {
      accepted.push(...entries);
    },
    onRefused: () => {
      refused++;
    },
  });

const post = (door: ReturnType<typeof open>, text: string, requestId = "req_test_0001") =>
  door.accept(Buffer.from(text), { requestId, receivedAt: clock.now(), signature: signBody("secret", text) });
const stored = async () => {
  const entries = await oldestEntries(rooms.models.journal, 1_000);
  return entries.flatMap(({ requests }) => requests.map(({ id, body }) => `${id} ${Buffer.from(body).toString()}`));
};

test("what has resolved is stored byte for byte, in its order, with the request it came in", async () => {
  const door = open();
  const bytes = Buffer.from([0, 255, 128, 10, 34]);
  await door.accept(bytes, { requestId: "req_bytes", receivedAt: 5_000, signature: signBody("secret", bytes) });
  await post(door, "first", "req_1");
  await Promise.all([post(door, "second", "req_2"), post(door, "third", "req_3")]);
  const [entry] = await oldestEntries(rooms.models.journal, 1);
  expect(entry?.requests).toEqual([{ id: "req_bytes", at: new Date(5_000), body: bytes }]);
  expect(await oldestTime(rooms.models.journal)).toBe(5_000);
  expect((await stored()).slice(1)).toEqual(["req_1 first", "req_2 second", "req_3 third"]);
  expect(accepted.flatMap(({ requests }) => requests.map(({ id }) => id))).toEqual(["req_bytes", "req_1", "req_2", "req_3"]);
});

test("the same body within the time of the fast path does not touch the store; later it does, and is told apart behind the door", async () => {
  const door = open();
  await post(door, "a");
  const insert = spyOn(rooms.models.journal.collection, "insertMany");
  clock.advance(TTL - 1);
  await post(door, "a");
  expect(insert).toHaveBeenCalledTimes(0);
  expect(duplicates).toBe(1);
  clock.advance(1);
  await post(door, "a");
  expect(insert).toHaveBeenCalledTimes(1);
  insert.mockRestore();
});

test("a hundred requests of one moment share their inserts, in entries of a bounded size", async () => {
  const insert = spyOn(rooms.models.journal.collection, "insertMany");
  const door = open();
  await Promise.all(Array.from({ length: 100 }, (_, index) => post(door, `m${index}`)));
  expect(insert.mock.calls.length).toBeLessThan(5);
  await Promise.all(Array.from({ length: 5 }, (_, index) => post(door, `${index}`.repeat(90_000))));
  insert.mockRestore();
  expect(await stored()).toHaveLength(105);
  const entries = await oldestEntries(rooms.models.journal, 1_000);
  for (const { requests } of entries) {
    expect(requests.length).toBeLessThanOrEqual(25);
    expect(requests.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThanOrEqual(200_000);
  }
});

test("a store that fails is told to everybody who waits, nothing is remembered, and the next try is stored", async () => {
  const door = open();
  const broken = spyOn(rooms.models.journal.collection, "insertMany").mockRejectedValue(
    Object.assign(new Error("not primary"), { code: 10_107 }),
  );
  const results = await Promise.allSettled([post(door, "a"), post(door, "b")]);
  for (const result of results)
    expect(result).toMatchObject({ status: "rejected", reason: { code: "store.unavailable", retryAfter: 5 } });
  expect([accepted.length, refused]).toEqual([0, 1]);
  broken.mockRestore();
  await Promise.all([post(door, "a"), post(door, "b")]);
  expect(await stored()).toHaveLength(2);
});
