/** From the journal to rows: each event has its effect once, in order, whatever comes twice and wherever the process has died. */
import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { readWebhook } from "../../src/channels/whatsapp/parse";
import { eventsOf, toRow } from "../../src/flow/received-event";
import { webhookOf } from "../helpers/api-client";
import { ManualClock } from "../helpers/manual-clock";
import { openRooms, type Rooms } from "../helpers/rooms";
import { until } from "../helpers/until";
import { NUMBER, openIngestWorld, texts, unavailable } from "./ingest-world";

let rooms: Rooms;
beforeEach(async () => {
  rooms = await openRooms();
});
afterEach(() => rooms[Symbol.asyncDispose]());

const statesOf = (rows: readonly { state: string }[]) => rows.map(({ state }) => state);

test("what was accepted is processed, kept as rows with the request they came in, and leaves the journal", async () => {
  const world = openIngestWorld({ rooms });
  await world.work();
  await world.post(texts("a", "b"));
  await world.post({ object: "page" });
  await world.work();
  expect(world.effects()).toEqual(["a", "b"]);
  const rows = await world.rows();
  expect(statesOf(rows).sort()).toEqual(["done", "done", "ignored"]);
  for (const row of rows.filter(({ state }) => state === "done"))
    expect(row).toMatchObject({ kind: "message", channel: NUMBER, requestId: "req_1", attempts: 0, reason: null });
  expect(rows.find(({ state }) => state === "ignored")?.reason).toBeTruthy();
  expect(rows.some(({ order }) => order !== undefined)).toBe(false);
  expect(await world.journalled()).toBe(0);
  await world.stop();
});

describe("the same event", () => {
  test("twice in one body, in fifty bodies at once, and again later: one row, one effect", async () => {
    const world = openIngestWorld({ rooms });
    await world.work();
    await world.post(texts("a", "a"));
    await Promise.all(Array.from({ length: 50 }, (_, index) => world.post({ ...(texts("b") as object), number: index })));
    await world.post(texts("a", "b"));
    await world.work();
    expect(world.effects()).toEqual(["a", "b"]);
    expect(await world.rows()).toHaveLength(2);
    expect(world.duplicates).toHaveLength(1 + 49 + 2);
    await world.stop();
  });

  test("after a restart: one effect, and new ones beside it have theirs", async () => {
    const before = openIngestWorld({ rooms });
    await before.post(texts("a"));
    await before.work();
    await before.stop();
    const after = openIngestWorld({ rooms });
    await after.post(texts("a", "b", "c"));
    await after.work();
    expect([...before.effects(), ...after.effects()]).toEqual(["a", "b", "c"]);
    await after.stop();
  });

  test("on another number is another event", async () => {
    const world = openIngestWorld({ rooms });
    await world.post(texts("a"));
    await world.post(webhookOf("another-number", [{ from: "51987650700", id: "a", text: "hola" }]));
    await world.work();
    expect(await world.rows()).toHaveLength(2);
    await world.stop();
  });
});

describe("the one lawful second delivery", () => {
  test("the real message after an unavailable one is processed once more, and comes once", async () => {
    const world = openIngestWorld({ rooms });
    await world.work();
    await world.post(unavailable("a"));
    await world.work();
    await world.post(texts("a"));
    await world.work();
    expect(world.effects()).toEqual(["a?", "a"]);
    await world.post({ ...(texts("a") as object), again: 1 });
    await world.post({ ...(unavailable("a") as object), again: 2 });
    await world.work();
    expect(world.effects()).toEqual(["a?", "a"]);
    const [row, ...more] = await world.rows();
    expect(more).toEqual([]);
    expect(row).toMatchObject({ state: "done" });
    expect([row?.order, row?.isPlaceholder]).toEqual([undefined, undefined]);
    expect(row?.body).toContain("texto a");
    await world.stop();
  });

  test("also when both come in one moment", async () => {
    const world = openIngestWorld({ rooms });
    await world.work();
    await Promise.all([world.post(unavailable("a")), world.post(texts("a"))]);
    await world.work();
    expect(world.effects()).toEqual(["a"]);
    expect((await world.rows()).map(({ body }) => body?.includes("texto a"))).toEqual([true]);
    await world.stop();
  });

  test("an ordinary message is never replaced", async () => {
    const world = openIngestWorld({ rooms });
    await world.post(texts("a"));
    await world.work();
    await world.post(webhookOf(NUMBER, [{ from: "51987650700", id: "a", text: "otro texto" }]));
    await world.work();
    expect(world.effects()).toEqual(["a"]);
    expect((await world.rows())[0]?.body).toContain("texto a");
    await world.stop();
  });
});

