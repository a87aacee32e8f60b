/** What keeps a server from starting is told in one sentence that names the cure, with exit code 1 and without a stack trace. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { admin } from "../../src/commands/admin";
import { simulate } from "../../src/commands/simulate";
import { AppError } from "../../src/core/errors";
import { runCommand, runServerToItsEnd, type ServerProcess, startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";

setDefaultTimeout(60_000);

const dir = tempDir();
afterAll(() => dir[Symbol.dispose]());
let count = 0;
const newDataDir = () => join(dir.path, `data-${++count}`);

const STACK = /\n\s+at .+[:(]\d+/;

function expectRefusal({ code, said }: { code: number; said: string }, ...words: string[]): void {
  for (const word of words) expect(said).toContain(word);
  expect(said).not.toMatch(STACK);
  expect(said).not.toContain("Chasqui is running");
  expect(code).toBe(1);
}

test("a port in use: names it and another one to choose; once it is free the same command works", async () => {
  const taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("taken") });
  const { port = 0 } = taken;
  const dataDir = newDataDir();
  expectRefusal(
    await runServerToItsEnd({ dataDir, env: { PORT: String(port) } }),
    `Port ${port} is in use by another program`,
    `PORT=${port + 1}`,
  );
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("taken");
  await taken.stop(true);
  await using server = await startServer({ dataDir, env: { PORT: String(port) } });
  expect(server.url).toEndWith(`:${port}`);
});

test("an address that is not of this machine: names it", async () => {
  expectRefusal(await runServerToItsEnd({ dataDir: newDataDir(), env: { HOST: "192.0.2.1" } }), "192.0.2.1", "HOST");
});

test("a file in the place of DATA_DIR", async () => {
  const file = newDataDir();
  writeFileSync(file, "I was here first");
  expectRefusal(await runServerToItsEnd({ dataDir: file }), `The data directory ${file} cannot be written`, "DATA_DIR");
  expect(await Bun.file(file).text()).toBe("I was here first");
});

test("a database file that is none: says which, and does not touch it", async () => {
  const dataDir = newDataDir();
  mkdirSync(dataDir);
  const file = join(dataDir, "chasqui.db");
  const content = "this is a letter and not a database. ".repeat(200);
  writeFileSync(file, content);
  expectRefusal(await runServerToItsEnd({ dataDir }), `The database file ${file} cannot be opened`);
  expect(await Bun.file(file).text()).toBe(content);
});

test("damaged secrets: says what to do", async () => {
  const dataDir = newDataDir();
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "secrets.json"), "{");
  expectRefusal(await runServerToItsEnd({ dataDir }), "secrets.json is damaged", "Restore it from a backup");
});

test("a data directory whose path is longer than a socket's name may be works all the same, commands included", async () => {
  const dataDir = join(dir.path, "d".repeat(120));
  await using server = await startServer({ dataDir });
  expect((await runCommand(["admin", "reset-password", server.admin.email], { DATA_DIR: dataDir })).code).toBe(0);
});

describe("variables", () => {
  test("all mistakes at once, without secrets", async () => {
    const env = { PORT: "eighty", LOG_LEVEL: "loud", JWT_ACCESS_SECRET: "too-short-secret", BATCH_WAIT_MS: "-1" };
    const end = await runServerToItsEnd({ dataDir: newDataDir(), env });
    expectRefusal(end, "The configuration is not valid", "PORT", "LOG_LEVEL", "JWT_ACCESS_SECRET", "BATCH_WAIT_MS");
    expect(end.said).not.toContain("too-short-secret");
  });

  test("a mistake stops every command that reads the configuration", async () => {
    for (const args of [["simulate", "hola"], ["health"]]) expectRefusal(await runCommand(args, { PORT: "eighty" }), "PORT");
  });
});

describe("a second process on the same data directory", () => {
  let first: ServerProcess;
  beforeAll(async () => {
    first = await startServer();
  });
  afterAll(() => first[Symbol.asyncDispose]());

  test("is refused with the pid of the first, which goes on", async () => {
    const end = await runServerToItsEnd({ dataDir: first.dataDir });
    expectRefusal(end, `Another Chasqui process (pid ${first.pid})`, first.dataDir, "Stop it, or set DATA_DIR");
    expect((await fetch(`${first.url}/ready`)).status).toBe(200);
    expect((await runCommand(["admin", "reset-password", first.admin.email], { DATA_DIR: first.dataDir })).code).toBe(0);
  });
});

describe("command lines", () => {
  test("help lists the commands; an unknown one shows the same list and fails", async () => {
    const help = await runCommand(["help"], {});
    expect(help.code).toBe(0);
    for (const word of ["serve", "simulate", "admin", "health"]) expect(help.said).toContain(word);
    const unknown = await runCommand(["dance"], {});
    expect(unknown.code).toBe(1);
    expect(unknown.said).toContain("simulate");
  });

  test("a mistyped one is told in one sentence", async () => {
    expectRefusal(await runCommand(["simulate", "hola", "--phone"], {}), "--phone");
  });

  test("without a server it is said how to start one", async () => {
    const dataDir = newDataDir();
    expectRefusal(
      await runCommand(["simulate", "hola"], { DATA_DIR: dataDir }),
      `No Chasqui server runs on ${dataDir}`,
      "npm start",
    );
  });

  test.each([
    ["simulate", ["hola", "--loud"], "--loud", simulate],
    ["simulate", ["hola", "--gap"], "--gap", simulate],
    ["admin", ["reset-password", "a@b.c", "--password"], "--password", admin],
    ["admin", ["--help-me"], "--help-me", admin],
  ] as const)("%s %j names what is wrong with %s", async (_, args, word, command) => {
    const refused = await command.run([...args]).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(AppError);
    expect((refused as AppError).message).toContain(word);
  });

  test.each([
    ["simulate", [], "Plays a customer", simulate],
    ["admin", [], "reset-password", admin],
    ["admin", ["reset-password"], "reset-password", admin],
  ] as const)("%s %j without what it needs shows how it is used, and fails", async (_, args, word, command) => {
    const shown = spyOn(console, "log").mockImplementation(() => {});
    try {
      expect(await command.run([...args])).toBe(1);
      expect(shown.mock.calls.join("\n")).toContain(word);
    } finally {
      shown.mockRestore();
    }
  });
});
