/** The commands beside a running server, as people type them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { freePort } from "../../src/tools/free-port";
import { ApiClient } from "../helpers/api-client";
import { runCommand, type ServerProcess, startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

let server: ServerProcess;
let env: Record<string, string>;
beforeAll(async () => {
  const port = String(freePort());
  server = await startServer({ env: { PORT: port, BATCH_WAIT_MS: "600", BATCH_MAX_WAIT_MS: "4000" } });
  env = { DATA_DIR: server.dataDir, PORT: port };
});
afterAll(() => server[Symbol.asyncDispose]());

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

describe("simulate", () => {
  test("one message: prints what was said, each stage with its time, and the reply", async () => {
    const { code, said } = await runCommand(["simulate", "Hola, ¿tienen stock?"], env);
    expect(code).toBe(0);
    expect(said).toMatch(/\d\d:\d\d:\d\d\.\d{3} {2}customer {3}Hola, ¿tienen stock\?/);
    expect(said).toMatch(/webhook {4}200 in \d+ ms/);
    for (const stage of ["stored", "batched", "routed", "answering", "queued", "sending", "sent", "delivered", "read"])
      expect(said).toMatch(new RegExp(`\\d\\d:\\d\\d:\\d\\d\\.\\d{3} {2}${stage} `));
    expect(count(said, / {2}business {3}/g)).toBe(1);
    expect(said).toContain("Answered: the customer has read the reply (1 reply)");
  });

  test("three fragments come back as one reply to all of them", async () => {
    const { code, said } = await runCommand(
      ["simulate", "hola", "una pregunta", "¿abren hoy?", "--gap", "100", "--phone", "thiago"],
      env,
    );
    expect(said).toStartWith("Thiago Moraes (");
    expect(code).toBe(0);
    expect(count(said, / {2}business {3}/g)).toBe(1);
    for (const text of ["hola", "una pregunta", "¿abren hoy?"]) expect(said).toContain(`«${text}»`);
    expect(said).toContain("(1 reply)");
  });

  test("a phone that does not exist: names those there are", async () => {
    const { code, said } = await runCommand(["simulate", "hola", "--phone", "nobody"], env);
    expect(code).toBe(1);
    expect(said).toContain('There is no sandbox phone "nobody". There are: ');
  });

  test.each([
    ["--gap", "soon"],
    ["--timeout", "never"],
    ["--timeout", "99999"],
  ])("%s %s is refused without a stack trace", async (option, value) => {
    const { code, said } = await runCommand(["simulate", "hola", option, value], env);
    expect(code).toBe(1);
    expect(said).not.toMatch(/\n\s+at /);
  });

  test("a customer who asks for a person is told so, and it ends well", async () => {
    const { code, said } = await runCommand(["simulate", "quiero hablar con una persona"], env);
    expect(code).toBe(0);
    expect(said).toContain("Waiting for a person");
    // What they write then is not waited for: no reply comes but by a person.
    const begun = performance.now();
    const more = await runCommand(["simulate", "¿sigue ahí?"], env);
    expect(more.code).toBe(0);
    expect(more.said).toMatch(/ {2}routed .*agents: assistant-off\n/);
    expect(more.said).toEndWith("Waiting for a person: agents: assistant-off\n");
    expect(performance.now() - begun).toBeLessThan(9_000);
  });
});

test("a server that is killed while a command waits for it is said in words, without a stack trace", async () => {
  const port = String(freePort());
  await using doomed = await startServer({ env: { PORT: port, BATCH_WAIT_MS: "20000", BATCH_MAX_WAIT_MS: "20000" } });
  const waiting = runCommand(["simulate", "hola"], { DATA_DIR: doomed.dataDir, PORT: port });
  const api = await new ApiClient(doomed.url).signIn(doomed.admin);
  await until(async () => (await api.data<unknown[]>("/conversations")).length > 0, { within: 15_000 });
  await doomed.kill();
  const { code, said } = await waiting;
  expect(code).toBe(1);
  expect(said).toContain("The server ended before the customer had an answer.");
  expect(said).not.toMatch(/\n\s+at |ECONNRESET/);
});

describe("admin reset-password", () => {
  const signIn = (password: string) => new ApiClient(server.url).signIn({ email: server.admin.email, password });

  test("a generated one is printed and holds; the old one no longer does", async () => {
    const { code, said } = await runCommand(["admin", "reset-password", server.admin.email.toUpperCase()], env);
    expect(code).toBe(0);
    const password = /is now: (\S+)/.exec(said)?.[1] ?? "";
    expect(password.length).toBeGreaterThanOrEqual(16);
    await signIn(password);
    expect(signIn(server.admin.password)).rejects.toThrow("401");
    expect(server.output()).not.toContain(password);
  });

  test("a chosen one holds", async () => {
    expect((await runCommand(["admin", "reset-password", server.admin.email, "--password", "twelve letters"], env)).code).toBe(0);
    await signIn("twelve letters");
  });

  test.each([
    ["nobody@example.com", "twelve letters", "There is no agent with the e-mail nobody@example.com"],
    ["admin@example.com", "short", "Some fields of the request are not valid"],
  ])("%s with %s: refused, and nothing changes", async (email, password, sentence) => {
    const { code, said } = await runCommand(["admin", "reset-password", email, "--password", password], env);
    expect(code).toBe(1);
    expect(said).toContain(sentence);
    expect(said).not.toMatch(/\n\s+at /);
    await signIn("twelve letters");
  });
});

test("the control socket opens for its owner only, and refuses what it does not know", async () => {
  const unix = `${server.dataDir}/control.sock`;
  expect((await Bun.file(unix).stat()).mode & 0o777).toBe(0o600);
  const call = (path: string, body?: string) =>
    fetch(`http://chasqui${path}`, { unix, ...(body === undefined ? {} : { method: "POST", body }) });
  expect(await (await call("/status")).json()).toMatchObject({ success: true, data: { pid: server.pid } });
  expect([(await call("/nothing")).status, (await call("/simulate", "{nonsense")).status]).toEqual([404, 400]);
  expect((await call("/simulate", '{"messages":[]}')).status).toBe(422);
  expect((await call("/admin/reset-password", '{"email":"a@b.c","role":"admin"}')).status).toBe(422);
});

test("health: 0 while the server is ready, 1 when there is none", async () => {
  expect(await runCommand(["health"], env)).toEqual({ code: 0, said: "ready\n" });
  const none = await runCommand(["health"], { PORT: String(freePort()) });
  expect(none.code).toBe(1);
  expect(none.said).toContain("not ready");
});

test("the first start prints the admin's password once: it opens the door, and neither the log nor the next start tells it", async () => {
  using dir = tempDir();
  const unset = { ADMIN_PASSWORD: "" };
  const first = await startServer({ dataDir: dir.path, env: unset });
  const password = /Password\s+(\S+)\s+\(shown only now\)/.exec(first.output())?.[1] ?? "";
  expect(password.length).toBeGreaterThanOrEqual(16);
  await new ApiClient(first.url).signIn({ email: first.admin.email, password });
  expect(await first.stop()).toBe(0);
  expect(first.output().split(password)).toHaveLength(2);
  await using second = await startServer({ dataDir: dir.path, env: unset });
  expect(second.output()).not.toContain("Password");
  expect(second.output()).not.toContain(password);
  await new ApiClient(second.url).signIn({ email: second.admin.email, password });
});
