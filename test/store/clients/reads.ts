/** Reads, cursors, and updates that are refused. */
import { mongo } from "mongoose";
import type { Asking } from "./asking";

export async function reads({ db, c, reset, C, err, same, fields }: Asking): Promise<void> {
  // find
  await reset({ _id: 1, x: 11 }, { _id: 2, x: 22 }, { _id: 3, x: 33 }, { _id: 4, x: 44 }, { _id: 5, x: 55 }, { _id: 6, x: 66 });
  await C("find negative limit", async () =>
    same(
      (await c.find({}, { sort: { _id: 1 }, skip: 1, limit: -2 } as never).toArray()).map((d) => d._id),
      [2, 3],
    ),
  );
  await C("find batch", async () =>
    same(
      (await c.find({ _id: { $gt: 1 } }, { sort: { _id: 1 }, batchSize: 2, limit: 4 }).toArray()).map((d) => d._id),
      [2, 3, 4, 5],
    ),
  );
  await C("find cmd negative limit", () => err(db.command({ find: "c", limit: -1 }), 51024));
  await C("find cmd negative skip", () => err(db.command({ find: "c", skip: -1 }), 51024));
  await C("find cmd negative batch", () => err(db.command({ find: "c", batchSize: -1 }), 51024));
  await C("find unknown", () => err(db.command({ find: "c", nope: 1 }), 40415, "BSON field 'find.nope' is an unknown field."));
  await C("unknown cmd", () => err(db.command({ nope: 1 }), 59, "no such command: 'nope'"));
  await C("find allowDiskUse", async () => (await c.find({}, { allowDiskUse: true, sort: { x: 1 } }).toArray()).length === 6);
  await C("find comment doc", async () => (await c.find({}, { comment: { a: 1 } }).toArray()).length === 6);
  await C("find singleBatch", async () => {
    const r = await db.command({ find: "c", singleBatch: true, batchSize: 2 });
    return same([Number(r.cursor.id), r.cursor.firstBatch.length], [0, 2]);
  });
  await C("getMore batch", async () => {
    const r = await db.command({ find: "c", batchSize: 2 });
    const m = await db.command({ getMore: mongo.Long.fromString(String(r.cursor.id)), collection: "c", batchSize: 3 });
    return same(m.cursor.nextBatch.length, 3);
  });
  await C("getMore wrong coll", async () => {
    const r = await db.command({ find: "c", batchSize: 2 });
    return err(db.command({ getMore: mongo.Long.fromString(String(r.cursor.id)), collection: "d" }), 13);
  });
  await C("getMore unknown", () => err(db.command({ getMore: mongo.Long.fromNumber(12345), collection: "c" }), 43));
  await C("killCursors", async () => {
    const r = await db.command({ find: "c", batchSize: 2 });
    const k = await db.command({
      killCursors: "c",
      cursors: [mongo.Long.fromString(String(r.cursor.id)), mongo.Long.fromNumber(5)],
    });
    return same([k.cursorsKilled.length, k.cursorsNotFound.length], [1, 1]);
  });
  await C("cursor after drop", async () => {
    await db.collection("gone").insertMany(Array.from({ length: 300 }, (_, i) => ({ _id: i })) as never);
    const cur = db.collection("gone").find({}, { batchSize: 2 });
    await cur.next();
    await db.collection("gone").drop();
    return err(
      (async () => {
        for await (const _ of cur);
      })(),
      175,
    );
  });
  await C("natural hint", async () => same((await c.find({}, { hint: { $natural: -1 } }).toArray())[0]._id, 6));
  await C("min/max refused loudly", () => err(db.command({ find: "c", min: { _id: 1 }, hint: { _id: 1 } }), 238));
  await C("collation refused", () => err(c.find({}, { collation: { locale: "en", strength: 2 } }).toArray(), 238));
  await C("collation simple", async () => (await c.find({}, { collation: { locale: "simple" } }).toArray()).length === 6);
  // findAndModify
  await C("fam remove+new", () => err(db.command({ findAndModify: "c", remove: true, new: true }), 9));
  await C("fam neither", () => err(db.command({ findAndModify: "c" }), 9));
  await C("fam sort fields new", async () =>
    same(
      await c.findOneAndUpdate(
        { _id: { $gt: 1 } },
        { $inc: { x: 1 } },
        { sort: { x: -1 }, projection: { _id: 0, x: 1 }, returnDocument: "after" },
      ),
      { x: 67 },
    ),
  );
  await C("fam upsert before", async () =>
    same(await c.findOneAndUpdate({ _id: 80 }, { $set: { x: 1 } }, { upsert: true }), null),
  );
  await C("fam upsert after", async () =>
    same(await c.findOneAndReplace({ _id: 81 }, { x: 1 }, { upsert: true, returnDocument: "after" }), { _id: 81, x: 1 }),
  );
  await C("fam includeResult", async () => {
    const r = fields(await c.findOneAndDelete({ _id: 81 }, { includeResultMetadata: true }));
    return same([r.lastErrorObject, r.value], [{ n: 1 }, { _id: 81, x: 1 }]);
  });
  await C("fam pipeline arrayFilters", () =>
    err(c.findOneAndUpdate({}, [{ $set: { a: 1 } }], { arrayFilters: [{ i: 1 }] } as never), 9),
  );
  await C("update 7.0 sort unknown", () =>
    err(
      db.command({ update: "c", updates: [{ q: {}, u: { $set: { a: 1 } }, sort: { _id: 1 } }] }),
      40415,
      "BSON field 'update.updates.sort' is an unknown field.",
    ),
  );
  await C("update multi replace", () =>
    err(
      db.command({ update: "c", updates: [{ q: {}, u: { a: 1 }, multi: true }] }).then((r) => {
        if (r.writeErrors) throw Object.assign(new Error(r.writeErrors[0].errmsg), { code: r.writeErrors[0].code });
        return r;
      }),
      9,
    ),
  );
  await C("replace with dollars", () =>
    err(
      db.command({ update: "c", updates: [{ q: { _id: 1 }, u: { a: 1, $b: 2 } }] }).then((r) => {
        if (r.writeErrors) throw Object.assign(new Error(r.writeErrors[0].errmsg), { code: r.writeErrors[0].code });
        return r;
      }),
      52,
    ),
  );
  await C("insert $ field", async () => fields(await c.insertOne({ _id: 90, $a: 1 })).insertedId === 90);
  await C("insert _id.$", () => err(c.insertOne({ _id: { $a: 1 } }), 52));
  await C("setField literal", async () => {
    await c.updateOne({ _id: 90 }, [{ $replaceWith: { $setField: { field: { $literal: "a.b" }, value: 1, input: "$$ROOT" } } }]);
    return (await c.findOne({ _id: 90 }))["a.b"] === 1;
  });
  await C("$set {}", async () => (await c.updateOne({ _id: 1 }, { $set: {} } as never)).matchedCount === 1);
  await C("immutable id", () => err(c.updateOne({ _id: 1 }, { $set: { _id: 2 } }), 66));
  await C("conflict paths", () => err(c.updateOne({ _id: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }), 40));
  await C("unknown modifier", () => err(c.updateOne({ _id: 1 }, { $foo: { a: 1 } } as never), 9, "Unknown modifier: $foo"));
  await C("pull non array", async () => {
    await c.updateOne({ _id: 1 }, { $set: { s: "x" } });
    return err(c.updateOne({ _id: 1 }, { $pull: { s: 1 } } as never), 2, "Cannot apply $pull to a non-array value");
  });
  await C("push non array", () =>
    err(c.updateOne({ _id: 1 }, { $push: { s: 1 } } as never), 2, "must be an array but is of type string"),
  );
  await C("inc string", () =>
    err(c.updateOne({ _id: 1 }, { $inc: { s: 1 } }), 14, "Cannot apply $inc to a value of non-numeric type"),
  );
}
