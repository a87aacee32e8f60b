/** `db`, typed as people type it: beside a running server and on a file that nobody has open. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { mongo } from "mongoose";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";
import { ROOT } from "../../src/tools/checkout";
import { runCommand, runServerToItsEnd, type ServerProcess, startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

interface RunningCommand extends AsyncDisposable {
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<number>;
}

/** A command that stays until it is told to stop. */
function start(args: string[], env: Record<string, string>): RunningCommand {
  const child = Bun.spawn([process.execPath, join(ROOT, "src/main.ts"), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) text += decoder.decode(chunk, { stream: true });
  };
  void collect(child.stdout);
  void collect(child.stderr);
  const stop = (signal: NodeJS.Signals = "SIGINT") => {
    if (child.exitCode === null) child.kill(signal);
    return child.exited;
  };
  return { output: () => text, stop, [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")) };
}

const uriIn = (command: RunningCommand) => until(() => /mongosh "(\S+)"/.exec(command.output())?.[1], { within: 20_000 });

async function fill(dataDir: string, count: number): Promise<void> {
  const store = await openStore({ dataDir, log: silentLog, clock: systemClock });
  const db = store.connection.db!;
  await db.collection("things").createIndex({ n: 1 }, { unique: true });
  for (let from = 0; from < count; from += 5_000) {
    const size = Math.min(5_000, count - from);
    await db
      .collection("things")
      .insertMany(Array.from({ length: size }, (_, i) => ({ n: from + i, long: mongo.Long.fromNumber(i) })));
  }
  await db.collection<{ _id: string }>("others").insertOne({ _id: "x" });
  await store.close();
}

describe("beside a running server", () => {
  let server: ServerProcess;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await startServer();
    env = { DATA_DIR: server.dataDir };
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("opens a socket for its owner alone, which closes with the command", async () => {
    await using command = start(["db"], env);
    const uri = await uriIn(command);
    const path = join(server.dataDir, "db.sock");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 3_000 });
    expect(await client.db("chasqui").collection("agents").countDocuments({ email: server.admin.email })).toBe(1);
    await client.close();
    // A second look goes through the same socket, which stays open for the first one.
    await using second = start(["db"], env);
    expect(await uriIn(second)).toBe(uri);
    expect(await second.stop()).toBe(0);
    const again = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 3_000 });
    expect(await again.db().admin().ping()).toMatchObject({ ok: 1 });
    await again.close();
    expect(await command.stop()).toBe(0);
    await until(() => !existsSync(path), { what: "the socket to close" });
  });

  test("stays open while nobody says anything, longer than Bun lets a request be silent", async () => {
    await using command = start(["db"], env);
    const uri = await uriIn(command);
    await Bun.sleep(20_000);
    const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 3_000 });
    expect(await client.db().admin().ping()).toMatchObject({ ok: 1 });
    await client.close();
    expect(await command.stop()).toBe(0);
  });

  test("a command that is killed leaves no open door", async () => {
    await using command = start(["db", "--port", "0"], env);
    const uri = await uriIn(command);
    await command.stop("SIGKILL");
    await until(async () => {
      const client = new mongo.MongoClient(uri.replace("chasqui@", ""), { serverSelectionTimeoutMS: 300 });
      const isOpen = await client
        .db()
        .admin()
        .ping()
        .then(
          () => true,
          () => false,
        );
      await client.close();
      return !isOpen;
    });
  });

  test("--port demands the password that it prints", async () => {
    await using command = start(["db", "--port", "0"], env);
    const uri = await uriIn(command);
    const password = await until(() => /Password\s+(\S+)/.exec(command.output())?.[1]);
    const ask = async (secret: string) => {
      const client = new mongo.MongoClient(uri.replace("chasqui@", `chasqui:${secret}@`), { serverSelectionTimeoutMS: 3_000 });
      try {
        return await client.db("chasqui").collection("agents").countDocuments({});
      } catch (error) {
        return (error as { code?: unknown }).code;
      } finally {
        await client.close();
      }
    };
    expect(uri).toMatch(/^mongodb:\/\/chasqui@127\.0\.0\.1:\d+\//);
    expect(await ask(password)).toBe(1);
    expect(await ask("another password")).toBe(18);
    expect(server.output()).not.toContain(password);
  });

  test("--replica-set: clients that insist on one find its primary, and their transactions commit", async () => {
    await using command = start(["db", "--port", "0", "--password", "a good password", "--replica-set", "rs0"], env);
    const uri = await uriIn(command);
    expect(uri).toContain("replicaSet=rs0");
    const client = new mongo.MongoClient(uri.replace("chasqui@", "chasqui:a%20good%20password@"), {
      serverSelectionTimeoutMS: 3_000,
    });
    const things = client.db().collection<{ _id: number }>("db_test_things");
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await things.insertOne({ _id: 1 }, { session });
        await things.insertOne({ _id: 2 }, { session });
      }),
    );
    expect(await things.countDocuments({})).toBe(2);
    await things.drop();
    await client.close();
  });

  test("check and backup work while the server runs; an existing file is not overwritten", async () => {
    expect(await runCommand(["db", "check"], env)).toEqual({ code: 0, said: "The database is sound.\n" });
    using dir = tempDir();
    const file = join(dir.path, "copy.db");
    const { code, said } = await runCommand(["db", "backup", file], env);
    expect([code, said]).toEqual([0, expect.stringContaining(`Backup written and checked: ${file} (`)]);
    const copy = new Database(file, { readonly: true });
    expect(copy.query("SELECT count(*) AS n FROM _coll").get()).not.toEqual({ n: 0 });
    copy.close();
    const again = await runCommand(["db", "backup", file], env);
    expect([again.code, again.said]).toEqual([1, expect.stringContaining("exists already")]);
    const nowhere = await runCommand(["db", "backup", join(dir.path, "no", "such", "copy.db")], env);
    expect([nowhere.code, nowhere.said]).toEqual([1, expect.stringContaining("The backup could not be written")]);
    expect(nowhere.said).not.toMatch(/\n\s+at /);
  });

  test("copy is refused while the server runs", async () => {
    const { code, said } = await runCommand(["db", "copy", "--to", "mongodb://127.0.0.1:1/x"], env);
    expect([code, said]).toEqual([1, expect.stringContaining("uses the data directory")]);
  });
});

