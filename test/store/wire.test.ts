/** Stock clients connect to the embedded engine over sockets. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import mongoose, { mongo } from "mongoose";
import { silentLog } from "../../src/core/log";
import type { Store } from "../../src/store/connect";
import { scramCredentials } from "../../src/store/embedded/front/scram";
import { serveWire, type WireServer } from "../../src/store/embedded/front/wire-server";
import { until } from "../helpers/until";
import { storeContract } from "./contract";
import { openTestStore, type TestStore } from "./embedded-store";

storeContract("the wire front end on a unix socket", async () => {
  const test = await openTestStore();
  const server = await serveWire({ engine: test.engine, log: silentLog, address: { path: join(test.dir, "db.sock") } });
  const connection = await mongoose
    .createConnection(`mongodb://${server.host}/chasqui`, {
      autoIndex: false,
      autoCreate: false,
      serverSelectionTimeoutMS: 3_000,
    })
    .asPromise();
  const store: Store = {
    ...test.store,
    connection,
    transaction: async (fn) => {
      const session = await connection.startSession();
      try {
        return await session.withTransaction(fn);
      } finally {
        await session.endSession();
      }
    },
  };
  return {
    store,
    end: async () => {
      await connection.close();
      await server.close();
      await test[Symbol.asyncDispose]();
    },
  };
});

describe("the wire front end", () => {
  let store: TestStore;
  let tcp: WireServer;
  const path = () => join(store.dir, "db.sock");

  beforeAll(async () => {
    store = await openTestStore();
    tcp = await serveWire({
      engine: store.engine,
      log: silentLog,
      address: { port: 0, credentials: scramCredentials("chasqui", "s3cret,=ñ") },
    });
  });
  afterAll(async () => {
    await tcp.close();
    await store[Symbol.asyncDispose]();
  });

  const client = (auth: string) =>
    new mongo.MongoClient(`mongodb://${auth}${tcp.host}/chasqui?authSource=admin&directConnection=true`, {
      serverSelectionTimeoutMS: 2_000,
    });

  test("the unix socket belongs to its owner, and a stale one is replaced", async () => {
    for (const _ of [1, 2]) {
      const server = await serveWire({ engine: store.engine, log: silentLog, address: { path: path() } });
      expect(statSync(path()).mode & 0o777).toBe(0o600);
      await using one = new mongo.MongoClient(`mongodb://${server.host}`, { serverSelectionTimeoutMS: 2_000 });
      expect(await one.db().admin().ping()).toMatchObject({ ok: 1 });
      await one.close();
      await server.close();
    }
  });

  test("TCP lets the right password in, with SCRAM-SHA-256", async () => {
    await using one = client(`chasqui:${encodeURIComponent("s3cret,=ñ")}@`);
    await one.db("chasqui").collection<{ _id: number }>("things").insertOne({ _id: 1 });
    expect(await store.db.collection("things").countDocuments({})).toBe(1);
  });

  test("TCP refuses a wrong password, a wrong user, and silence", async () => {
    for (const auth of ["chasqui:wrong@", `other:${encodeURIComponent("s3cret,=ñ")}@`]) {
      await using one = client(auth);
      await expect(one.db().collection("things").findOne({})).rejects.toMatchObject({ code: 18 });
    }
    await using silent = client("");
    await expect(silent.db().collection("things").findOne({})).rejects.toMatchObject({ code: 13 });
    await expect(silent.db().collection<{ _id: number }>("things").insertOne({ _id: 2 })).rejects.toMatchObject({ code: 13 });
    expect(await store.db.collection<{ _id: number }>("things").countDocuments({ _id: 2 })).toBe(0);
  });

  test("rubbish closes that connection only", async () => {
    const [host, port] = tcp.host.split(":");
    for (const rubbish of [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.alloc(64, 0xff),
      Buffer.from([30, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]),
    ]) {
      const socket = connect(Number(port), host);
      let closed = false;
      socket.on("close", () => {
        closed = true;
      });
      socket.on("error", () => {});
      socket.write(rubbish);
      await until(() => closed);
    }
    await using one = client(`chasqui:${encodeURIComponent("s3cret,=ñ")}@`);
    expect(await one.db().admin().ping()).toMatchObject({ ok: 1 });
  });
});
