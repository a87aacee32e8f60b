/** The contract on a real MongoDB, where there is one; and the same random commands to it and to the embedded engine. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mongo } from "mongoose";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";
import { noMongodb, type RealMongodb, realMongodb } from "../helpers/mongod";
import { storeContract } from "./contract";
import { compareStores } from "./differential";
import { openTestStore } from "./embedded-store";

const missing = noMongodb();

if (missing !== null) {
  test("the contract and the comparison with MongoDB: not run", () => {
    console.info(`store contract did not run on MongoDB: ${missing}`);
    expect(missing).toContain("mongod");
  });
} else {
  storeContract("MongoDB", async () => {
    const server = await realMongodb();
    console.info(`the store contract's MongoDB is ${server.name}`);
    const store = await openStore({ mongodbUri: server.uri(), dataDir: "", log: silentLog, clock: systemClock });
    return {
      store,
      end: async () => {
        await store.connection.db!.dropDatabase();
        await store.close();
        await server[Symbol.asyncDispose]();
      },
    };
  });

  describe("the embedded engine and MongoDB", () => {
    let server: RealMongodb;
    let client: mongo.MongoClient;
    beforeAll(async () => {
      server = await realMongodb();
      client = await new mongo.MongoClient(server.uri()).connect();
    });
    afterAll(async () => {
      await client.db().dropDatabase();
      await client.close();
      await server[Symbol.asyncDispose]();
    });

    test("answer the same random commands alike", async () => {
      await using embedded = await openTestStore();
      await compareStores(embedded.db, client.db());
    }, 120_000);
  });
}
