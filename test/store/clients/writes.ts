/** Writes: unacknowledged, hinted, with variables, in bulk, with array filters. */
import type { Asking } from "./asking";

export async function writes({ db, c, reset, C, err, same, fields }: Asking): Promise<void> {
  await reset({ _id: 1, x: 11 }, { _id: 2, x: 22 }, { _id: 3, x: 33 });
  // unacknowledged
  await C("insertOne w0", async () =>
    same(await c.insertOne({ _id: 9 }, { writeConcern: { w: 0 } }), { acknowledged: false, insertedId: 9 }),
  );
  await C("w0 visible", async () => {
    for (let i = 0; i < 50; i++) {
      if (await c.findOne({ _id: 9 })) return true;
      await Bun.sleep(5);
    }
    return false;
  });
  await C(
    "updateOne w0",
    async () => (await c.updateOne({ _id: 9 }, { $set: { a: 1 } }, { writeConcern: { w: 0 } })).acknowledged === false,
  );
  await C(
    "deleteOne w0 hint",
    async () => (await c.deleteOne({ _id: 9 }, { writeConcern: { w: 0 }, hint: "_id_" })).acknowledged === false,
  );
  await C(
    "bulk w0",
    async () =>
      (
        await c.bulkWrite([{ insertOne: { document: { _id: 50 } } }, { deleteOne: { filter: { _id: 50 } } }], {
          writeConcern: { w: 0 },
        })
      ).ok !== undefined,
  );
  await C(
    "insert 5 w0 dup",
    async () =>
      (await c.insertMany([{ _id: 1 }, { _id: 60 }], { ordered: false, writeConcern: { w: 0 } })).acknowledged === false,
  );
  await c.deleteMany({ _id: { $gt: 3 } });
  // hints
  await C("find bad hint", () => err(c.find({}, { hint: "nope" }).toArray(), 2, "hint provided does not correspond"));
  await C("update bad hint", () => err(c.updateOne({ _id: 1 }, { $set: { x: 1 } }, { hint: "nope" }), 2));
  await C("delete bad hint", () => err(c.deleteOne({ _id: 1 }, { hint: { nope: 1 } }), 2));
  await C("fam bad hint", () => err(c.findOneAndUpdate({ _id: 1 }, { $set: { x: 1 } }, { hint: "nope" as never }), 2));
  await C("agg bad hint", () => err(c.aggregate([{ $match: { x: 1 } }], { hint: "nope" }).toArray(), 2));
  await C("count hint", async () => same(await c.countDocuments({}, { hint: "_id_" }), 3));
  await C("distinct bad hint", () => err(db.command({ distinct: "c", key: "x", hint: "nope" }), 2));
  // let
  await C("find let", async () =>
    same(await c.find({ $expr: { $eq: ["$_id", "$$id"] } }, { let: { id: 1 } } as never).toArray(), [{ _id: 1, x: 11 }]),
  );
  await C("agg let", async () =>
    same(
      await c
        .aggregate([{ $match: { $expr: { $eq: ["$_id", "$$id"] } } }, { $project: { _id: 0, y: "$$y" } }], {
          let: { id: 2, y: { $literal: "$z" } },
        })
        .toArray(),
      [{ y: "$z" }],
    ),
  );
  await C(
    "update let",
    async () =>
      (await c.updateOne({ $expr: { $eq: ["$_id", "$$id"] } }, [{ $set: { x: "$$x" } }], { let: { id: 3, x: 7 } }))
        .modifiedCount === 1,
  );
  await C("update let undefined var", () =>
    err(c.updateOne({ $expr: { $eq: ["$_id", "$$nope"] } }, [{ $set: { x: 1 } }]), 17276, "Use of undefined variable: nope"),
  );
  await C(
    "delete let",
    async () => (await c.deleteMany({ $expr: { $eq: ["$_id", "$$id"] } }, { let: { id: 3 } } as never)).deletedCount === 1,
  );
  // bulk results
  await reset({ _id: 1, x: 11 }, { _id: 2, x: 22 }, { _id: 3, x: 33 }, { _id: 4, x: 44 });
  await C("bulk mixed", async () => {
    const r = await c.bulkWrite([
      { insertOne: { document: { _id: 5, x: 55 } } },
      { updateOne: { filter: { _id: 1 }, update: { $inc: { x: 1 } } } },
      { updateMany: { filter: { _id: { $gt: 1 } }, update: { $inc: { x: 1 } } } },
      { replaceOne: { filter: { _id: 9 }, replacement: { x: 9 }, upsert: true } },
      { deleteOne: { filter: { _id: 2 } } },
      { deleteMany: { filter: { _id: { $in: [3, 4] } } } },
    ]);
    return same(
      [r.insertedCount, r.matchedCount, r.modifiedCount, r.upsertedCount, r.deletedCount, r.insertedIds, r.upsertedIds],
      [1, 5, 5, 1, 3, { 0: 5 }, { 3: 9 }],
    );
  });
  await C("bulk error ordered", async () => {
    try {
      await c.bulkWrite([{ insertOne: { document: { _id: 1 } } }, { insertOne: { document: { _id: 70 } } }]);
      return "no";
    } catch (caught) {
      const e = fields(caught);
      return same([e.code, e.result.insertedCount, e.writeErrors.length, e.writeErrors[0].index], [11000, 0, 1, 0]);
    }
  });
  await C("bulk error unordered", async () => {
    try {
      await c.bulkWrite(
        [
          { insertOne: { document: { _id: 1 } } },
          { insertOne: { document: { _id: 70 } } },
          { updateOne: { filter: { _id: 70 }, update: { $set: { a: 1 } } } },
        ],
        { ordered: false },
      );
      return "no";
    } catch (caught) {
      const e = fields(caught);
      return same([e.code, e.result.insertedCount, e.result.modifiedCount, e.writeErrors.length], [11000, 1, 1, 1]);
    }
  });
  // arrayFilters
  await reset({ _id: 1, y: [{ b: 3 }, { b: 1 }] });
  await C(
    "arrayFilters",
    async () => (await c.updateOne({}, { $set: { "y.$[i].b": 2 } }, { arrayFilters: [{ "i.b": 3 }] })).modifiedCount === 1,
  );
  await C("arrayFilters unused", () =>
    err(c.updateOne({}, { $set: { "y.0.b": 2 } }, { arrayFilters: [{ "i.b": 3 }] }), 9, "was not used in the update"),
  );
  await C("arrayFilters missing", () =>
    err(c.updateOne({}, { $set: { "y.$[i].b": 2 } }, { arrayFilters: [] }), 2, "No array filter found for identifier 'i'"),
  );
  await C("arrayFilters dup", () =>
    err(
      c.updateOne({}, { $set: { "y.$[i].b": 2 } }, { arrayFilters: [{ "i.b": 3 }, { "i.b": 1 }] }),
      9,
      "multiple array filters with the same top-level field name i",
    ),
  );
  await C("arrayFilters two names", () =>
    err(c.updateOne({}, { $set: { "y.$[i].b": 2 } }, { arrayFilters: [{ "i.b": 3, "j.c": 1 }] }), 9),
  );
}
