/** Properties of queries and updates: indexes change the speed, never the answer; index tables always equal the documents. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { documents, filters, sorts, updates } from "./arbitrary";
import { openTestStore } from "./embedded-store";

const RUNS = Number(process.env.STORE_PROPERTY_RUNS ?? 150);
/** More cases may take longer. */
const LIMIT_MS = Math.max(60_000, RUNS * 100);

const KEYS: Record<string, 1 | -1>[] = [
  { a: 1 },
  { b: -1, a: 1 },
  { "a.x": 1, "a.y": -1 },
  { c: 1, b: 1 },
  { "b.x": 1 },
  { c: 1, a: 1, _id: 1 },
  { b: 1, _id: 1 },
];

describe("queries", () => {
  test(
    "give the same answers with and without indexes, in the same order",
    async () => {
      await using test = await openTestStore();
      const [plain, indexed] = [test.db.collection("plain"), test.db.collection("indexed")];
      await fc.assert(
        fc.asyncProperty(
          documents,
          fc.array(fc.tuple(filters, sorts, fc.integer({ min: 0, max: 5 })), { minLength: 4, maxLength: 8 }),
          async (list, questions) => {
            const rows = list.map((doc, i) => ({ _id: i, ...doc }));
            for (const collection of [plain, indexed]) await collection.drop();
            for (const key of KEYS) await indexed.createIndex(key);
            await indexed
              .createIndex({ a: 1 }, { name: "sparse", sparse: true, partialFilterExpression: undefined })
              .catch(() => {});
            await indexed.createIndex({ b: 1 }, { partialFilterExpression: { c: { $gt: 1 } } });
            const parallel = new Set<number>();
            for (const row of rows) {
              await indexed.insertOne(row as never).catch((error: { code: number }) => {
                expect(error.code).toBe(171);
                parallel.add(row._id);
              });
            }
            await plain.insertMany(rows.filter(({ _id }) => !parallel.has(_id)) as never[], {}).catch(() => {});
            for (const [filter, sort, limit] of questions) {
              const ask = (collection: typeof plain) =>
                collection
                  .find(filter as never, { sort: { ...sort, _id: 1 }, limit })
                  .map(({ _id }) => String(_id))
                  .toArray();
              const [expected, got] = [await ask(plain), await ask(indexed)];
              expect(got).toEqual(expected);
              const counted = await indexed.countDocuments(filter as never, limit > 0 ? { limit } : {});
              expect(counted).toBe(expected.length);
            }
          },
        ),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );

  test(
    "updates and deletes keep index tables equal to the documents",
    async () => {
      await using test = await openTestStore();
      const collection = test.db.collection("things");
      await fc.assert(
        fc.asyncProperty(
          documents,
          fc.array(fc.tuple(filters, updates, fc.boolean()), { maxLength: 10 }),
          async (list, steps) => {
            await collection.drop();
            for (const key of KEYS) await collection.createIndex(key);
            await collection.createIndex({ c: -1 }, { unique: true, sparse: true });
            await collection
              .insertMany(list.map((doc, i) => ({ _id: i, ...doc })) as never[], { ordered: false })
              .catch(() => {});
            for (const [filter, update, many] of steps) {
              const work = many
                ? collection.updateMany(filter as never, update as never)
                : collection.updateOne(filter as never, update as never, { upsert: true });
              // Illegal updates and duplicates must fail as MongoDB errors and change nothing.
              await work.catch((error: { code: unknown }) => expect(typeof error.code).toBe("number"));
            }
            await collection.deleteMany({ a: { $gte: 2 } } as never);
            expect(checkIntegrity(test.engine.storage)).toEqual([]);
          },
        ),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );
});
