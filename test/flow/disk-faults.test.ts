/** The disk under a running server is full or read-only: 503 with Retry-After, nothing acknowledged is lost, and it recovers by itself. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { ApiClient } from "../helpers/api-client";
import { runServerToItsEnd, type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { mountSmallDisk, noMounting, noSealing, seal } from "./disk";
import { startFaultGraph } from "./fault-graph";
import { environmentWith, postText, saidBy } from "./store-fault-world";

setDefaultTimeout(120_000);

const noMount = noMounting();
const noSeal = noSealing();
for (const reason of new Set([noMount, noSeal])) if (reason) console.log(`skipped in part: ${reason}`);

/** Posts messages and keeps what was acknowledged; every refusal must be a 503 that says when to come again. */
function startTalk(server: ServerProcess, from: string) {
  const acknowledged: string[] = [];
  let count = 0;
  let refused = 0;
  return {
    acknowledged,
    get refused() {
      return refused;
    },
    async say(): Promise<number> {
      const text = `mensaje ${++count} ${"x".repeat(1_500)}`;
      const response = await postText(server.url, from, `wamid.${from}.${count}`, text);
      if (response.status === 200) acknowledged.push(text);
      else {
        refused++;
        expect([response.status, Number(response.headers.get("retry-after")) > 0]).toEqual([503, true]);
      }
      return response.status;
    },
  };
}

/** Everything acknowledged is in the thread, once. */
async function expectKept(server: ServerProcess, from: string, acknowledged: readonly string[]): Promise<void> {
  const api = await new ApiClient(server.url).signIn(server.admin);
  const known = await until(
    async () => {
      const all = await saidBy(api, from);
      return acknowledged.every((text) => all.includes(text)) ? all : null;
    },
    { within: 30_000, what: "everything acknowledged in the thread" },
  );
  for (const text of acknowledged) expect(known.filter((one) => one === text)).toHaveLength(1);
}

describe("under a running server", () => {
  test.skipIf(noMount !== null)("the disk is full, and has room again", async () => {
    using disk = mountSmallDisk(24);
    await using graph = startFaultGraph();
    await using server = await startServer({ env: environmentWith(graph.url), dataDir: join(disk.path, "data") });
    const from = "51987653101";
    const talk = startTalk(server, from);
    for (let round = 0; round < 5; round++) expect(await talk.say()).toBe(200);
    disk.fill();
    await until(async () => (await talk.say()) === 503, { within: 60_000, every: 0, what: "the first refusal" });
    for (let round = 0; round < 5; round++) await talk.say();
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    disk.free();
    await until(async () => (await talk.say()) === 200, { within: 30_000, what: "the recovery" });
    await expectKept(server, from, talk.acknowledged);
    await until(() => graph.taken.some(({ text }) => text.includes(talk.acknowledged.at(-1)?.slice(0, 20) ?? "")), {
      within: 30_000,
      what: "a reply to what was said after the recovery",
    });
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    expect(server.output()).toContain("The disk is full");
    expect(server.output()).not.toContain("was left without a catch");
  });

  test.skipIf(noSeal !== null)("the database has become read-only, and can be written again", async () => {
    await using graph = startFaultGraph();
    await using server = await startServer({ env: environmentWith(graph.url) });
    const files = ["chasqui.db", "chasqui.db-wal"].map((name) => join(server.dataDir, name));
    const from = "51987653102";
    const talk = startTalk(server, from);
    for (let round = 0; round < 5; round++) expect(await talk.say()).toBe(200);
    expect(seal(files, true)).toBe(true);
    try {
      await until(async () => (await talk.say()) === 503, { within: 30_000, what: "the first refusal" });
      for (let round = 0; round < 5; round++) expect(await talk.say()).toBe(503);
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    } finally {
      seal(files, false);
    }
    await until(async () => (await talk.say()) === 200, { within: 30_000, what: "the recovery" });
    await expectKept(server, from, talk.acknowledged);
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    expect(server.output()).toMatch(/could not be used|read-only/);
    expect(server.output()).not.toContain("was left without a catch");
  });
});

test.skipIf(noMount !== null)("a start on a read-only disk is refused in one clear sentence", async () => {
  using disk = mountSmallDisk(8);
  expect(disk.setReadOnly(true)).toBe(true);
  const { code, said } = await runServerToItsEnd({ dataDir: join(disk.path, "data") });
  expect(code).toBe(1);
  expect(said).toContain("cannot be written (EROFS)");
  expect(said).not.toContain("    at ");
});
