/**
 * Sends the same random commands to two stores and compares everything that comes back: replies, errors, and at the end
 * the stored bytes.
 */
import { expect } from "bun:test";
import fc from "fast-check";
import type { mongo } from "mongoose";
import { documents, filters, pipelines, sorts, updates } from "./arbitrary";

type Command = { name: string } & Record<string, unknown>;

const NAME = "compared";
const RUNS = Number(process.env.STORE_DIFFERENTIAL_RUNS ?? 60);

const small = fc.integer({ min: 0, max: 4 });

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(filters, sorts, small, small)
      .map(([filter, sort, skip, limit]) => ({ name: "find", filter, sort: { ...sort, _id: 1 }, skip, limit })),
  },
  fc.tuple(filters, small).map(([query, skip]) => ({ name: "count", query, skip })),
  fc.tuple(fc.constantFrom("a", "a.x", "b", "c.0"), filters).map(([key, query]) => ({ name: "distinct", key, query })),
  {
    weight: 2,
    arbitrary: pipelines.map((stages) => ({ name: "aggregate", pipeline: [{ $sort: { _id: 1 } }, ...stages], cursor: {} })),
  },
  // What stops half-way depends on the order in which documents are found, so several are changed only in ways that cannot fail.
  {
    weight: 2,
    arbitrary: fc
      .tuple(filters, fc.constantFrom({ $set: { a: 3 } }, { $unset: { b: "" } }, { $set: { c: ["a", 2] }, $unset: { a: "" } }))
      .map(([q, u]) => ({ name: "update", updates: [{ q, u, multi: true }] })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(filters, small, updates)
      .map(([q, _id, u]) => ({ name: "update", updates: [{ q: { $and: [q, { _id }] }, u }] })),
  },
  fc
    .tuple(small, updates, fc.boolean())
    .map(([_id, u, upsert]) => ({ name: "update", updates: [{ q: { _id: _id * 10 }, u, upsert }] })),
  fc
    .tuple(filters, updates, fc.boolean())
    .map(([query, update, isNew]) => ({ name: "findAndModify", query, update, sort: { _id: 1 }, new: isNew })),
  fc.tuple(filters).map(([query]) => ({ name: "findAndModify", query, remove: true, sort: { _id: -1 } })),
  documents.map((list) => ({ name: "insert", documents: list.map((doc, i) => ({ _id: i * 3, ...doc })), ordered: false })),
  filters.map((q) => ({ name: "delete", deletes: [{ q: { $and: [q, { _id: { $gt: 3 } }] }, limit: 0 }] })),
);

export interface CompareOptions {
  runs?: number;
  /** Prepares the second store, e.g. with indexes that must not change an answer. */
  prepare?: (second: mongo.Db) => Promise<void>;
}

export async function compareStores(
  first: mongo.Db,
  second: mongo.Db,
  { runs = RUNS, prepare }: CompareOptions = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(documents, fc.array(commands, { minLength: 3, maxLength: 10 }), async (list, steps) => {
      for (const db of [first, second]) await db.collection(NAME).drop();
      await prepare?.(second);
      const seed: Command = { name: "insert", documents: list.map((doc, i) => ({ _id: i, ...doc })) };
      for (const command of [seed, ...steps]) expect(await outcome(second, command)).toEqual(await outcome(first, command));
      expect(await stored(second)).toEqual(await stored(first));
    }),
    { numRuns: runs },
  );
}

/** What a command answers, without what differs from server to server. */
async function outcome(db: mongo.Db, { name, ...fields }: Command): Promise<unknown> {
  try {
    const reply = await db.command({ [name]: NAME, ...fields }, { promoteValues: false });
    const { cursor, n, nModified, upserted, value, values, lastErrorObject, writeErrors } = reply;
    return {
      batch: cursor?.firstBatch,
      n,
      nModified,
      upserted,
      value,
      values,
      lastErrorObject,
      writeErrors: writeErrors?.map(({ index, code }: { index: unknown; code: unknown }) => ({ index, code })),
    };
  } catch (error) {
    const { code, codeName } = error as { code?: unknown; codeName?: unknown };
    if (code === undefined) throw error;
    return { code, codeName };
  }
}

/** Every document as the bytes that are kept. */
async function stored(db: mongo.Db): Promise<string[]> {
  const raw = await db
    .collection(NAME)
    .find({}, { raw: true, sort: { _id: 1 } })
    .toArray();
  return raw.map((bytes) => Buffer.from(bytes as unknown as Uint8Array).toString("hex"));
}
