/** Each benchmark runs at its smallest size against the real server and reports what it should. Its figures mean nothing here. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { bench } from "../../src/tools/bench/main";
import { assertInbound } from "../../src/tools/bench/stored-messages";
import { textOf, wamidOf } from "../../src/tools/seed/seed-plan";
import { seedDataDir } from "../../src/tools/seed/seed-store";
import { tempDir } from "../helpers/temp-dir";

const A_RUN_MS = 120_000;

/** Runs a suite and gives what it has written and said. */
async function run(name: string): Promise<{ report: Record<string, unknown>; said: string }> {
  using out = tempDir();
  const lines: string[] = [];
  expect(await bench([name, "--quick", "--out", out.path], (line) => lines.push(line))).toBe(0);
  return { report: await Bun.file(join(out.path, `${name}.json`)).json(), said: lines.join("\n") };
}

const percentiles = { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) };
const perfect = (said: number) => ({ said, answered: said, lost: 0, twice: 0, misrouted: 0, outOfOrder: 0 });

describe("benchmarks", () => {
  test.concurrent(
    "webhook: every target in every phase, each request answered",
    async () => {
      const { report, said } = await run("webhook");
      const targets = ["Bun.serve + HMAC", "Bun.serve + HMAC + insert", "Express bot, in memory", "Chasqui (source)"];
      const measurements = report.measurements as {
        target: string;
        phase: string;
        rounds: { statuses: object; requests: number }[];
      }[];
      expect(measurements.map(({ target, phase }) => [target, phase])).toEqual(
        targets.flatMap((target) => ["closed loop", "100/s"].map((phase) => [target, phase])),
      );
      for (const { rounds } of measurements) {
        expect(rounds).toHaveLength(1);
        expect(rounds[0]).toMatchObject({ statuses: { "200": rounds[0]!.requests }, latency: percentiles });
      }
      expect(said).toContain("none missing, none twice, none changed");
    },
    A_RUN_MS,
  );

  test.concurrent(
    "pipeline: everything is answered once, in order, to the right customer, and read",
    async () => {
      const { report, said } = await run("pipeline");
      const [phase] = report.results as { replies: number; statuses: number; verdict: { replies: number } }[];
      expect(phase).toMatchObject({
        rate: 20,
        verdict: perfect(40),
        answer: percentiles,
        overhead: percentiles,
        cpuMicroseconds: { server: expect.any(Number), world: expect.any(Number), threads: expect.any(Object) },
      });
      expect(phase!.statuses).toBe(3 * phase!.verdict.replies);
      expect((report.memory as unknown[]).length).toBeGreaterThan(2);
      expect(said).toContain("Phones and store were read message by message");
    },
    A_RUN_MS,
  );

  test.concurrent(
    "rest: every read beside its reference, with the right rows",
    async () => {
      const { report } = await run("rest");
      const rows = report.rows as { read: string; messages: number }[];
      expect(rows.map(({ read }) => read)).toEqual(
        expect.arrayContaining(["inbox, first page", "inbox, any page", "thread, newest page", "contact by number"]),
      );
      for (const row of rows.filter(({ read }) => !read.startsWith("search")))
        expect(row).toMatchObject({ messages: 500, product: percentiles, reference: percentiles });
    },
    A_RUN_MS,
  );

  test.concurrent(
    "live: every socket gets every event, beside a bare publish",
    async () => {
      const { report } = await run("live");
      const latency = { p50: expect.any(Number), p99: expect.any(Number) };
      expect(report.rows).toMatchObject([
        { target: "Bun publish", sockets: 10, passing: latency, durable: null },
        { target: "Chasqui (source)", sockets: 10, passing: latency, durable: latency },
      ]);
    },
    A_RUN_MS,
  );

  test.concurrent(
    "memory: idle, under load, at rest",
    async () => {
      const { report } = await run("memory");
      const rows = report.rows as { what: string; megabytes: number }[];
      expect(rows).toHaveLength(8);
      for (const { megabytes } of rows) expect(megabytes).toBeWithin(10, 10_000);
      expect((report.samples as unknown[]).length).toBeGreaterThan(4);
    },
    A_RUN_MS,
  );

  test.concurrent(
    "startup: a first start and one on what it has left",
    async () => {
      const { report } = await run("startup");
      const [reference, product] = report.rows as { firstStart: number[]; restart: number[]; idleMegabytes: number[] }[];
      for (const row of [reference!, product!])
        expect([row.firstStart, row.restart, row.idleMegabytes].map((all) => all.length)).toEqual([1, 1, 1]);
    },
    A_RUN_MS,
  );
});

test("a store that lost, changed or doubled a message is caught", async () => {
  using directory = tempDir();
  const plan = await seedDataDir({ dataDir: directory.path, messages: 30, conversations: 3, seed: 5 });
  const inbound = [...plan.placeOf].flatMap((place, message) => (place % 2 === 0 ? [message] : []));
  const kept = new Map(inbound.map((message) => [wamidOf(message), textOf(plan, message, true)]));
  await assertInbound(directory.path, kept);
  await expect(assertInbound(directory.path, new Map([...kept, ["wamid.more", "?"]]))).rejects.toThrow("1 missing");
  await expect(assertInbound(directory.path, new Map([...kept].slice(1)))).rejects.toThrow("1 unknown");
  const changed = new Map([...kept].map(([wamid, text], index) => [wamid, index === 0 ? "other" : text]));
  await expect(assertInbound(directory.path, changed)).rejects.toThrow("1 with another text");
});
