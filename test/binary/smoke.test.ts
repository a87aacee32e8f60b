/** The real artifact: the compiled binary, alone in an empty directory, with no configuration, does the main job. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { residentBytes } from "../../src/tools/bench/process-cost";
import { median } from "../../src/tools/bench/report";
import { binaryIsFresh, buildBinary } from "../../src/tools/build/binary";
import { buildWeb, webIsFresh } from "../../src/tools/build/web";
import { BINARY, ROOT } from "../../src/tools/checkout";
import { RunningBinary } from "./running-binary";

const BUILD_MS = 240_000;
const SLOW_MS = 60_000;
/** The numbers of the design: what a small server has room for. */
const LARGEST_BINARY = 150e6;
const LARGEST_IDLE_RSS = 130 * 1024 * 1024;

let root = "";
let binary: string;
const running: RunningBinary[] = [];

const start = async (directory: string, env: Record<string, string> = {}) => {
  mkdirSync(join(root, directory), { recursive: true });
  const server = await RunningBinary.start([binary], join(root, directory), env);
  running.push(server);
  return server;
};

beforeAll(async () => {
  if (!(await webIsFresh())) expect(await buildWeb()).toBe(true);
  if (!(await binaryIsFresh())) expect(await buildBinary()).toBe(true);
  root = mkdtempSync(join(tmpdir(), "chasqui-binary-"));
  binary = join(root, "chasqui");
  copyFileSync(BINARY, binary);
}, BUILD_MS);

afterAll(async () => {
  for (const server of running) await server.kill();
  if (root) rmSync(root, { recursive: true, force: true });
});