describe("a process that dies", () => {
  test("after accepting leaves everything to the next one, in its order", async () => {
    const before = openIngestWorld({ rooms, handsOver: false });
    for (let index = 0; index < 60; index++) await before.post(texts(`${index}`));
    const after = openIngestWorld({ rooms });
    await after.post(texts("later"));
    await after.work();
    expect(after.effects()).toEqual([...Array.from({ length: 60 }, (_, index) => `${index}`), "later"]);
    expect(await after.journalled()).toBe(0);
    await after.stop();
  });

  test("between the rows of a giant body and its end in the journal does nothing twice and loses nothing", async () => {
    const ids = Array.from({ length: 450 }, (_, index) => `g${index}`);
    const before = openIngestWorld({ rooms, handsOver: false });
    await before.post(texts(...ids));
    await before.post(texts("after"));
    const [giant] = before.entries;
    // Some rows are there, some of those are done.
    const rows = eventsOf(giant!, readWebhook).map((one, index) => toRow(one, String(index).padStart(24, "0")));
    await rooms.models.inboundEvents.collection.insertMany(rows.slice(0, 300) as never[]);
    await rooms.models.inboundEvents.collection.updateMany(
      { _id: { $in: rows.slice(0, 100).map(({ _id }) => _id) as never[] } },
      { $set: { state: "done" }, $unset: { order: "" } } as never,
    );
    const after = openIngestWorld({ rooms });
    await after.work();
    expect(after.effects()).toEqual([...ids.slice(100), "after"]);
    expect(after.committed.every((page) => page.length <= 200)).toBe(true);
    expect(await after.journalled()).toBe(0);
    expect(new Set(statesOf(await after.rows()))).toEqual(new Set(["done"]));
    await after.stop();
  });
});

describe("two processes on one store", () => {
  test("that come upon the same entry do its work once", async () => {
    const mine = openIngestWorld({ rooms, owner: "mine" });
    await mine.post(texts("a"));
    await mine.work();
    // Ours again, as the other one may have read it before our commit.
    await rooms.models.journal.collection.insertMany(mine.entries.map((entry) => ({ ...entry, owner: "theirs" })) as never[]);
    const theirs = openIngestWorld({ rooms, owner: "theirs" });
    await theirs.post(texts("b"));
    await theirs.work();
    expect([...mine.effects(), ...theirs.effects()]).toEqual(["a", "b"]);
    expect(await theirs.journalled()).toBe(0);
    await Promise.all([mine.stop(), theirs.stop()]);
  });

  test("keep the order of arrival: what the other took in comes first, and is taken over when the other has died", async () => {
    const clock = new ManualClock();
    const theirs = openIngestWorld({ rooms, clock, owner: "theirs", handsOver: false });
    const mine = openIngestWorld({ rooms, clock, owner: "mine" });
    await mine.post(texts("a"));
    await mine.work();
    await theirs.post(texts("b"));
    await mine.post(texts("c"));
    // They are alive and will do it: nothing may overtake it.
    await Bun.sleep(50);
    expect(mine.effects()).toEqual(["a"]);
    await theirs.work();
    await until(() => mine.effects().length === 2);
    expect([mine.effects(), theirs.effects()]).toEqual([["a", "c"], ["b"]]);
    await theirs.post(texts("d"));
    await mine.post(texts("e"));
    clock.advance(1_000);
    await until(() => mine.effects().length === 4);
    expect(mine.effects()).toEqual(["a", "c", "d", "e"]);
    await Promise.all([mine.stop(), theirs.stop()]);
  });
});

describe("what cannot be processed", () => {
  test("is set aside with its reason; those before and behind it have their effect, in their order", async () => {
    const world = openIngestWorld({
      rooms,
      fail: (name) => {
        if (name === "bad") throw new Error("it is poison");
      },
    });
    await world.work();
    await Promise.all(["a", "b"].map((id) => world.post(texts(id))));
    await Promise.all([world.post(texts("c", "bad", "d")), world.post(texts("e"))]);
    await world.work();
    expect(world.effects()).toEqual(["a", "b", "c", "d", "e"]);
    const dead = (await world.rows()).filter(({ state }) => state !== "done");
    expect(dead.map(({ state, reason, attempts }) => [state, reason, attempts])).toEqual([["dead", "it is poison", 3]]);
    expect(await world.journalled()).toBe(0);
    await world.stop();
  });

  test("because the store does not take its row does not stop the journal", async () => {
    const world = openIngestWorld({ rooms });
    await world.work();
    const { collection } = rooms.models.inboundEvents;
    const insertMany = collection.insertMany.bind(collection);
    const picky = spyOn(collection, "insertMany").mockImplementation((async (
      docs: { body: string; state: string }[],
      options: object,
    ) => {
      if (docs.some(({ body, state }) => body.includes("giant") && state !== "dead"))
        throw new Error("object to insert too large");
      return insertMany(docs as never, options);
    }) as never);
    await world.post(texts("a", "giant", "b"));
    await world.work();
    picky.mockRestore();
    expect(world.effects()).toEqual(["a", "b"]);
    const dead = (await world.rows()).filter(({ state }) => state === "dead");
    expect(dead.map(({ reason }) => reason)).toEqual(["it could not be stored: object to insert too large"]);
    expect(await world.journalled()).toBe(0);
    await world.stop();
  });
});
