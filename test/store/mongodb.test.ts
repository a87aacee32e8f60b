/** The contract on a real MongoDB: TEST_MONGODB_URI names a replica set or sharded cluster. */

import { test } from "bun:test";
import { systemClock } from "../../src/core/clock";
import { newId } from "../../src/core/id";
import { silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";
import { storeContract } from "./contract";

const uri = process.env.TEST_MONGODB_URI;

if (uri === undefined) {
  test("the contract on MongoDB: not run, TEST_MONGODB_URI is not set", () => {
    console.info("store contract did not run on MongoDB: TEST_MONGODB_URI is not set");
  });
} else {
  storeContract("MongoDB", async () => {
    const target = new URL(uri);
    target.pathname = `/chasqui_test_${newId()}`;
    const store = await openStore({ mongodbUri: target.href, dataDir: "", log: silentLog, clock: systemClock });
    return {
      store,
      end: async () => {
        await store.connection.db!.dropDatabase();
        await store.close();
      },
    };
  });
}
