/** The README's own commands, typed as a newcomer types them, and the benchmark against the real server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chasquiTarget } from "../../src/tools/bench/chasqui-target";
import { runRounds } from "../../src/tools/bench/rounds";
import { buildWeb, webIsFresh } from "../../src/tools/build/web";
import { ROOT } from "../../src/tools/checkout";
import { RunningBinary } from "./running-binary";

const BUILD_MS = 240_000;
const SLOW_MS = 120_000;
const npm = Bun.which("npm");
if (!npm) console.log("npm commands skipped: npm is not installed here");

describe.skipIf(!npm)("npm", () => {
  let directory: string;
  let server: RunningBinary | null = null;
  const running = () => {
    if (!server) throw new Error("npm start did not succeed");
    return server;
  };
  const env = () => ({ DATA_DIR: join(directory, "data"), PATH: process.env.PATH ?? "", HOME: directory });
  const run = (...args: string[]) => RunningBinary.run(npm!, ROOT, args, env());

  beforeAll(async () => {
    if (!(await webIsFresh())) expect(await buildWeb()).toBe(true);
    directory = mkdtempSync(join(tmpdir(), "chasqui-npm-"));
    server = await RunningBinary.start([npm!, "start"], ROOT, env());
  }, BUILD_MS);
  afterAll(async () => {
    await server?.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  test("start: builds nothing that is fresh, and serves", async () => {
    expect(running().output).not.toContain("Building the web interface");
    expect((await running().fetch("/", { headers: { accept: "text/html" } })).status).toBe(200);
  });

  test(
    "simulate: fragments come back as one reply",
    async () => {
      const { code, output } = await run("run", "simulate", "--", "hola", "una pregunta", "¿abren hoy?");
      expect(output).toMatch(/Answered: .*\(1 reply\)/);
      expect(code).toBe(0);
    },
    SLOW_MS,
  );

  test("admin reset-password: the old one ends, the new one works", async () => {
    const [, email = "", first = ""] = /Sign in as\s+(\S+)\s+Password\s+(\S+)/.exec(running().output) ?? [];
    const { code, output } = await run("run", "admin", "--", "reset-password", email);
    expect(code).toBe(0);
    const second = /is now: (\S+)/.exec(output)?.[1] ?? "";
    const signIn = async (password: string) =>
      (
        await running().fetch("/api/v2/auth/sign-in", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ email, password }),
        })
      ).status;
    expect([await signIn(first), await signIn(second)]).toEqual([401, 200]);
  });

  test("Ctrl-C ends it in order", async () => {
    await running().stop("SIGINT");
    expect(running().output).toContain('"message":"stopped"');
    expect(
      await running()
        .fetch("/health")
        .catch(() => "gone"),
    ).toBe("gone");
  });
});

test(
  "bench: the real server keeps every message of a closed and of an open loop",
  async () => {
    const [closed, open] = await runRounds({
      targets: [chasquiTarget({ binary: false })],
      phases: [
        { name: "closed", requests: 150, connections: 8 },
        { name: "open", requests: 50, connections: 8, rate: 200 },
      ],
      rounds: 1,
      customers: 7,
      tell: () => {},
    });
    expect(closed?.rounds[0]?.statuses).toEqual({ "200": 150 });
    expect(open?.rounds[0]?.statuses).toEqual({ "200": 50 });
    expect(closed?.rounds[0]?.cpuMicroseconds).toBeGreaterThan(0);
  },
  SLOW_MS,
);

test("without a free choice of benchmark the usage is shown", async () => {
  const bench = join(ROOT, "src/tools/bench/main.ts");
  const { code, output } = await RunningBinary.run(process.execPath, ROOT, [bench, "nonsense"], {});
  expect([code, output]).toEqual([2, expect.stringContaining("npm run bench -- [suite]")]);
});
