/** Random BSON values, documents, filters and updates for the property tests. */
import fc from "fast-check";
import { mongo } from "mongoose";

const { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } = mongo;

const edgeNumbers = fc.constantFrom<unknown>(
  new Int32(0),
  new Double(0),
  new Double(-0),
  Long.fromNumber(0),
  Decimal128.fromString("0"),
  Decimal128.fromString("0.0"),
  new Double(Number.NaN),
  new Double(Number.POSITIVE_INFINITY),
  new Double(Number.NEGATIVE_INFINITY),
  Decimal128.fromString("NaN"),
  Decimal128.fromString("Infinity"),
  new Double(0.1),
  Decimal128.fromString("0.1"),
  Decimal128.fromString("0.1000000000000000055511151231257827"),
  Long.fromString("9007199254740993"),
  new Double(9007199254740992),
  Decimal128.fromString("9007199254740993"),
  Decimal128.fromString("9007199254740992.5"),
  Long.MAX_VALUE,
  Long.MIN_VALUE,
  new Double(2 ** 63),
  Decimal128.fromString("9223372036854775807"),
  Decimal128.fromString("1E+400"),
  Decimal128.fromString("-1E-400"),
);

export const numbers = fc.oneof(
  edgeNumbers,
  fc.integer({ min: -20, max: 20 }).map((n) => new Int32(n)),
  fc.double({ noNaN: true }).map((n) => new Double(n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -40, max: 40 }))
    .map(([c, e]) => Decimal128.fromString(`${c}E${e}`)),
);

const texts = fc.oneof(
  fc.constantFrom("", "a", "ab", "b", "\u0000", "a\u0000", "a\u0001", "ñ", "\uffff", "🦙", "\ue000"),
  fc.string({ maxLength: 5 }),
);

const scalars = fc.oneof(
  { weight: 4, arbitrary: numbers },
  { weight: 3, arbitrary: texts },
  fc.boolean(),
  fc.constant(null),
  fc.integer({ min: -5, max: 5 }).map((n) => new Date(n)),
  fc.constantFrom("0123456789abcdef01234567", "ffffffffffffffffffffffff").map((hex) => new ObjectId(hex)),
  fc
    .tuple(fc.uint8Array({ maxLength: 4 }), fc.constantFrom(0, 5, 128))
    .map(([bytes, type]) => new Binary(Buffer.from(bytes), type)),
  fc.constantFrom(
    new mongo.MinKey(),
    new mongo.MaxKey(),
    new Timestamp({ t: 1, i: 2 }),
    new mongo.BSONRegExp("^a", "i"),
    new mongo.Code("x"),
  ),
);

const names = fc.constantFrom("a", "b", "c", "0", "10", "x y");

export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    { weight: 5, arbitrary: scalars },
    { weight: 1, arbitrary: tie("list") },
    { weight: 1, arbitrary: tie("doc") },
  ),
  list: fc.array(tie("value"), { maxLength: 3 }),
  doc: fc.dictionary(names, tie("value"), { maxKeys: 3, noNullPrototype: true }),
})).value;

/** Small values that often meet, for documents and filters. */
const common: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom(1.5, "a", "b", "ab", null, true, new Date(0), new Double(2), Long.fromNumber(3), Decimal128.fromString("2.0")),
);
const nested = fc.oneof(
  { weight: 6, arbitrary: common },
  { weight: 2, arbitrary: fc.array(common, { maxLength: 3 }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.dictionary(fc.constantFrom("x", "y"), common, { maxKeys: 2, noNullPrototype: true }), {
      maxLength: 3,
    }),
  },
  { weight: 2, arbitrary: fc.dictionary(fc.constantFrom("x", "y"), common, { maxKeys: 2, noNullPrototype: true }) },
);

export const documents = fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), nested, { maxKeys: 3, noNullPrototype: true }), {
  minLength: 1,
  maxLength: 25,
});

const fieldPaths = fc.constantFrom("a", "b", "c", "a.x", "a.y", "b.x", "a.0");
const orders = fc.constantFrom("$gt", "$gte", "$lt", "$lte", "$eq", "$ne");