describe("the file", () => {
  test("is small enough and tells nothing of the machine that built it", () => {
    const bytes = readFileSync(binary);
    console.log(`binary: ${(bytes.byteLength / 1e6).toFixed(1)} MB`);
    expect(bytes.byteLength).toBeLessThan(LARGEST_BINARY);
    // A short path or host name is part of many innocent words; those that are distinctive must not be inside.
    const names = [`${ROOT}/`, hostname()].filter((name) => name.length >= 8 && name !== "localhost");
    expect(names.filter((name) => bytes.includes(name))).toEqual([]);
  });

  test(
    "tortures itself: a few kills, nothing lost, nothing twice",
    async () => {
      const directory = join(root, "torture");
      mkdirSync(directory);
      const options = ["--kills", "3", "--rate", "20", "--customers", "40", "--seconds", "2"];
      const { code, output } = await RunningBinary.run(binary, directory, ["torture", ...options], { TMPDIR: root });
      expect(output).toContain("Seed 7: 3 kills");
      expect(output).toContain("GOOD: nothing lost");
      expect(code).toBe(0);
    },
    SLOW_MS,
  );

  test("without a server: health says no, simulate says what to do, help lists the commands", async () => {
    const directory = join(root, "nobody");
    mkdirSync(directory);
    const run = (...args: string[]) => RunningBinary.run(binary, directory, args, { PORT: "1" });
    expect((await run("health")).code).toBe(1);
    const simulate = await run("simulate", "hola");
    expect(simulate.code).toBe(1);
    expect(simulate.output).toMatch(/No Chasqui server runs on/);
    const help = await run("help");
    expect(help.code).toBe(0);
    for (const command of ["serve", "simulate", "admin", "health"]) expect(help.output).toContain(command);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("a bad variable is one clear sentence and exit code 1", async () => {
    const { code, output } = await RunningBinary.run(binary, root, ["serve"], { PORT: "eighty" });
    expect(code).toBe(1);
    expect(output).toContain('PORT "eighty" is not valid');
    expect(output).not.toMatch(/\bat .*:\d+:\d+/);
  });
});

describe("with no configuration", () => {
  let server: RunningBinary;
  let token: string;
  const as = () => ({ authorization: `Bearer ${token}` });

  beforeAll(async () => {
    server = await start("first");
  }, SLOW_MS);

  test("it prints where to look and the first admin's password, which works; another does not", async () => {
    const password = /Password\s+(\S+)/.exec(server.output)?.[1] ?? "";
    const email = /Sign in as\s+(\S+)/.exec(server.output)?.[1] ?? "";
    expect(server.output).toContain(server.url);
    const signIn = (body: object) =>
      server.fetch("/api/v2/auth/sign-in", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await signIn({ email, password: `${password}x` })).status).toBe(401);
    const answer = await signIn({ email, password });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toMatch(/HttpOnly/i);
    token = ((await answer.json()) as { data: { accessToken: string } }).data.accessToken;
    expect((await server.fetch("/api/v2/conversations")).status).toBe(401);
    expect((await server.fetch("/api/v2/conversations", { headers: as() })).status).toBe(200);
  });

  test("it keeps its data beside itself and nowhere else", () => {
    expect(readdirSync(server.directory)).toEqual(["data"]);
    expect(readdirSync(join(server.directory, "data"))).toContain("chasqui.db");
  });

  test("the page is inside: compressed, cached for ever where the name is a hash", async () => {
    const page = await server.fetch("/", { headers: { accept: "text/html" } });
    expect(page.headers.get("content-type")).toBe("text/html;charset=utf-8");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    const html = await page.text();
    const script = /<script[^>]+src="\/?([\w./-]+-[\w-]{8}\.js)"/.exec(html)?.[1];
    expect(script).toBeDefined();
    const js = await server.fetch(`/${script}`, { headers: { "accept-encoding": "br" }, decompress: false });
    expect([js.status, js.headers.get("content-encoding"), js.headers.get("cache-control")]).toEqual([
      200,
      "br",
      "public, max-age=31536000, immutable",
    ]);
    expect(brotliDecompressSync(await js.bytes()).byteLength).toBeGreaterThan(1_000);
    expect(
      (await server.fetch(`/${script}`, { headers: { "accept-encoding": "br", "if-none-match": js.headers.get("etag")! } }))
        .status,
    ).toBe(304);
    expect(await (await server.fetch("/sandbox", { headers: { accept: "text/html" } })).text()).toBe(html);
    expect((await server.fetch("/missing.js")).status).toBe(404);
  });

  test("unknown API paths are answered by the API, wrong fields with their path", async () => {
    const missing = await server.fetch("/api/v2/nothing", { headers: { accept: "text/html" } });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({
      success: false,
      error: expect.any(String),
      code: "route.not-found",
      requestId: expect.any(String),
    });
    const invalid = await server.fetch("/api/v2/conversations?limit=1&bogus=1", { headers: as() });
    expect(invalid.status).toBe(422);
    expect(((await invalid.json()) as { details: { path: string }[] }).details[0]?.path).toBe("query.bogus");
    const document = (await (await server.fetch("/api/v2/openapi.json")).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toContain("/api/v2/conversations");
  });

  test("the webhook verifies, refuses a wrong signature, and takes a signed message once", async () => {
    const secrets = JSON.parse(readFileSync(join(server.directory, "data", "secrets.json"), "utf8")) as Record<string, string>;
    const verify = (verifyToken: string) =>
      server.fetch(`/api/v2/webhook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${verifyToken}`);
    expect((await verify("wrong")).status).toBe(403);
    expect(await (await verify(secrets.sandboxVerifyToken!)).text()).toBe("1158201444");

    const body = JSON.stringify(webhook("wamid.binary-smoke-1", "¿Hacen envíos a Cusco?"));
    const post = (signature: string) =>
      server.fetch("/api/v2/webhook", {
        method: "POST",
        headers: { "content-type": "application/json", "x-hub-signature-256": signature },
        body,
      });
    const signature = `sha256=${createHmac("sha256", secrets.sandboxAppSecret!).update(body).digest("hex")}`;
    expect((await post(`sha256=${"0".repeat(64)}`)).status).toBe(401);
    const stored = async () => {
      const { data } = (await (await server.fetch("/api/v2/conversations", { headers: as() })).json()) as {
        data: { inboundSeq: number }[];
      };
      return data.map(({ inboundSeq }) => inboundSeq);
    };
    expect(await stored()).toEqual([]);
    expect((await post(signature)).status).toBe(200);
    expect((await post(signature)).status).toBe(200);
    await server.until("the message is stored", async () => (await stored()).length === 1);
    expect(await stored()).toEqual([1]);
  });

  test(
    "simulate: a customer writes, the reply comes, and every agent sees it live",
    async () => {
      const events: string[] = [];
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v2/live`);
      socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token }));
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(String(data)) as { type: string; event?: string };
        events.push(frame.event ?? frame.type);
      };
      await server.until("the live connection is open", () => Promise.resolve(events.includes("connected")));

      const simulated = await RunningBinary.run(binary, server.directory, ["simulate", "hola", "¿tienen stock?"], {});
      expect(simulated.output).toContain("¿tienen stock?");
      expect(simulated.output).toMatch(/business\s+\S/);
      expect(simulated.output).toMatch(/Answered: .*\(1 reply\)/);
      expect(simulated.code).toBe(0);
      await server.until("the reply was read on the agents' screens", () =>
        Promise.resolve(events.filter((event) => event === "message:new").length >= 3 && events.includes("message:status")),
      );
      socket.close();
    },
    SLOW_MS,
  );

  test("health answers for containers", async () => {
    expect((await RunningBinary.run(binary, server.directory, ["health"], { PORT: String(server.port) })).code).toBe(0);
  });

  test("the scan worker is inside: the running server checks and backs up its database in it", async () => {
    const run = (...args: string[]) => RunningBinary.run(binary, server.directory, ["db", ...args], {});
    expect(await run("check")).toEqual({ code: 0, output: "The database is sound.\n" });
    expect(await run("backup", "copy.db")).toMatchObject({
      code: 0,
      output: expect.stringContaining("Backup written and checked"),
    });
    rmSync(join(server.directory, "copy.db"));
  });

  test("a second server on the same data, or on the same port, is refused with one sentence", async () => {
    const sameData = await RunningBinary.run(binary, server.directory, ["serve"], { PORT: "1" });
    expect([sameData.code, sameData.output]).toEqual([1, expect.stringMatching(/another chasqui process/i)]);
    mkdirSync(join(root, "second"));
    const samePort = await RunningBinary.run(binary, join(root, "second"), ["serve"], { PORT: String(server.port) });
    expect([samePort.code, samePort.output]).toEqual([1, expect.stringMatching(/port .*in use/i)]);
  });

  test(
    "SIGTERM ends it with exit code 0, also with an open live connection; the next start has everything and prints no password",
    async () => {
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v2/live`);
      const closed = new Promise<number>((resolve) => {
        socket.onclose = ({ code }) => resolve(code);
      });
      await new Promise((resolve) => {
        socket.onopen = resolve;
      });
      expect(await server.stop()).toBe(0);
      expect(await closed).not.toBe(1005);

      const again = await start("first", { NODE_ENV: "production" });
      expect(again.output).not.toMatch(/Password/);
      const answer = await again.fetch("/api/v2/conversations", { headers: as() });
      expect(((await answer.json()) as { data: unknown[] }).data).toHaveLength(2);
      const invalid = await again.fetch("/api/v2/conversations?limit=1&bogus=1", { headers: as() });
      expect(invalid.status).toBe(422);
      expect(((await invalid.json()) as { details: { path: string }[] }).details[0]?.path).toBe("query.bogus");
      expect(await again.stop()).toBe(0);
    },
    SLOW_MS,
  );
});

test(
  "it starts fast and stays small",
  async () => {
    const starts: number[] = [];
    const sizes: number[] = [];
    await (await start("measured")).stop();
    for (const _ of [1, 2, 3]) {
      const server = await start("measured");
      starts.push(server.startedInMs);
      await server.until("idle memory within its limit", () => Promise.resolve(residentBytes(server.pid) < LARGEST_IDLE_RSS));
      sizes.push(residentBytes(server.pid));
      expect(await server.stop()).toBe(0);
    }
    console.log(`start to first 200: ${median(starts).toFixed(0)} ms, idle memory: ${(median(sizes) / 1e6).toFixed(0)} MB`);
  },
  SLOW_MS,
);

/** A webhook with one text message, for the number of the sandbox. */
const webhook = (id: string, text: string) => ({
  object: "whatsapp_business_account",
  entry: [
    {
      id: "200000000000002",
      changes: [
        {
          field: "messages",
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: "5115550100", phone_number_id: "100000000000001" },
            contacts: [{ profile: { name: "Luz" }, wa_id: "51987000111" }],
            messages: [{ from: "51987000111", id, timestamp: "1790000000", type: "text", text: { body: text } }],
          },
        },
      ],
    },
  ],
});
