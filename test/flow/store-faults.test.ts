/** The disk is full, or another program holds the database: the webhook says 503 and loses nothing, and all goes on when the cause is gone. */
import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { signBody } from "../../src/channels/whatsapp/signature";
import { ApiClient, webhookOf } from "../helpers/api-client";
import { startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { startFaultGraph } from "./fault-graph";
import { environmentWith, NUMBER, postText, SECRET, saidBy } from "./store-fault-world";

setDefaultTimeout(120_000);

const PRLIMIT = "/usr/bin/prlimit";
const MAIN = join(import.meta.dir, "../../src/main.ts");

describe("the store cannot be written", () => {
  test.skipIf(!existsSync(PRLIMIT))(
    "because the disk is full: 503 with Retry-After, nothing acknowledged is lost, and it recovers without a restart",
    async () => {
      await using graph = startFaultGraph();
      // A file may not grow: for the database the same as a disk without room. The signal is ignored, so that writing fails.
      await using server = await startServer({
        env: environmentWith(graph.url),
        command: ["/bin/sh", "-c", `trap '' XFSZ; exec "$0" "$@"`, process.execPath, MAIN, "serve"],
      });
      const api = await new ApiClient(server.url).signIn(server.admin);
      const limit = (bytes: string) =>
        expect(Bun.spawnSync([PRLIMIT, "--pid", String(server.pid), `--fsize=${bytes}:`]).exitCode).toBe(0);
      const statuses: number[] = [];
      const acknowledged: string[] = [];
      const from = "51987653001";
      const say = async (count: number) => {
        for (let index = 0; index < count; index++) {
          const text = `mensaje ${statuses.length} ${"x".repeat(1_500)}`;
          const response = await postText(server.url, from, `wamid.full.${statuses.length}`, text);
          statuses.push(response.status);
          if (response.status === 200) acknowledged.push(text);
          else expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
        }
      };
      await say(5);
      expect(statuses).toEqual([200, 200, 200, 200, 200]);
      const walSize = Bun.file(join(server.dataDir, "chasqui.db-wal")).size;
      limit(String(walSize + 20_000));
      await until(
        async () => {
          await say(5);
          return statuses.includes(503);
        },
        { within: 30_000, every: 0, what: "a full disk" },
      );
      expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect((await fetch(`${server.url}/health`)).status).toBe(200);

      limit("unlimited");
      await until(async () => (await postText(server.url, from, "wamid.full.after", "después")).status === 200, {
        what: "the recovery",
      });
      const known = await until(async () => {
        const all = await saidBy(api, from);
        return all.includes("después") && all.length > acknowledged.length ? all : null;
      });
      for (const text of acknowledged) expect(known.filter((one) => one === text)).toHaveLength(1);
      await until(() => graph.taken.some(({ text }) => text.includes("después")), { what: "a reply after the recovery" });
      expect(server.output()).toContain("The database file could not be used");
      expect(server.output()).not.toContain("was left without a catch");
    },
  );

  test("because another program holds the database: first it waits, then it says 503, and it goes on when it is free", async () => {
    await using graph = startFaultGraph();
    await using server = await startServer({ env: environmentWith(graph.url) });
    const from = "51987653002";
    using other = new Database(join(server.dataDir, "chasqui.db"));
    const hold = async (work: () => Promise<void>) => {
      other.run("PRAGMA busy_timeout = 5000");
      other.run("BEGIN IMMEDIATE");
      try {
        await work();
      } finally {
        other.run("ROLLBACK");
      }
    };
    const ids = ["wamid.locked.1", "wamid.locked.2"];
    await hold(async () => {
      // Held for longer than anybody waits: nothing is acknowledged that is not stored.
      const refused = await postText(server.url, from, "wamid.locked.1", "¿están ocupados?");
      expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([503, true]);
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    });
    // Meta delivers again what was not taken, and a repetition does no harm.
    for (const id of ids)
      await until(async () => (await postText(server.url, from, id, `pregunta ${id}`)).status === 200, { what: "the recovery" });
    for (const id of ids) expect((await postText(server.url, from, id, `pregunta ${id}`)).status).toBe(200);
    await until(() => ids.every((id) => graph.taken.some(({ text }) => text.includes(id))), { what: "the replies" });
    const api = await new ApiClient(server.url).signIn(server.admin);
    expect((await saidBy(api, from)).toSorted()).toEqual(ids.map((id) => `pregunta ${id}`));
    expect(server.output()).toContain("Another program holds a lock on the database file");
  });

  test("a flood of ten thousand messages is accepted in bounded memory", async () => {
    await using graph = startFaultGraph();
    await using server = await startServer({ env: { ...environmentWith(graph.url), ASSISTANT: "off", LOG_LEVEL: "warn" } });
    const batch = (round: number) =>
      JSON.stringify(
        webhookOf(
          NUMBER,
          Array.from({ length: 100 }, (_, index) => ({
            from: `5198766${String((round * 100 + index) % 500).padStart(4, "0")}`,
            id: `wamid.flood.${round}.${index}`,
            text: `mensaje ${round} ${index} ${"y".repeat(200)}`,
          })),
        ),
      );
    const memory = async () => Number(/VmRSS:\s+(\d+)/.exec(await Bun.file(`/proc/${server.pid}/status`).text())?.[1]) / 1_024;
    let highest = 0;
    for (let round = 0; round < 100; round += 4) {
      const answers = await Promise.all(
        [0, 1, 2, 3].map((offset) => {
          const body = batch(round + offset);
          return fetch(`${server.url}/api/v2/webhook`, {
            method: "POST",
            body,
            headers: { "x-hub-signature-256": signBody(SECRET, body) },
          });
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      highest = Math.max(highest, await memory());
    }
    const api = await new ApiClient(server.url).signIn(server.admin);
    await until(async () => (await saidBy(api, "51987660499")).length === 20, { within: 60_000, what: "the last message" });
    highest = Math.max(highest, await memory());
    console.log(`highest memory during the flood: ${highest.toFixed(0)} MB`);
    expect(highest).toBeLessThan(500);
  });
});

if (!existsSync(PRLIMIT)) console.log("skipped: the full disk cannot be played without prlimit (util-linux)");
