/** What drivers, shells, dump tools and the suites of others ask a server: the same answers in this process and over the wire. */
import { expect, test } from "bun:test";
import { mongo } from "mongoose";
import { silentLog } from "../../src/core/log";
import { scramCredentials } from "../../src/store/embedded/front/scram";
import { serveWire } from "../../src/store/embedded/front/wire-server";
import { asking, type Notes } from "./clients/asking";
import { pipelines } from "./clients/pipelines";
import { reads } from "./clients/reads";
import { sessions } from "./clients/sessions";
import { writes } from "./clients/writes";
import { openTestStore } from "./embedded-store";

const PARTS = [writes, reads, pipelines, sessions];
const AT_LEAST = 170;

async function ask(label: string, db: mongo.Db, client: mongo.MongoClient): Promise<void> {
  const notes: Notes = { right: 0, wrong: [] };
  for (const part of PARTS) await part(asking(label, db, client, notes));
  expect(notes.wrong).toEqual([]);
  expect(notes.right).toBeGreaterThan(AT_LEAST);
}

test("in this process", async () => {
  await using store = await openTestStore();
  await ask("process", store.db, store.store.connection.getClient());
}, 60_000);

test("over the wire, from a server that presents itself as a replica set", async () => {
  await using store = await openTestStore();
  const address = { port: 0, credentials: scramCredentials("u", "a password") };
  const server = await serveWire({ engine: store.engine, log: silentLog, address, replicaSet: "rs0" });
  const client = await new mongo.MongoClient(
    `mongodb://u:a%20password@${server.host}/t?authSource=admin&replicaSet=rs0`,
  ).connect();
  await ask("wire", client.db("t"), client);
  await client.close();
  await server.close();
}, 60_000);
