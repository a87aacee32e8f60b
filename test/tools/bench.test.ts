/** The benchmark measures what it says: every request is sent and counted, and a server that loses or changes messages is caught. */
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { runLoad } from "../../src/tools/bench/load";
import { bench, SUITES } from "../../src/tools/bench/main";
import { judge, replyOverhead } from "../../src/tools/bench/pipeline-ledger";
import { customerOfNumber, numberOf, planPhase } from "../../src/tools/bench/pipeline-plan";
import { cpuMicroseconds, residentBytes } from "../../src/tools/bench/process-cost";
import { summarise } from "../../src/tools/bench/profile";
import { referenceTarget } from "../../src/tools/bench/reference-target";
import { median, percentiles, toTable } from "../../src/tools/bench/report";
import { runRounds } from "../../src/tools/bench/rounds";
import { readOptions } from "../../src/tools/bench/suite";
import { IDENTITY } from "../../src/tools/bench/target";
import type { SentMessage } from "../../src/tools/bench/upstream";
import { webhookTable } from "../../src/tools/bench/webhook-table";
import { wamidOf, webhookRequests } from "../../src/tools/bench/webhook-traffic";
import { ROOT } from "../../src/tools/checkout";

const traffic = (count: number) => webhookRequests({ count, round: "r", path: "/hook", customers: 3 });

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
  expect(webhookTable(measurements).split("\n")).toHaveLength(4);
});

test("medians, percentiles and tables", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7]);
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentiles(hundred)).toEqual({ p50: 51, p95: 96, p99: 100, max: 100 });
  expect(percentiles([])).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
  const columns = [
    { title: "name", of: ({ name }: { name: string; ms: number }) => name },
    { title: "ms", of: ({ ms }: { name: string; ms: number }) => ms, digits: 1 },
  ];
  expect(
    toTable(columns, [
      { name: "a", ms: 1 },
      { name: "long", ms: 22.25 },
    ]),
  ).toBe(["name    ms", "----  ----", "a      1.0", "long  22.3"].join("\n"));
});

describe("flags", () => {
  const suite = { flags: { rounds: 3, seconds: 30 }, quick: { seconds: 1 } };
  test("defaults, quick values, and what is given wins over both", () => {
    expect(readOptions(suite, [])).toMatchObject({ flags: { rounds: 3, seconds: 30 }, binary: false, profile: false });
    expect(readOptions(suite, ["--quick"])?.flags).toEqual({ rounds: 3, seconds: 1 });
    expect(readOptions(suite, ["--quick", "--seconds", "7", "--binary"])).toMatchObject({ flags: { seconds: 7 }, binary: true });
    expect(readOptions(suite, ["--out", "/somewhere"])?.out).toBe("/somewhere");
  });
  test.each([[["--rate", "1"]], [["--rounds", "0"]], [["--rounds", "x"]], [["--rounds"]], [["--binary", "--profile"]]])(
    "%p makes no sense",
    (args) => expect(readOptions(suite, args)).toBeNull(),
  );
  test("an unknown suite gets the usage", async () => {
    const lines: string[] = [];
    expect(await bench(["nonsense"], (line) => lines.push(line))).toBe(2);
    for (const name of Object.keys(SUITES)) expect(lines.join("\n")).toContain(`  ${name} `);
  });
});

describe("verdicts of the pipeline", () => {
  const phase = { rate: 10, seconds: 2, firstCustomer: 0, customers: 4 };
  const planned = planPhase(phase);
  const said = planned.map(({ mark, customer, at }) => ({ mark, customer, dueAt: at, saidAt: at, takenAt: at + 1 }));
  const reply = (mark: string, customer: number, at: number): SentMessage => ({
    wamid: `w.${mark}`,
    to: numberOf(customer),
    phoneNumberId: "n",
    text: `Anotado: ${mark}`,
    callbackData: undefined,
    at,
  });
  const heard = said.map(({ mark, customer, dueAt }) => reply(mark, customer, dueAt + 100));
  const verdict = (replies: SentMessage[]) => judge(said, replies, () => "n");

  test("the plan keeps its rate and is the same every time", () => {
    expect(planned).toHaveLength(20);
    expect(planPhase(phase)).toEqual(planned);
    expect(new Set(planned.map(({ mark }) => mark)).size).toBe(20);
    expect(planned.at(-1)!.at).toBeWithin(1_900, 2_400);
  });
  test("everything right", () => {
    expect(verdict(heard)).toEqual({ said: 20, answered: 20, replies: 20, lost: 0, twice: 0, misrouted: 0, outOfOrder: 0 });
    expect(replyOverhead(said, heard, 60)).toMatchObject({ p50: 40, max: 40 });
  });
  test("what must not happen is counted", () => {
    expect(verdict(heard.slice(1)).lost).toBe(1);
    expect(verdict([...heard, heard[3]!]).twice).toBe(1);
    expect(verdict([...heard.slice(1), { ...heard[0]!, to: numberOf(3) }])).toMatchObject({ lost: 1, misrouted: 1 });
    expect(verdict([...heard.slice(1), { ...heard[0]!, phoneNumberId: "other" }]).misrouted).toBe(1);
    const mine = heard.filter(({ to }) => to === numberOf(0));
    expect(verdict([...mine.toReversed(), ...heard.filter(({ to }) => to !== numberOf(0))]).outOfOrder).toBeGreaterThan(0);
  });
  test("Mexican numbers come back without their 1", () => {
    expect(numberOf(7)).toBe("5215500000007");
    expect([customerOfNumber("525500000007"), customerOfNumber("5215500000007")]).toEqual([7, 7]);
  });
});

test("a profile is summed up: native time belongs to its caller, sleep to nobody", () => {
  const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url, lineNumber: 4 },
    children,
  });
  const summary = summarise({
    nodes: [
      node(1, "(root)", "", [2, 4]),
      node(2, "insert", `file://${ROOT}/src/store/embedded/storage/table.ts`, [3]),
      node(3, "run", ""),
      node(4, "find", "file:///anywhere/node_modules/mongodb/lib/x.js"),
    ],
    samples: [2, 3, 3, 4, 4],
    timeDeltas: [1_000, 2_000, 3_000, 4_000, 900_000],
  });
  expect(summary.busyMs).toBe(10);
  expect(summary.parts).toEqual([
    { name: "src/store/embedded/storage", ms: 6, share: 0.6 },
    { name: "mongodb", ms: 4, share: 0.4 },
  ]);
  expect(summary.functions[0]).toMatchObject({ name: "run < insert  src/store/embedded/storage/table.ts:5", ms: 5 });
});
