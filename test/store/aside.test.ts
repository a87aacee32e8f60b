/** Transactions that stand aside: private views with indexes, cursors and unique keys, locks, limits, and a model of many at once. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { mongo } from "mongoose";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { failure } from "./contract/context";
import { openTestStore, type TestStore } from "./embedded-store";

const RUNS = Math.min(Number(process.env.STORE_PROPERTY_RUNS ?? 60), 2_000);

interface Row extends mongo.Document {
  _id: number;
}

const isTransient = (error: object) => (error as mongo.MongoServerError).hasErrorLabel("TransientTransactionError");

/** A session whose transaction has run `first`, and has let go of the writer for the sake of another write. */
async function standAside(test: TestStore, clock: ManualClock, first: (session: mongo.ClientSession) => Promise<unknown>) {
  const session = await test.store.connection.startSession();
  session.startTransaction();
  await first(session);
  let isDone = false;
  const other = test.db
    .collection("bystander")
    .insertOne({})
    .then(() => {
      isDone = true;
    });
  await untilAdvancing(clock, () => isDone, { step: 25 });
  await other;
  return session;
}

async function openWorld() {
  const clock = new ManualClock();
  const store = await openTestStore({ clock });
  const things = store.db.collection<Row>("things");
  await things.createIndex({ kind: 1, n: -1 });
  await things.createIndex({ code: 1 }, { unique: true, sparse: true });
  await things.createIndex({ tags: 1 });
  await store.db.collection("bystander").insertOne({});
  await things.insertMany(Array.from({ length: 20 }, (_, i) => ({ _id: i, kind: i % 2, n: i, code: `c${i}`, tags: [i, i + 1] })));
  return { clock, store, things, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

describe("a transaction that stands aside", () => {
  test("reads its own changes through every index, and nobody else does", async () => {
    await using world = await openWorld();
    const { store, things } = world;
    const session = await standAside(store, world.clock, async (s) => {
      await things.updateOne({ _id: 4 }, { $set: { kind: 1, tags: [99] } }, { session: s });
      await things.deleteOne({ _id: 19 }, { session: s });
    });
    await things.insertOne({ _id: 50, kind: 1, n: 4.5, code: "new", tags: 7 }, { session });
    await things.updateMany({ kind: 0, n: { $lt: 4 } }, { $inc: { n: 100 } }, { session });
    await things.deleteOne({ _id: 50 }, { session });
    await things.insertOne({ _id: 50, kind: 1, n: 4.5, code: "new2", tags: 7 }, { session });
    const seen = async (options: mongo.FindOptions) => {
      const ids = (cursor: mongo.FindCursor<mongo.WithId<Row>>) => cursor.map(({ _id }) => _id).toArray();
      return {
        kind1: await ids(things.find({ kind: 1 }, { ...options, sort: { n: -1 } })),
        kind0: await ids(things.find({ kind: 0 }, { ...options, sort: { n: 1 }, limit: 4 })),
        tag: await ids(things.find({ tags: { $in: [99, 7] } }, { ...options, sort: { _id: 1 } })),
        code: await ids(things.find({ code: { $in: ["c19", "new", "new2"] } }, options)),
        count: await things.countDocuments({ kind: 1 }, options),
        sum: (await things.aggregate([{ $group: { _id: null, n: { $sum: "$n" } } }], options).toArray())[0]!.n,
      };
    };
    const inside = {
      kind1: [17, 15, 13, 11, 9, 7, 5, 50, 4, 3, 1],
      kind0: [6, 8, 10, 12],
      tag: [4, 6, 7, 50],
      code: [50],
      count: 11,
      sum: 190 - 19 + 4.5 + 200,
    };
    expect(await seen({ session })).toEqual(inside);
    expect(await seen({})).toEqual({
      kind1: [19, 17, 15, 13, 11, 9, 7, 5, 3, 1],
      kind0: [0, 2, 4, 6],
      tag: [6, 7],
      code: [19],
      count: 10,
      sum: 190,
    });
    await session.commitTransaction();
    expect(await seen({})).toEqual(inside);
    await session.endSession();
    expect(checkIntegrity(store.engine.storage)).toEqual([]);
  });

  test("keeps unique keys: its own mistakes are duplicates, what others took meanwhile is a conflict", async () => {
    await using world = await openWorld();
    const { store, things } = world;
    const swap = await standAside(store, world.clock, async (session) => {
      await things.updateOne({ _id: 1 }, { $set: { code: "tmp" } }, { session });
      await things.updateOne({ _id: 2 }, { $set: { code: "c1" } }, { session });
    });
    await things.updateOne({ _id: 1 }, { $set: { code: "c2" } }, { session: swap });
    await swap.commitTransaction();
    expect((await things.find({ _id: { $in: [1, 2] } }).toArray()).map(({ code }) => code)).toEqual(["c2", "c1"]);

    const wrong = await standAside(store, world.clock, (session) => things.findOne({}, { session }));
    expect((await failure(things.insertOne({ _id: 90, code: "c5" }, { session: wrong }))).code).toBe(11000);
    await wrong.abortTransaction();

    const late = await standAside(store, world.clock, (session) => things.findOne({}, { session }));
    await things.insertOne({ _id: 92, code: "x" });
    const error = await failure(things.insertOne({ _id: 91, code: "x" }, { session: late }));
    expect([error.code, isTransient(error)]).toEqual([112, true]);
    await late.abortTransaction();
    for (const session of [swap, wrong, late]) await session.endSession();
  });

  test("a key that one has inserted is taken: another transaction fails at once, a write outside waits and is a duplicate", async () => {
    await using world = await openWorld();
    const { store, things, clock } = world;
    const first = await standAside(store, clock, (session) => things.insertOne({ _id: 91, code: "x" }, { session }));
    const second = store.store.connection.startSession();
    for (const row of [{ _id: 91 }, { _id: 92, code: "x" }]) {
      const session = await second;
      session.startTransaction();
      const error = await failure(things.insertOne(row, { session }));
      expect([error.code, isTransient(error)]).toEqual([112, true]);
      await session.abortTransaction();
    }
    const outside = failure(things.insertOne({ _id: 93, code: "x" }));
    const free = things.insertOne({ _id: 94, code: "y" });
    await free;
    await first.commitTransaction();
    expect((await outside).code).toBe(11000);
    expect(await things.countDocuments({ code: "x" })).toBe(1);
    for (const session of [first, await second]) await session.endSession();
    expect(checkIntegrity(store.engine.storage)).toEqual([]);
  });

  test("goes on with a cursor that was opened before, and gives each document once", async () => {
    await using world = await openWorld();
    const { store, things } = world;
    let cursor!: mongo.FindCursor<mongo.WithId<Row>>;
    const seen: number[] = [];
    const session = await standAside(store, world.clock, async (s) => {
      await things.insertOne({ _id: 30, kind: 2, n: 30 }, { session: s });
      cursor = things.find({}, { session: s, batchSize: 3 });
      for (let i = 0; i < 6; i++) seen.push((await cursor.next())!._id);
    });
    await things.deleteMany({ _id: { $gt: 10 } });
    for await (const { _id } of cursor) seen.push(_id);
    expect(seen).toEqual([...Array.from({ length: 20 }, (_, i) => i), 30]);
    await session.commitTransaction();
    expect(await things.countDocuments({})).toBe(12);
    await session.endSession();
  });

  test("cannot make collections or outlive a change of the catalog: it fails as a conflict, and its repetition succeeds", async () => {
    await using world = await openWorld();
    const { store, things, clock } = world;
    const made = store.db.collection<Row>("made");
    const first = await standAside(store, clock, (session) => things.insertOne({ _id: 60 }, { session }));
    const refused = await failure(made.insertOne({ _id: 1 }, { session: first }));
    expect([refused.code, isTransient(refused)]).toEqual([112, true]);
    await first.abortTransaction();
    first.startTransaction();
    await made.insertOne({ _id: 1 }, { session: first });
    await first.commitTransaction();
    expect(await made.countDocuments({})).toBe(1);

    const second = await standAside(store, clock, (session) => things.insertOne({ _id: 61 }, { session }));
    await things.dropIndex("tags_1");
    expect((await failure(things.find({ tags: 1 }, { session: second }).toArray())).code).toBe(112);
    await second.abortTransaction();
    const third = await standAside(store, clock, (session) => things.insertOne({ _id: 62 }, { session }));
    await things.createIndex({ tags: 1 });
    expect((await failure(third.commitTransaction())).code).toBe(112);
    expect(await things.countDocuments({ _id: { $gte: 60 } })).toBe(0);
    for (const session of [first, second, third]) await session.endSession();
  });

  test("a write outside waits five seconds for its document and then fails; after an abort it is done at once", async () => {
    await using world = await openWorld();
    const { store, things, clock } = world;
    const session = await standAside(store, clock, (s) => things.updateOne({ _id: 1 }, { $set: { n: -1 } }, { session: s }));
    let late: Error | undefined;
    const outside = things.updateOne({ _id: 1 }, { $set: { n: 5 } }).catch((error: Error) => {
      late = error;
    });
    await untilAdvancing(clock, () => late);
    await outside;
    expect([(late as { code?: number } | undefined)?.code, isTransient(late!)]).toEqual([112, false]);
    const patient = things.updateOne({ _id: 1 }, { $inc: { n: 100 } });
    await things.updateOne({ _id: 2 }, { $inc: { n: 1 } });
    await session.abortTransaction();
    await patient;
    expect((await things.findOne({ _id: 1 }))!.n).toBe(101);
    await session.endSession();
  });

  test("is aborted after a minute, and when the store closes", async () => {
    const { store, things, clock } = await openWorld();
    const left = await standAside(store, clock, (session) => things.updateOne({ _id: 1 }, { $set: { n: -1 } }, { session }));
    clock.advance(61_000);
    expect((await failure(things.findOne({}, { session: left }))).code).toBe(251);
    await standAside(store, clock, (session) => things.updateOne({ _id: 1 }, { $set: { n: -2 } }, { session }));
    const waiting = things.updateOne({ _id: 1 }, { $set: { n: 7 } });
    await new Promise(setImmediate);
    await Promise.all([store.store.close(), waiting]);
  });
});

describe("many transactions at once", () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 3 }),
    what: fc.constantFrom("read", "put", "put", "remove", "commit", "abort", "outside"),
    id: fc.integer({ min: 0, max: 3 }),
  });

  interface Open {
    session: mongo.ClientSession;
    snapshot: Map<number, number>;
    own: Map<number, number | null>;
    ghosts: Set<number>;
  }

  test("behave like snapshots of which the first to write a document wins", async () => {
    const clock = new ManualClock();
    await using store = await openTestStore({ clock });
    const things = store.db.collection<Row>("things");
    await things.createIndex({ n: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        await things.deleteMany({});
        await things.insertMany([0, 1, 2, 3].map((_id) => ({ _id, n: _id })));
        const committed = new Map([0, 1, 2, 3].map((id) => [id, id]));
        /** When each document was changed last. */
        const changedAt = new Map<number, number>();
        const open = new Map<number, Open & { since: number }>();
        let next = 100;
        let time = 0;
        /** Lets the command run; whoever has the writer makes way as time passes. */
        const run = async <T>(work: Promise<T>): Promise<T | Error> => {
          let answer: T | Error | undefined;
          let isDone = false;
          work
            .then(
              (value) => value,
              (error: Error) => error,
            )
            .then((value) => {
              answer = value;
              isDone = true;
            });
          await untilAdvancing(clock, () => isDone, { step: 25, limit: 4_000 });
          return answer as T | Error;
        };
        const end = async (who: number) => {
          await open.get(who)!.session.endSession();
          open.delete(who);
        };
        const lockedBy = (id: number) => [...open].find(([, { own }]) => own.has(id))?.[0];
        /** Inserted and removed again: nothing is left to lose, so whether its key is still kept from others is not promised. */
        const mayBeLocked = (id: number, who: number) => [...open].some(([other, { ghosts }]) => other !== who && ghosts.has(id));
        for (const { who, what, id } of steps) {
          const value = next++;
          time++;
          if (what === "outside") {
            // It would wait for a document that somebody has.
            if (lockedBy(id) !== undefined || mayBeLocked(id, -1)) continue;
            await run(things.replaceOne({ _id: id }, { n: value }, { upsert: true }));
            committed.set(id, value);
            changedAt.set(id, time);
            continue;
          }
          let mine = open.get(who);
          if (!mine) {
            if (what === "commit" || what === "abort") continue;
            const session = await store.store.connection.startSession();
            session.startTransaction();
            mine = { session, snapshot: new Map(), own: new Map(), ghosts: new Set(), since: time };
            await run(things.findOne({}, { session }));
            mine.snapshot = new Map(committed);
            open.set(who, mine);
          }
          const { session, snapshot, own, ghosts, since } = mine;
          const view = new Map(
            [...new Map<number, number | null>([...snapshot, ...own])].filter(
              (pair): pair is [number, number] => pair[1] !== null,
            ),
          );
          if (what === "read") {
            const rows = await run(things.find({}, { session, sort: { n: 1 } }).toArray());
            expect(rows as object).toEqual([...view].sort((a, b) => a[1] - b[1]).map(([_id, n]) => ({ _id, n })));
          } else if (what === "commit") {
            const answer = await run(session.commitTransaction());
            // Whoever came this far has everything it has changed for itself.
            expect(answer).not.toBeInstanceOf(Error);
            for (const [key, n] of own) {
              if (n === null) committed.delete(key);
              else committed.set(key, n);
              changedAt.set(key, time);
            }
            await end(who);
          } else if (what === "abort") {
            await run(session.abortTransaction());
            await end(who);
          } else {
            const wasThere = view.has(id);
            const work: Promise<unknown> =
              what === "remove"
                ? things.deleteOne({ _id: id }, { session })
                : wasThere
                  ? things.updateOne({ _id: id }, { $set: { n: value } }, { session })
                  : things.insertOne({ _id: id, n: value }, { session });
            const answer = await run(work);
            const others = lockedBy(id) !== undefined && lockedBy(id) !== who;
            const isLate = !own.has(id) && (others || (changedAt.get(id) ?? -1) > since);
            if (answer instanceof Error) {
              expect([isTransient(answer), isLate || mayBeLocked(id, who)]).toEqual([true, true]);
              await run(session.abortTransaction());
              await end(who);
            } else {
              if (what === "put" || wasThere) expect(isLate).toBe(false);
              if (what === "put" || wasThere) own.set(id, what === "remove" ? null : value);
              if (what === "put") ghosts.delete(id);
              else if (wasThere && !snapshot.has(id)) {
                own.delete(id);
                ghosts.add(id);
              }
            }
          }
        }
        for (const who of [...open.keys()]) {
          await run(open.get(who)!.session.abortTransaction());
          await end(who);
        }
        const rows = await things.find({}, { sort: { n: 1 } }).toArray();
        expect(rows as object).toEqual([...committed].sort((a, b) => a[1] - b[1]).map(([_id, n]) => ({ _id, n })));
        expect(checkIntegrity(store.engine.storage)).toEqual([]);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 120_000);
});
