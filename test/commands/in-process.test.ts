/** The same commands inside this process, against an app beside them: what they do without the cost of starting programs. */
import { afterAll, beforeAll, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { admin } from "../../src/commands/admin";
import type { Command } from "../../src/commands/command";
import { health } from "../../src/commands/health";
import { simulate } from "../../src/commands/simulate";
import { createTestApp, type TestApp } from "../helpers/test-app";

setDefaultTimeout(30_000);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { WHATSAPP_GRAPH_URL: "", BATCH_WAIT_MS: "1200", BATCH_MAX_WAIT_MS: "2000" } });
  process.env.DATA_DIR = app.dataDir;
  process.env.PORT = new URL(app.url).port;
});
afterAll(async () => {
  delete process.env.DATA_DIR;
  delete process.env.PORT;
  await app[Symbol.asyncDispose]();
});

async function run(command: Command, ...args: string[]): Promise<{ code: number; said: string }> {
  const shown = spyOn(console, "log").mockImplementation(() => {});
  try {
    const code = await command.run(args);
    return { code, said: shown.mock.calls.map((line) => line.join(" ")).join("\n") };
  } finally {
    shown.mockRestore();
  }
}

test("simulate plays the customer until the reply has been read", async () => {
  const { code, said } = await run(simulate, "hola", "¿abren hoy?", "--gap", "50", "--phone", "rosa");
  expect(code).toBe(0);
  expect(said).toStartWith("Rosa Quispe (");
  expect(said.match(/ {2}business {3}/g)).toHaveLength(1);
  expect(said).toContain("(1 reply)");
  expect(app.graph.sent).toEqual([]);
});

test("a customer who waits in vain is told how long", async () => {
  const { code, said } = await run(simulate, "hola", "¿hay alguien?", "--gap", "0", "--phone", "luna", "--timeout", "1");
  expect(code).toBe(1);
  expect(said).toContain("Gave up waiting: nothing more within 1 s");
});

test("a phone that does not exist is refused", async () => {
  expect(run(simulate, "hola", "--phone", "nobody")).rejects.toThrow('There is no sandbox phone "nobody"');
});

test("admin and health reach the server", async () => {
  const reset = await run(admin, "reset-password", "admin@example.com", "--password", "twelve letters");
  expect(reset).toEqual({ code: 0, said: "The password of admin@example.com is now: twelve letters" });
  expect(run(admin, "reset-password", "nobody@example.com")).rejects.toThrow("There is no agent");
  expect(await run(health)).toEqual({ code: 0, said: "ready" });
});
