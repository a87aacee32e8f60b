/** The same random commands give the same answers in this process and over the wire, with indexes and without. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { mongo } from "mongoose";
import { silentLog } from "../../src/core/log";
import { serveWire } from "../../src/store/embedded/front/wire-server";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { compareStores } from "./differential";
import { openTestStore } from "./embedded-store";

test("in this process and over the wire", async () => {
  await using near = await openTestStore();
  await using far = await openTestStore();
  const server = await serveWire({ engine: far.engine, log: silentLog, address: { path: join(far.dir, "db.sock") } });
  const client = await new mongo.MongoClient(`mongodb://${server.host}/chasqui`).connect();
  await compareStores(near.db, client.db());
  await client.close();
  await server.close();
}, 120_000);

test("without indexes and with them", async () => {
  await using plain = await openTestStore();
  await using indexed = await openTestStore();
  await compareStores(plain.db, indexed.db, {
    prepare: async (db) => {
      const things = db.collection("compared");
      // None over two fields: documents with two arrays would be refused.
      await things.createIndexes([
        { key: { a: 1 } },
        { key: { b: -1 } },
        { key: { "a.x": 1 } },
        { key: { c: 1 }, sparse: true },
        { key: { b: 1 }, partialFilterExpression: { b: { $gt: 1 } }, name: "partial" },
      ]);
    },
  });
  expect(checkIntegrity(indexed.engine.storage)).toEqual([]);
}, 120_000);
