/** Concerns, transactions, shells and dump tools. */
import type { Asking, Loose } from "./asking";

export async function sessions({ db, cl, c, label, C, err, same, fields }: Asking): Promise<void> {
  // concerns
  await C("w 2", () => err(c.insertOne({ a: 1 }, { writeConcern: { w: 2 } }), 100));
  await C("w custom", () => err(c.insertOne({ a: 1 }, { writeConcern: { w: "custom" as never } }), 79));
  await C(
    "w majority j",
    async () => (await c.insertOne({ _id: "wj" }, { writeConcern: { w: "majority", j: true } })).acknowledged,
  );
  await C("w 2 is written all the same", async () => {
    await c.insertOne({ _id: "w2" }, { writeConcern: { w: 2 } }).catch(() => {});
    return (await c.countDocuments({ _id: "w2" })) === 1;
  });
  await C("w -1", () => err(c.insertOne({ a: 1 }, { writeConcern: { w: -1 } }), 9));
  await C("snapshot of a count", () => err(db.command({ count: "c", readConcern: { level: "snapshot" } }), 72));
  await C("linearizable $out", () => err(c.aggregate([{ $out: "o" }], { readConcern: { level: "linearizable" } }).toArray(), 72));
  // versioned API
  await C("api 1", async () => (await db.command({ ping: 1, apiVersion: "1", apiStrict: true })).ok === 1);
  await C("api 2", () => err(db.command({ ping: 1, apiVersion: "2" }), 322));
  await C("api strict distinct", () => err(db.command({ distinct: "c", key: "a", apiVersion: "1", apiStrict: true }), 323));
  await C("api strict stage", () =>
    err(db.command({ aggregate: 1, pipeline: [{ $currentOp: {} }], cursor: {}, apiVersion: "1", apiStrict: true }), 323),
  );
  await C("api without version", () => err(db.command({ ping: 1, apiStrict: true }), 4886600));
  await C("maxTimeMS neg", () => err(db.command({ find: "c", maxTimeMS: -1 }), 2));
  // transactions
  const session = cl.startSession();
  await C("txn commit twice", async () => {
    session.startTransaction();
    await c.insertOne({ _id: "tx" }, { session });
    await session.commitTransaction();
    await session.commitTransaction();
    return true;
  });
  await C("txn commit with a concern nobody meets", async () => {
    session.startTransaction({ writeConcern: { w: 10 } });
    await c.insertOne({ _id: "tw" }, { session });
    const refused = await err(session.commitTransaction(), 100);
    return refused === true ? (await c.countDocuments({ _id: "tw" })) === 1 : refused;
  });
  await C("txn no such", async () => {
    session.startTransaction();
    await c.insertOne({ _id: "ty" }, { session });
    await session.abortTransaction();
    return (await c.findOne({ _id: "ty" })) === null;
  });
  await C("txn count cmd refused", async () => {
    session.startTransaction();
    const r = await err(db.command({ count: "c" }, { session }), 263);
    await session.abortTransaction().catch(() => {});
    return r;
  });
  await C("txn listCollections", async () => {
    session.startTransaction();
    const r = await err(db.listCollections({}, { session }).toArray(), 263);
    await session.abortTransaction().catch(() => {});
    return r;
  });
  await C("txn create coll", async () => {
    session.startTransaction();
    await db.collection<Loose>(`fresh${label}`).insertOne({ _id: 1 }, { session });
    await session.commitTransaction();
    return (await db.collection(`fresh${label}`).countDocuments()) === 1;
  });
  await C("txn createIndex existing", async () => {
    session.startTransaction();
    let r: unknown = true;
    try {
      await db.createCollection(`tc${label}`, { session });
      await db.collection(`tc${label}`).createIndex({ a: 1 }, { session });
      await session.commitTransaction();
    } catch (caught) {
      const e = fields(caught);
      r = `${e.message} ${e.code}`;
      await session.abortTransaction().catch(() => {});
    }
    return r;
  });
  await C("txn distinct", async () => {
    session.startTransaction();
    const r = await c.distinct("_id", { _id: "tx" }, { session });
    await session.commitTransaction();
    return same(r, ["tx"]);
  });
  await C("txn dup labels", async () => {
    session.startTransaction();
    try {
      await c.insertOne({ _id: "tx" }, { session });
      return "no";
    } catch (caught) {
      const e = fields(caught);
      const l = e.errorLabels ?? [...(e.errorLabelSet ?? [])];
      await session.abortTransaction().catch(() => {});
      return same([e.code, l], [11000, []]);
    }
  });
  await C("txn agg getMore", async () => {
    session.startTransaction();
    await c.insertMany(
      Array.from({ length: 10 }, (_, i) => ({ _id: `m${i}` })),
      { session },
    );
    const n = (await c.find({ _id: /^m/ }, { session, batchSize: 3 }).toArray()).length;
    await session.abortTransaction();
    return same(n, 10);
  });
  await C("txn readConcern snapshot", async () => {
    session.startTransaction({ readConcern: { level: "snapshot" }, writeConcern: { w: "majority" } });
    await c.findOne({}, { session });
    await session.commitTransaction();
    return true;
  });
  await C("causal", async () => {
    const s = cl.startSession({ causalConsistency: true });
    await c.insertOne({ _id: `cc${label}` }, { session: s });
    const r = await c.findOne({ _id: `cc${label}` }, { session: s });
    await s.endSession();
    return r !== null;
  });
  await session.endSession();
  // shell
  const admin = cl.db("admin");
  for (const [name, cmd] of Object.entries({
    hello: { hello: 1 },
    isMaster: { isMaster: 1 },
    buildInfo: { buildInfo: 1 },
    getParameter: { getParameter: 1, featureCompatibilityVersion: 1 },
    getParameterAll: { getParameter: "*" },
    getLog: { getLog: "startupWarnings" },
    getLogAll: { getLog: "*" },
    connectionStatus: { connectionStatus: 1, showPrivileges: true },
    serverStatus: { serverStatus: 1 },
    hostInfo: { hostInfo: 1 },
    listDatabases: { listDatabases: 1, nameOnly: true },
    top: { top: 1 },
    getCmdLineOpts: { getCmdLineOpts: 1 },
    listCommands: { listCommands: 1 },
    whatsmyuri: { whatsmyuri: 1 },
    ping: { ping: 1 },
    startSession: { startSession: 1 },
    currentOp: { currentOp: 1 },
    getDefaultRWConcern: { getDefaultRWConcern: 1 },
    logout: { logout: 1 },
  }))
    await C(`admin ${name}`, async () => (await admin.command(cmd as never)).ok === 1);
  await C("atlasVersion", () => err(admin.command({ atlasVersion: 1 }), 59));
  await C("getParameter none", () => err(admin.command({ getParameter: 1, nope: 1 }), 72));
  await C("replSetGetStatus", () => err(admin.command({ replSetGetStatus: 1 }), 76));
  await C("listDatabases filter", async () =>
    same((await admin.command({ listDatabases: 1, filter: { name: "nope" } })).databases, []),
  );
  await C("dbStats", async () => (await db.stats()).collections > 0);
  await C("validate", async () => (await db.command({ validate: "c" })).valid);
  await C("explain find", async () => fields(await c.find({ _id: 1 }).explain()).queryPlanner.winningPlan !== undefined);
  await C("explain agg", async () => {
    const e = fields(await c.aggregate([{ $match: { _id: 1 } }]).explain());
    return (e.queryPlanner ?? e.stages) !== undefined;
  });
  await C(
    "explain update",
    async () =>
      (
        await db.command({
          explain: { update: "c", updates: [{ q: { _id: 1 }, u: { $set: { a: 1 } } }] },
          verbosity: "queryPlanner",
        })
      ).queryPlanner !== undefined,
  );
  await C(
    "explain count",
    async () =>
      (await db.command({ explain: { count: "c", query: { x: 1 } }, verbosity: "executionStats" })).executionStats !== undefined,
  );
  // restore-like
  await C("restore flow", async () => {
    await db.command({ create: "rest" });
    await db.command({ createIndexes: "rest", indexes: [{ v: 2, key: { a: 1 }, name: "a_1", ns: "t.rest" }] });
    await db.command({
      insert: "rest",
      documents: [
        { _id: 1, a: 1 },
        { _id: 2, a: 2 },
      ],
      ordered: false,
      writeConcern: { w: "majority" },
    });
    const r = await db.command({ find: "rest", batchSize: 1, noCursorTimeout: true });
    await db.collection("rest").drop();
    return r.cursor.firstBatch.length === 1;
  });
  await C("insert empty", () => err(db.command({ insert: "c", documents: [] }), 16));
  await C("invalid ns", () => err(db.command({ insert: "", documents: [{ a: 1 }] }), 73));
  await C("bad coll type", () => err(db.command({ find: 1 }), 73));
  await C("filter type", () => err(db.command({ find: "c", filter: "x" }), 14));
  await C("$jsonSchema unknown keyword", () => err(c.find({ $jsonSchema: { nope: 1 } }).toArray(), 9));
  await C("bad regex", () => err(c.find({ a: { $regex: "(" } }).toArray(), 51091));
  await C("bad $in", () => err(c.find({ a: { $in: 1 } } as never).toArray(), 2, "$in needs an array"));
  await C("bad op", () => err(c.find({ a: { $foo: 1 } } as never).toArray(), 2, "unknown operator: $foo"));
  await C("bad top", () => err(c.find({ $foo: 1 } as never).toArray(), 2, "unknown top level operator: $foo"));
  await C("proj mix", () => err(c.find({}, { projection: { a: 1, b: 0 } }).toArray(), 31254));
}
