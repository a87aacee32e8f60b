/**
 * Indexes never change an answer, over the wide range of what filters and updates can say: arrays in arrays, array
 * filters, positional and pipeline updates, $expr, every comparable type, and compound, multikey, partial and sparse
 * indexes on the same fields.
 */
import { expect } from "bun:test";
import fc from "fast-check";
import { mongo } from "mongoose";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { openTestStore } from "./embedded-store";

const { Binary, Decimal128, Double, Long, ObjectId } = mongo;

/** Documents of any shape. */
type Loose = mongo.Document[string];
type Collection = mongo.Collection<Loose>;

/** Few values of many types that often meet, also across types. */
const scalars: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      new Double(2),
      Long.fromNumber(3),
      Decimal128.fromString("2.0"),
      Decimal128.fromString("NaN"),
      new Double(Number.NaN),
      new Double(-0),
      Long.fromString("9007199254740993"),
      new Double(2 ** 53),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      "",
      "a",
      "ab",
      "b",
      true,
      false,
      null,
      new Date(0),
      new Date(1),
      new Binary(Buffer.from("a")),
      new Binary(Buffer.from("a"), 5),
      new ObjectId("0123456789abcdef01234567"),
      new mongo.MinKey(),
      new mongo.MaxKey(),
    ),
  },
);
const pair = fc.dictionary(fc.constantFrom("x", "y"), fc.oneof(scalars, fc.array(scalars, { maxLength: 2 })), {
  maxKeys: 2,
  noNullPrototype: true,
});
const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: scalars },
  { weight: 2, arbitrary: fc.array(scalars, { maxLength: 3 }) },
  { weight: 2, arbitrary: pair },
  { weight: 2, arbitrary: fc.array(fc.oneof(pair, scalars), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.array(scalars, { maxLength: 2 }), { maxLength: 2 }) },
);

/** `b` and `d` are never arrays: a compound index takes one array at most. */
const document = fc.record(
  { a: anything, b: scalars, d: scalars, l: fc.array(pair, { maxLength: 3 }) },
  { requiredKeys: [], noNullPrototype: true },
);

const INDEXES: mongo.IndexDescription[] = [
  { key: { b: 1, a: 1 } },
  { key: { b: -1, d: 1, "l.x": -1 } },
  { key: { "l.x": 1 } },
  { key: { "a.x": -1, d: 1 } },
  { key: { a: 1 } },
  { key: { d: 1 }, sparse: true, name: "sparse" },
  { key: { a: -1, d: 1 }, partialFilterExpression: { b: { $gt: 1 } }, name: "partial" },
  { key: { d: 1, b: -1 }, partialFilterExpression: { d: { $exists: true } }, name: "present" },
  { key: { "a.0": 1 } },
];

const paths = fc.constantFrom("a", "b", "d", "l", "a.x", "a.y", "l.x", "l.y", "a.0", "l.0.x", "a.0.x");
const orders = fc.constantFrom("$gt", "$gte", "$lt", "$lte", "$eq", "$ne");
const comparison = fc.tuple(orders, scalars).map(([op, value]) => ({ [op]: value }));
const conditions: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: anything },
  { weight: 3, arbitrary: comparison },
  fc.tuple(comparison, comparison).map(([one, other]) => ({ ...one, ...other })),
  fc.array(anything, { minLength: 1, maxLength: 3 }).map(($in) => ({ $in })),
  fc.array(scalars, { minLength: 1, maxLength: 2 }).map(($nin) => ({ $nin })),
  fc.array(scalars, { minLength: 1, maxLength: 3 }).map(($all) => ({ $all })),
  fc.tuple(comparison, comparison).map(([x, y]) => ({ $all: [{ $elemMatch: { x } }, { $elemMatch: { y } }] })),
  fc.tuple(comparison, comparison).map(([one, other]) => ({ $elemMatch: { ...one, ...other } })),
  fc.tuple(comparison, comparison).map(([x, y]) => ({ $elemMatch: { x, y } })),
  fc.tuple(scalars, scalars).map(([x, y]) => ({ $elemMatch: { $or: [{ x }, { y }] } })),
  fc.tuple(comparison).map(([inner]) => ({ $not: inner })),
  fc.boolean().map(($exists) => ({ $exists })),
  fc.integer({ min: 0, max: 3 }).map(($size) => ({ $size })),
  fc.constantFrom({ $type: "number" }, { $type: ["null", "array"] }, { $type: "undefined" }, { $regex: "^a" }, { $mod: [2, 0] }),
);
const expressions = fc.constantFrom<object>(
  { $gt: ["$b", "$d"] },
  { $eq: [{ $type: "$a" }, "array"] },
  { $in: ["$b", { $cond: [{ $isArray: "$a" }, "$a", []] }] },
  { $lt: [{ $size: { $ifNull: ["$l", []] } }, 2] },
  { $eq: [{ $ifNull: ["$b", 0] }, 0] },
);
const simple = fc.dictionary(paths, conditions, { maxKeys: 3, noNullPrototype: true });
const filters: fc.Arbitrary<Loose> = fc.oneof(
  { weight: 5, arbitrary: simple },
  fc.array(simple, { minLength: 1, maxLength: 3 }).map(($or) => ({ $or })),
  fc.tuple(simple, fc.array(simple, { minLength: 1, maxLength: 2 })).map(([filter, $or]) => ({ ...filter, $or })),
  fc.array(simple, { minLength: 1, maxLength: 2 }).map(($nor) => ({ $nor })),
  fc.tuple(simple, expressions).map(([filter, $expr]) => ({ ...filter, $expr })),
);
const sorts = fc.array(fc.tuple(fc.constantFrom("a", "b", "d", "l.x", "a.x", "a.0"), fc.constantFrom(1, -1)), { maxLength: 3 });

