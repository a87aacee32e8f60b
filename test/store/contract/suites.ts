/** Contract: what the suites of drivers ask of a server beside reading and writing. */

import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mongo } from "mongoose";
import { type ContractContext, failure } from "./context";

export function suitesContract(context: ContractContext): void {
  const db = () => context.store.connection.db!;
  describe("the suites of drivers", () => {
    test("find no users to drop", async () => {
      expect(await db().command({ dropAllUsersFromDatabase: 1 })).toMatchObject({ n: 0, ok: 1 });
      expect((await db().command({ usersInfo: 1 })).users).toEqual([]);
      expect((await db().command({ rolesInfo: 1 })).roles).toEqual([]);
    });

    test("write a file in chunks and ask for its checksum", async () => {
      const bucket = new mongo.GridFSBucket(db() as never, { bucketName: "suite", chunkSizeBytes: 7 });
      await bucket.drop().catch(() => {});
      const content = Buffer.from("ñandú y llama, ¿quién más?");
      const upload = bucket.openUploadStream("talk.txt");
      await new Promise<void>((resolve, reject) => upload.once("finish", resolve).once("error", reject).end(content));
      const found = await db().command({ filemd5: upload.id, root: "suite" });
      expect(found).toMatchObject({ numChunks: 5, md5: createHash("md5").update(content).digest("hex") });
      const none = await db().command({ filemd5: new mongo.ObjectId(), root: "suite" });
      expect(none).toMatchObject({ numChunks: 0, md5: createHash("md5").digest("hex") });
      await bucket.drop();
    });

    test("hear nothing of what an unacknowledged batch could not do", async () => {
      await context.things.insertOne({ _id: "a" });
      const reply = await db().command({
        insert: "things",
        documents: [{ _id: "a" }, { _id: "b" }],
        ordered: false,
        writeConcern: { w: 0 },
      });
      expect(reply).toMatchObject({ ok: 1 });
      expect(reply).not.toHaveProperty("writeErrors");
      expect(reply).not.toHaveProperty("n");
      expect(await context.ids({})).toEqual(["a", "b"]);
    });

    test("use a sparse index because a hint names it, although it knows fewer documents", async () => {
      await context.things.insertMany([
        { _id: "a", i: 1 },
        { _id: "b", i: 2 },
        { _id: "c", i: 1, x: 1 },
      ] as never[]);
      await context.things.createIndex({ x: 1 }, { sparse: true });
      const count = (filter: object, hint?: string) =>
        db()
          .command({ count: "things", query: filter, ...(hint ? { hint } : {}) })
          .then(({ n }) => n);
      expect(await count({ i: 1 })).toBe(2);
      expect(await count({ i: 1 }, "x_1")).toBe(1);
      expect(await count({}, "x_1")).toBe(1);
      expect(await context.ids({ i: 1 }, { hint: "x_1" })).toEqual(["c"]);
      expect(await context.ids({ i: 1 })).toEqual(["a", "c"]);
    });

    test("see the command that asks among those that run", async () => {
      const pipeline = [{ $currentOp: { localOps: true } }];
      const admin = context.store.connection.getClient().db("admin");
      const running = await admin.aggregate(pipeline).toArray();
      expect(running.find(({ command }) => command?.aggregate === 1)?.command).toMatchObject({ pipeline, $db: "admin" });
    });

    test("get all plans of an explanation when they ask for them", async () => {
      await context.things.insertOne({ _id: "a" });
      const explain = (verbosity: string) => db().command({ explain: { find: "things", filter: {} }, verbosity });
      expect((await explain("allPlansExecution")).executionStats).toHaveProperty("allPlansExecution");
      expect((await explain("executionStats")).executionStats).not.toHaveProperty("allPlansExecution");
      expect(await explain("queryPlanner")).not.toHaveProperty("executionStats");
    });

    test("are told at once what is JavaScript", async () => {
      const reduce = { mapReduce: "things", map: "function () {}", reduce: "function () {}", out: { inline: 1 } };
      // A server that has JavaScript answers with the result.
      if (context.store.kind === "embedded") expect((await failure(db().command(reduce))).code).toBe(238);
      else expect(await db().command(reduce)).toMatchObject({ results: [] });
    });
  });
}