describe("without a server", () => {
  test("check finds damage, and ends with 1", async () => {
    using dir = tempDir();
    await fill(dir.path, 10);
    const env = { DATA_DIR: dir.path };
    expect((await runCommand(["db", "check"], env)).code).toBe(0);
    const db = new Database(join(dir.path, "chasqui.db"));
    db.run("DELETE FROM x1 WHERE rid = 3");
    db.close();
    const { code, said } = await runCommand(["db", "check"], env);
    expect(code).toBe(1);
    expect(said).toContain("index n_1 lacks the entry of row 3");
    expect(said).toContain("faults. Restore a backup.");
  });

  test("there and back: everything arrives, an interrupted copy goes on, a used target is refused", async () => {
    using here = tempDir();
    using there = tempDir();
    using back = tempDir();
    const count = 20_000;
    await fill(here.path, count);
    // An empty database on the other side, served as MongoDB would be.
    await (await openStore({ dataDir: there.path, log: silentLog, clock: systemClock })).close();
    await using other = start(["db", "--port", "0", "--password", "a good password"], { DATA_DIR: there.path });
    const uri = (await uriIn(other)).replace("chasqui@", "chasqui:a%20good%20password@");

    await using interrupted = start(["db", "copy", "--to", uri], { DATA_DIR: here.path });
    await until(() => /things .* copying/.test(interrupted.output()));
    expect(await interrupted.stop()).toBe(130);
    expect(interrupted.output()).toContain("Interrupted. The same command goes on where it stopped.");
    const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 3_000 });
    const arrived = () => client.db().collection("things").countDocuments({});
    const before = await arrived();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(count);

    const whole = await runCommand(["db", "copy", "--to", uri], { DATA_DIR: here.path });
    expect([whole.code, whole.said]).toEqual([0, expect.stringContaining(`Copied ${count + 1} documents in 2 collections`)]);
    expect(whole.said).toMatch(/things\s+\[#{30}\] 20000\/20000 verified/);
    expect(await arrived()).toBe(count);
    expect((await client.db().listCollections().toArray()).map(({ name }) => name).sort()).toEqual(["others", "things"]);
    expect((await client.db().collection("things").indexes()).map(({ name }) => name)).toEqual(["_id_", "n_1"]);

    const used = await runCommand(["db", "copy", "--to", uri], { DATA_DIR: here.path });
    expect([used.code, used.said]).toEqual([1, expect.stringContaining("The target is not empty")]);

    const home = await runCommand(["db", "copy", "--from", uri], { DATA_DIR: back.path });
    expect([home.code, home.said]).toEqual([0, expect.stringContaining(`Copied ${count + 1} documents`)]);
    await client.close();
    const hashes = (text: string) => text.match(/[0-9a-f]{64}/g);
    expect(hashes(home.said)).toHaveLength(2);
    expect(hashes(home.said)).toEqual(hashes(whole.said));
    expect((await runCommand(["db", "check"], { DATA_DIR: back.path })).code).toBe(0);
  });

  test("a server does not start on a half-made copy", async () => {
    using dir = tempDir();
    const store = await openStore({ dataDir: dir.path, log: silentLog, clock: systemClock });
    await store.connection.db!.collection<{ _id: string; copied: number }>("copystate").insertOne({ _id: "", copied: 0 });
    await store.close();
    const { code, said } = await runServerToItsEnd({ dataDir: dir.path });
    expect([code, said]).toEqual([1, expect.stringContaining("A copy into this database was interrupted")]);
  });

  test.each([
    [["db", "fly"], "db backup FILE"],
    [["db", "backup"], "db backup FILE"],
    [["db", "copy"], "db copy needs --to"],
    [["db", "copy", "--to", "http://x"], "is not a MongoDB address"],
    [["db", "--port", "high"], "--port takes a number"],
    [["db", "--replica-set", "rs0"], "go with --port"],
    [["db", "--sport"], "--sport"],
    [["db", "check"], "There is no database in"],
  ])("%p is refused in words", async (args, sentence) => {
    using dir = tempDir();
    const { code, said } = await runCommand(args, { DATA_DIR: join(dir.path, "none") });
    expect([code, said]).toEqual([1, expect.stringContaining(sentence)]);
    expect(said).not.toMatch(/\n\s+at /);
    expect(existsSync(join(dir.path, "none"))).toBe(false);
  });

  test("an address that does not answer is named without its password", async () => {
    using dir = tempDir();
    await fill(dir.path, 1);
    const uri = "mongodb://me:hidden-word@127.0.0.1:1/x?serverSelectionTimeoutMS=300";
    const { code, said } = await runCommand(["db", "copy", "--to", uri], { DATA_DIR: dir.path });
    expect([code, said]).toEqual([1, expect.stringContaining("does not answer")]);
    expect(said).not.toContain("hidden-word");
  });
});
