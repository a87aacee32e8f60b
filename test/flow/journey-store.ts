/**
 * The stores the journey runs on: the embedded one, and MongoDB by its protocol. A real MongoDB where there is one;
 * otherwise the embedded engine of the test's own process, seen through a socket as a replica set.
 */
import { newId } from "../../src/core/id";
import { silentLog } from "../../src/core/log";
import { scramCredentials } from "../../src/store/embedded/front/scram";
import { serveWire } from "../../src/store/embedded/front/wire-server";
import { noMongodb, realMongodb } from "../helpers/mongod";
import { openTestStore } from "../store/embedded-store";

export interface JourneyStore {
  name: string;
  /** The server's variables, and how to end what stands behind them. */
  open(): Promise<{ env: Record<string, string> } & AsyncDisposable>;
}

const embedded: JourneyStore = {
  name: "the embedded store",
  open: async () => ({ env: {}, [Symbol.asyncDispose]: async () => {} }),
};

const wire: JourneyStore = {
  name: "the MongoDB protocol (an embedded engine behind a socket)",
  open: async () => {
    const store = await openTestStore();
    const password = newId();
    const server = await serveWire({
      engine: store.engine,
      log: silentLog,
      address: { port: 0, credentials: scramCredentials("chasqui", password) },
      replicaSet: "rs0",
    });
    return {
      env: { MONGODB_URI: `mongodb://chasqui:${password}@${server.host}/chasqui?authSource=admin&replicaSet=rs0` },
      [Symbol.asyncDispose]: async () => {
        await server.close();
        await store[Symbol.asyncDispose]();
      },
    };
  },
};

const real: JourneyStore = {
  name: "MongoDB",
  open: async () => {
    const server = await realMongodb();
    return { env: { MONGODB_URI: server.uri() }, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  },
};

export const JOURNEY_STORES: readonly JourneyStore[] = [embedded, noMongodb() === null ? real : wire];
console.info(`the journey runs on ${JOURNEY_STORES.map(({ name }) => name).join(" and ")}`);