const conditions: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: nested },
  { weight: 4, arbitrary: fc.tuple(orders, common).map(([op, value]) => ({ [op]: value })) },
  fc.tuple(common, common).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(nested, { minLength: 1, maxLength: 3 }).map((list) => ({ $in: list })),
  fc.array(common, { minLength: 1, maxLength: 2 }).map((list) => ({ $nin: list })),
  fc.boolean().map((on) => ({ $exists: on })),
  fc.integer({ min: 0, max: 3 }).map((n) => ({ $size: n })),
  fc.array(common, { minLength: 1, maxLength: 2 }).map((list) => ({ $all: list })),
  fc.tuple(orders, common).map(([op, value]) => ({ $not: { [op]: value } })),
  fc.tuple(orders, common).map(([op, value]) => ({ $elemMatch: { [op]: value } })),
  fc.tuple(common, orders, common).map(([x, op, y]) => ({ $elemMatch: { x, y: { [op]: y } } })),
  fc.constantFrom({ $type: "number" }, { $type: "string" }, { $regex: "^a" }, { $mod: [2, 0] }),
);

const simpleFilter = fc.dictionary(fieldPaths, conditions, { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<
  Record<string, unknown>
>;

export const filters: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 4, arbitrary: simpleFilter },
  fc.array(simpleFilter, { minLength: 1, maxLength: 3 }).map(($or) => ({ $or })),
  fc.tuple(simpleFilter, fc.array(simpleFilter, { minLength: 1, maxLength: 2 })).map(([filter, $or]) => ({ ...filter, $or })),
  fc.array(simpleFilter, { minLength: 1, maxLength: 2 }).map(($and) => ({ $and })),
);

export const sorts = fc.dictionary(fc.constantFrom("a", "b", "c", "a.x"), fc.constantFrom(1, -1), {
  maxKeys: 2,
  noNullPrototype: true,
}) as fc.Arbitrary<Record<string, 1 | -1>>;

const updatePaths = fc.constantFrom("a", "b", "c", "a.x", "b.0", "c.y");
export const updates: fc.Arbitrary<Record<string, Record<string, unknown>>> = fc.oneof(
  fc
    .tuple(fc.constantFrom("$set", "$push", "$addToSet", "$pull", "$min", "$max"), updatePaths, nested)
    .map(([op, path, value]) => ({ [op]: { [path]: value } })),
  fc
    .tuple(fc.constantFrom("$inc", "$mul"), updatePaths, fc.integer({ min: -3, max: 3 }))
    .map(([op, path, value]) => ({ [op]: { [path]: value } })),
  updatePaths.map((path) => ({ $unset: { [path]: "" } })),
  fc.tuple(updatePaths, fc.constantFrom(1, -1)).map(([path, side]) => ({ $pop: { [path]: side } })),
);

const accumulators = fc.constantFrom("$sum", "$avg", "$min", "$max", "$first", "$last", "$push");
const stages: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  simpleFilter.map(($match) => ({ $match })),
  fc
    .tuple(fc.constantFrom("$a", "$b", "$a.x", null), accumulators, fc.constantFrom("$a", "$b.x", "$c", 1))
    .map(([_id, op, of]) => ({ $group: { _id, out: { [op]: of } } })),
  fc.constantFrom("$a", "$b", "$c").map((path) => ({ $unwind: { path, preserveNullAndEmptyArrays: true } })),
  fc.constantFrom("$a", "$b", "$c").map((path) => ({ $unwind: path })),
  fc
    .tuple(
      fc.constantFrom("x", "a", "b"),
      fc.constantFrom({ $ifNull: ["$a", 0] }, { $type: "$b" }, { $eq: ["$a", "$b"] }, "$a.x"),
    )
    .map(([field, value]) => ({ $addFields: { [field]: value } })),
  fc.constantFrom(
    { $project: { a: 1 } },
    { $project: { "a.x": 0 } },
    { $unset: "b" },
    { $count: "n" },
    { $limit: 3 },
    { $skip: 1 },
  ),
);

/** Pipelines that keep or make an order, so that two stores must give the same list; a $group is followed by a sort. */
export const pipelines: fc.Arbitrary<Record<string, unknown>[]> = fc
  .array(stages, { maxLength: 3 })
  .map((list) => list.flatMap((stage) => ("$group" in stage ? [stage, { $sort: { _id: 1 } }] : [stage])));
