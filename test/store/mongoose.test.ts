/**
 * What Mongoose's users do with it, on stock Mongoose: on the store of this process, and through a socket as on a server.
 * A real server is asked the same when there is one.
 */
import { afterAll, beforeAll, describe } from "bun:test";
import mongoose from "mongoose";
import { silentLog } from "../../src/core/log";
import { scramCredentials } from "../../src/store/embedded/front/scram";
import { serveWire } from "../../src/store/embedded/front/wire-server";
import { noMongodb, realMongodb } from "../helpers/mongod";
import { openTestStore } from "./embedded-store";
import { typesCases } from "./mongoose/casting";
import { changesCases } from "./mongoose/changes";
import { documentsCases } from "./mongoose/documents";
import { populateCases } from "./mongoose/populate";
import { queriesCases } from "./mongoose/queries";
import { schemasCases } from "./mongoose/schemas";
import { sessionsCases } from "./mongoose/sessions";
import { worldOf } from "./mongoose/world";

interface Opened {
  connection: mongoose.Connection;
  close(): Promise<void>;
}

function cases(where: string, open: () => Promise<Opened>): void {
  describe(`Mongoose ${where}`, () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const world = worldOf(() => opened.connection);
    for (const part of [typesCases, schemasCases, queriesCases, changesCases, documentsCases, sessionsCases, populateCases])
      part(world);
  });
}

cases("in this process", async () => {
  const test = await openTestStore();
  return { connection: test.store.connection, close: async () => test[Symbol.asyncDispose]() };
});

cases("over the wire", async () => {
  const test = await openTestStore();
  const address = { port: 0, credentials: scramCredentials("u", "p") };
  const server = await serveWire({ engine: test.engine, log: silentLog, address, replicaSet: "rs0" });
  const connection = await mongoose
    .createConnection(`mongodb://u:p@${server.host}/cases?authSource=admin&replicaSet=rs0`)
    .asPromise();
  return {
    connection,
    close: async () => {
      await connection.close();
      await server.close();
      await test[Symbol.asyncDispose]();
    },
  };
});

const none = noMongodb();
if (none) console.info(`the Mongoose cases do not run on a MongoDB server: ${none}`);
else
  cases("on a MongoDB server", async () => {
    const server = await realMongodb();
    const connection = await mongoose.createConnection(server.uri()).asPromise();
    return {
      connection,
      close: async () => {
        await connection.dropDatabase();
        await connection.close();
        await server[Symbol.asyncDispose]();
      },
    };
  });