/** An update, the array filters it names, and whether its filter must find the element that `$` means. */
type Update = { update: object; arrayFilters?: object[]; filter?: Loose };

const updates: fc.Arbitrary<Update> = fc.oneof(
  fc
    .tuple(fc.constantFrom("$set", "$min", "$max"), fc.constantFrom("b", "d", "a.x", "l.0.y", "a"), scalars)
    .map(([op, path, value]) => ({ update: { [op]: { [path]: value } } })),
  fc.tuple(fc.constantFrom("a", "l"), anything).map(([path, value]) => ({ update: { $push: { [path]: value } } })),
  fc
    .tuple(fc.array(anything, { maxLength: 3 }), fc.integer({ min: -3, max: 3 }), fc.constantFrom<unknown>(1, -1, { x: 1 }))
    .map(([$each, $slice, $sort]) => ({ update: { $push: { a: { $each, $slice, $sort } } } })),
  fc.tuple(anything).map(([value]) => ({ update: { $addToSet: { a: value } } })),
  fc.tuple(comparison).map(([x]) => ({ update: { $pull: { l: { x } } } })),
  fc.tuple(scalars).map(([value]) => ({ update: { $pull: { a: value }, $unset: { d: "" } } })),
  fc.tuple(fc.integer({ min: -2, max: 2 })).map(([by]) => ({ update: { $inc: { b: by }, $mul: { d: 2 } } })),
  fc.constantFrom<Update>(
    { update: { $pop: { a: 1 } } },
    { update: { $rename: { b: "d" } } },
    { update: { $unset: { "l.0": "" } } },
    { update: { $set: { "l.$[].y": 3 } } },
    { update: { $inc: { "l.$[e].x": 1 } }, arrayFilters: [{ "e.y": { $gte: 1 } }] },
    { update: { $set: { "a.$[e]": 4 } }, arrayFilters: [{ e: { $lt: 2 } }] },
    { update: { $set: { "a.$[e].x": "b" } }, arrayFilters: [{ $or: [{ "e.x": 1 }, { "e.y": "a" }] }] },
  ),
  fc.tuple(comparison, scalars).map(([x, y]) => ({ filter: { l: { $elemMatch: { x } } }, update: { $set: { "l.$.y": y } } })),
  fc.tuple(comparison, scalars).map(([a, value]) => ({ filter: { a }, update: { $set: { "a.$": value } } })),
  fc.constantFrom<Update>(
    { update: [{ $set: { b: { $ifNull: ["$d", 1] }, a: { $concatArrays: [{ $ifNull: ["$l", []] }, [1]] } } }] as object },
    { update: [{ $unset: "l" }, { $addFields: { d: { $size: { $cond: [{ $isArray: "$a" }, "$a", []] } } } }] as object },
    { update: [{ $replaceWith: { $mergeObjects: [{ b: 2 }, "$$ROOT", { d: 3 }] } }] as object },
  ),
  document.map((replacement) => ({ update: { $replacement: replacement } })),
);

type Step =
  | { kind: "find"; filter: Loose; sort: [string, number][]; skip: number; limit: number }
  | { kind: "update"; filter: Loose; change: Update; many: boolean; upsert: boolean }
  | { kind: "modify"; filter: Loose; change: Update; sort: [string, number][] }
  | { kind: "delete"; filter: Loose };

