/**
 * What every store must do, in plain Mongoose and driver calls. Run on the embedded engine always, and on a real
 * MongoDB when there is one; nothing here knows which of them it talks to.
 */
import { afterAll, beforeAll, beforeEach, describe } from "bun:test";
import type { mongo } from "mongoose";
import type { Store } from "../../src/store/connect";
import { aggregationContract } from "./contract/aggregation";
import { collectionsContract } from "./contract/collections";
import type { ContractContext, Thing } from "./contract/context";
import { cursorsContract } from "./contract/cursors";
import { documentsContract } from "./contract/documents";
import { filtersContract } from "./contract/filters";
import { indexesContract } from "./contract/indexes";
import { mongooseContract } from "./contract/mongoose";
import { snapshotsContract } from "./contract/snapshots";
import { suitesContract } from "./contract/suites";
import { transactionsContract } from "./contract/transactions";
import { twoTransactionsContract } from "./contract/two-transactions";
import { updatesContract } from "./contract/updates";

export function storeContract(name: string, open: () => Promise<{ store: Store; end: () => Promise<void> }>): void {
  describe(`store contract on ${name}`, () => {
    let store: Store;
    let end: () => Promise<void>;
    let things: mongo.Collection<Thing>;

    beforeAll(async () => {
      ({ store, end } = await open());
      console.info(`store contract runs on ${name}`);
    });
    afterAll(() => end());
    beforeEach(async () => {
      things = store.connection.db!.collection<Thing>("things");
      await things.drop();
    });

    const stored = async () => (await things.findOne({ _id: "a" }, { projection: { _id: 0 } })) as Record<string, unknown>;
    const context: ContractContext = {
      get store() {
        return store;
      },
      get things() {
        return things;
      },
      ids: async (filter, options = {}) =>
        (await things.find(filter, { sort: { _id: 1 }, ...options }).toArray()).map(({ _id }) => _id),
      stored,
      updated: async (before, update, options = {}) => {
        await things.deleteMany({});
        await things.insertOne({ _id: "a", ...before });
        await things.updateOne({ _id: "a" }, update, options);
        return stored();
      },
    };

    for (const part of [
      documentsContract,
      filtersContract,
      cursorsContract,
      updatesContract,
      indexesContract,
      snapshotsContract,
      suitesContract,
      aggregationContract,
      transactionsContract,
      twoTransactionsContract,
      collectionsContract,
      mongooseContract,
    ]) {
      part(context);
    }
  });
}
