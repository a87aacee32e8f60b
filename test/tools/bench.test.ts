/** The benchmark measures what it says: every request is sent and counted, and a server that loses or changes messages is caught. */
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { runLoad } from "../../src/tools/bench/load";
import { cpuMicroseconds, residentBytes } from "../../src/tools/bench/process-cost";
import { referenceTarget } from "../../src/tools/bench/reference-target";
import { median, toTable } from "../../src/tools/bench/report";
import { RestReader } from "../../src/tools/bench/rest-reader";
import { runRounds } from "../../src/tools/bench/rounds";
import { IDENTITY } from "../../src/tools/bench/target";
import { textOf, wamidOf, webhookRequests } from "../../src/tools/bench/webhook-traffic";

const traffic = (count: number) => webhookRequests({ count, round: "r", path: "/hook", customers: 3, ...IDENTITY });

describe("traffic", () => {
  test("signed, unique, of the size of a real message", () => {
    const requests = traffic(50).map((bytes) => Buffer.from(bytes).toString());
    const wamids = new Set<string>();
    for (const request of requests) {
      const [head = "", body = ""] = request.split("\r\n\r\n");
      expect(head).toContain(
        `X-Hub-Signature-256: sha256=${createHmac("sha256", IDENTITY.appSecret).update(body).digest("hex")}`,
      );
      expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
      expect(Buffer.byteLength(body)).toBeWithin(700, 900);
      wamids.add(/"id":"(wamid\.[^"]+)"/.exec(body)![1]!);
    }
    expect(wamids).toEqual(new Set(requests.map((_, index) => wamidOf("r", index))));
  });
});

describe("load", () => {
  test("closed loop: each request once, never more in flight than connections", async () => {
    let inFlight = 0;
    let most = 0;
    const seen: string[] = [];
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        most = Math.max(most, ++inFlight);
        const nth = seen.push(await request.text());
        await new Promise(setImmediate);
        inFlight--;
        return new Response("x".repeat(70_000), { status: nth % 10 === 0 ? 503 : 200 });
      },
    });
    const result = await runLoad({ hostname: "127.0.0.1", port: server.port!, connections: 4, requests: traffic(100) });
    expect(result.requests).toBe(100);
    expect(result.statuses).toEqual({ "200": 90, "503": 10 });
    expect(new Set(seen).size).toBe(100);
    expect(most).toBeWithin(1, 5);
    expect(result.latency.p50).toBeGreaterThan(0);
    expect(result.latency.max).toBeGreaterThanOrEqual(result.latency.p99);
  });

  test("open loop: keeps its rate and counts the wait of a stalled server", async () => {
    let first = true;
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => {
        if (first) Bun.sleepSync(60);
        first = false;
        return new Response("ok");
      },
    });
    const result = await runLoad({
      hostname: "127.0.0.1",
      port: server.port!,
      connections: 2,
      requests: traffic(40),
      rate: 500,
    });
    expect(result.statuses).toEqual({ "200": 40 });
    expect(result.seconds).toBeGreaterThanOrEqual(39 / 500);
    // Thirty of the forty fell due while the server slept: their wait counts although most were sent only afterwards.
    expect(result.latency.p50).toBeGreaterThan(15);
    expect(result.latency.max).toBeGreaterThan(45);
  });

  test("a broken connection ends the measurement with an error", async () => {
    using server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: (socket) => void socket.end() } });
    await expect(runLoad({ hostname: "127.0.0.1", port: server.port, connections: 1, requests: traffic(1) })).rejects.toThrow(
      /closed/,
    );
  });
});

test("processor time and memory of a process are read", () => {
  const before = cpuMicroseconds(process.pid);
  const busyUntil = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < busyUntil);
  expect(cpuMicroseconds(process.pid) - before).toBeWithin(20_000, 5_000_000);
  expect(residentBytes(process.pid)).toBeWithin(10e6, 10e9);
});

test("a whole run: both references, one round, medians in a table", async () => {
  const lines: string[] = [];
  const measurements = await runRounds({
    targets: [referenceTarget("plain", "hmac"), referenceTarget("insert", "sqlite")],
    phases: [{ name: "closed", requests: 60, connections: 4 }],
    rounds: 1,
    customers: 5,
    tell: (line) => lines.push(line),
  });
  expect(lines).toHaveLength(4);
  expect(measurements.map(({ target, phase, rounds }) => [target, phase, rounds.length])).toEqual([
    ["plain", "closed", 1],
    ["insert", "closed", 1],
  ]);
  expect(measurements[0]!.rounds[0]!.statuses).toEqual({ "200": 60 });
  expect(toTable(measurements).split("\n")).toHaveLength(4);
});

test("medians", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7]);
});

describe("reading back", () => {
  const stored = (messages: { wamid: string; content: string }[]) =>
    Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      routes: {
        "/auth/sign-in": () => Response.json({ success: true, data: { accessToken: "t" } }),
        "/conversations": () =>
          Response.json({ success: true, data: [{ id: "c", inboundSeq: messages.length }], page: { next: null } }),
        "/conversations/c/messages": (request) => {
          const at = Number(new URL(request.url).searchParams.get("cursor") ?? 0);
          const data = messages.slice(at, at + 2).map((message) => ({ ...message, direction: "inbound" }));
          return Response.json({ success: true, data, page: { next: at + 2 < messages.length ? String(at + 2) : null } });
        },
      },
    });
  const sent = new Map([0, 1, 2, 3, 4].map((index) => [wamidOf("r", index), textOf("r", index)]));
  const kept = [...sent].map(([wamid, content]) => ({ wamid, content }));
  const check = async (messages: typeof kept) => {
    await using server = stored(messages);
    await new RestReader(server.url.href.slice(0, -1), { email: "a", password: "b" }).assertMessages(sent);
  };

  test("all there is fine; missing, doubled and changed messages are named", async () => {
    await check(kept);
    await expect(check(kept.slice(1))).rejects.toThrow("1 missing, 0 stored twice, 0 with another text");
    await expect(check([...kept, kept[0]!])).rejects.toThrow("0 missing, 1 stored twice");
    await expect(check([{ ...kept[0]!, content: "other" }, ...kept.slice(1)])).rejects.toThrow("1 with another text");
  });
});