const small = fc.integer({ min: 0, max: 4 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("find" as const), filter: filters, sort: sorts, skip: small, limit: small }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("update" as const),
      filter: filters,
      change: updates,
      many: fc.boolean(),
      upsert: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("modify" as const), filter: filters, change: updates, sort: sorts }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), filter: simple }) },
);

const withId = (sort: [string, number][]): mongo.Sort =>
  [...new Map([...sort, ["_id", 1]] as [string, number][])] as unknown as mongo.Sort;

/** What the engine says of a fault of its own. */
const UNKNOWN_ERROR = 8;

/** What a step answers; which of several documents is met first is said by a sort, or does not matter. */
async function answer(collection: Collection, step: Step): Promise<unknown> {
  try {
    return await attempt(collection, step);
  } catch (error) {
    // Unpromoted when the command asks for values as they are.
    const code = Number((error as { code?: unknown }).code);
    if (!Number.isInteger(code) || code === UNKNOWN_ERROR) throw error;
    return { code };
  }
}

async function attempt(collection: Collection, step: Step): Promise<unknown> {
  const { filter } = step;
  if (step.kind === "find") {
    const { skip, limit } = step;
    const found = await collection.find(filter, { sort: withId(step.sort), skip, limit, promoteValues: false }).toArray();
    return [found, await collection.countDocuments(filter)];
  }
  if (step.kind === "delete") return (await collection.deleteMany({ $and: [filter, { b: { $gt: 1 } }] })).deletedCount;
  const { update, arrayFilters, filter: also } = step.change;
  const all = also ? { $and: [filter, also] } : filter;
  const replacement = (update as { $replacement?: Loose }).$replacement;
  if (step.kind === "modify" && !replacement)
    return collection.findOneAndUpdate(all, update, {
      sort: withId(step.sort),
      ...(arrayFilters ? { arrayFilters } : {}),
      returnDocument: "after",
      promoteValues: false,
    });
  // One document alone is named by its _id, so that both collections change the same one, and all of an updateMany or none.
  const ids = (await collection.find(all, { sort: { _id: 1 }, projection: { _id: 1 } }).toArray()).map(({ _id }) => _id);
  const many = step.kind === "update" && step.many;
  const upsert = step.kind === "update" && step.upsert && ids.length === 0;
  const results: unknown[] = [ids];
  for (const _id of many ? ids : ids.slice(0, 1)) {
    const one = { $and: [{ _id }, all] };
    const work = replacement
      ? collection.replaceOne({ _id }, replacement)
      : collection.updateOne(one, update, arrayFilters ? { arrayFilters } : {});
    results.push(
      await work.then(
        ({ modifiedCount }) => modifiedCount,
        ({ code }: { code: number }) => -code,
      ),
    );
  }
  if (upsert && !replacement) {
    const result = await collection.updateOne({ ...simpleId(filter) }, update, {
      upsert,
      ...(arrayFilters ? { arrayFilters } : {}),
    });
    results.push(result.upsertedCount);
  }
  return results;
}

/** An upsert makes the same document in both collections when its _id is given. */
const simpleId = (filter: Loose): Loose => ({ _id: 1_000, ...("a.x" in filter ? { "a.x": { $exists: true } } : { b: 2 }) });

const stored = async (collection: Collection): Promise<string[]> =>
  (await collection.find({}, { raw: true, sort: { _id: 1 } }).toArray()).map((bytes) =>
    Buffer.from(bytes as unknown as Uint8Array).toString("hex"),
  );

export async function expectIndexesChangeNothing(cases: number): Promise<void> {
  await using test = await openTestStore();
  const [plain, indexed] = [test.db.collection<Loose>("plain"), test.db.collection<Loose>("indexed")];
  await indexed.createIndexes(INDEXES);
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 1, maxLength: 15 }),
      fc.array(steps, { minLength: 2, maxLength: 6 }),
      async (list, asked) => {
        const rows = list.map((row, _id) => ({ _id, ...row }));
        for (const collection of [plain, indexed]) {
          await collection.deleteMany({});
          await collection.insertMany(rows);
        }
        for (const step of asked) expect(await answer(indexed, step)).toEqual(await answer(plain, step));
        expect(await stored(indexed)).toEqual(await stored(plain));
      },
    ),
    { numRuns: cases },
  );
  expect(checkIntegrity(test.engine.storage)).toEqual([]);
}
