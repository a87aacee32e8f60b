/**
 * A page that stays open while customers write, the assistant answers and an agent goes from one conversation to the next: what it
 * keeps in memory does not grow. Ten minutes; `LIVE_MINUTES=60` is the hour that an agent's morning has between two coffees.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, CDPSession, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { launch, visit, whyNoBrowser } from "./browser";
import { bubble, Customer, openConversation, openInbox } from "./inbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
const MINUTES = Number(process.env.LIVE_MINUTES ?? 10);
const CUSTOMERS = 10;
/** A customer's message comes so often, and the agent turns to another conversation. */
const MESSAGE_MS = 500;
const TURN_MS = 4_000;
const SIGN_IN_MS = 8 * 60_000;
const LOOK_MS = Math.max(5_000, (MINUTES * 60_000) / 60);
/** What may be added between the second and the last third; a leak of one message a second would be far above it in an hour. */
const MOST_GROWTH = 1.1;
const SLACK_BYTES = 1_000_000;
const SAID = ["hola", "¿Tienen envíos a Puno?", "¿Cuánto cuesta?", "gracias", "¿A qué hora abren?", "necesito una factura"];
setDefaultTimeout((MINUTES + 3) * 60_000);

interface Look {
  heap: number;
  nodes: number;
  listeners: number;
  server: number;
}

async function look(session: CDPSession, server: ServerProcess): Promise<Look> {
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  const status = await Bun.file(`/proc/${server.pid}/status`).text();
  return {
    heap: metric("JSHeapUsedSize"),
    nodes: metric("Nodes"),
    listeners: metric("JSEventListeners"),
    server: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024,
  };
}

/** Does something again and again until it is told to stop, or fails: `stop` then rejects with the reason. */
function again(everyMs: number, work: () => Promise<unknown>): { stop(): Promise<void>; hasFailed(): boolean } {
  let isOver = false;
  let failure: unknown = null;
  const loop = (async () => {
    while (!isOver) {
      await work();
      await Bun.sleep(everyMs);
    }
  })().catch((error) => {
    failure = error ?? new Error("failed");
  });
  return {
    async stop() {
      isOver = true;
      await loop;
      if (failure) throw failure;
    },
    hasFailed: () => failure !== null,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe.skipIf(reason !== null)("an hour at the desk", () => {
  let browser: Browser;
  let server: ServerProcess;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test(`memory is flat over ${MINUTES} minutes of live traffic`, async () => {
    const api = await new ApiClient(server.url).signIn(server.admin);
    const names = Array.from({ length: CUSTOMERS }, (_, index) => `Cliente ${String.fromCharCode(65 + index)}`);
    const customers = await Promise.all(names.map((name) => Customer.create(server, name, {}, api)));
    await using visitor = await visit(browser);
    const { page, context } = visitor;
    await openInbox(page, server);
    for (const customer of customers) await customer.say("hola");
    await page.getByRole("group", { name: "Which conversations" }).getByRole("button", { name: "All" }).click();
    await until(async () => (await page.locator(".list-rows .hit").count()) >= CUSTOMERS, {
      within: 30_000,
      what: "everybody's row",
    });
    const session = await context.newCDPSession(page);
    await session.send("HeapProfiler.enable");
    await session.send("Performance.enable");

    let said = 0;
    let turns = 0;
    const talk = again(MESSAGE_MS, async () => {
      const customer = customers[said % CUSTOMERS];
      await customer?.say(`${SAID[Math.floor(said / CUSTOMERS) % SAID.length]} (${++said})`);
    });
    const desk = again(TURN_MS, () => turn(page, turns++));
    const looks: Look[] = [];
    let signedInAt = performance.now();
    const end = performance.now() + MINUTES * 60_000;
    while (performance.now() < end && !talk.hasFailed() && !desk.hasFailed()) {
      await Bun.sleep(LOOK_MS);
      const now = await look(session, server);
      looks.push(now);
      console.log(
        `${String(looks.length).padStart(3)}  heap ${(now.heap / 1e6).toFixed(1)} MB, ${now.nodes} nodes, ${now.listeners} listeners, server ${(now.server / 1e6).toFixed(0)} MB, ${said} messages, ${turns} turns`,
      );
      // A sign-in lasts a quarter of an hour.
      if (performance.now() - signedInAt > SIGN_IN_MS) {
        await api.signIn(server.admin);
        signedInAt = performance.now();
      }
    }
    await talk.stop();
    await desk.stop();

    const third = Math.floor(looks.length / 3);
    // The first third warms up: threads fill until there is more than a page shows.
    const early = looks.slice(third, 2 * third);
    const late = looks.slice(-third);
    const grown = (of: (one: Look) => number) => ({ early: median(early.map(of)), late: median(late.map(of)) });
    const heap = grown((one) => one.heap);
    const nodes = grown((one) => one.nodes);
    const listeners = grown((one) => one.listeners);
    console.log("second and last third:", JSON.stringify({ heap, nodes, listeners, server: grown((one) => one.server) }));
    expect(turns).toBeGreaterThan(MINUTES * 5);
    expect(heap.late).toBeLessThan(heap.early * MOST_GROWTH + SLACK_BYTES);
    expect(nodes.late).toBeLessThan(nodes.early * MOST_GROWTH + 500);
    expect(listeners.late).toBeLessThan(listeners.early * MOST_GROWTH + 100);
    // The line was never lost: the last message stands on the page.
    await openConversation(page, customers[(said - 1) % CUSTOMERS]?.phone.name ?? "");
    await bubble(page, "user", `(${said})`).waitFor();
    // The browser's word for a size that changed twice within one picture: the next picture has it right.
    expect(visitor.errors(/ResizeObserver loop completed/)).toEqual([]);
  });
});

/** The agent opens the next conversation; now and then they write, or look further up. */
async function turn(page: Page, count: number): Promise<void> {
  const rows = page.locator(".list-rows .hit");
  await rows.nth(count % Math.max(1, Math.min(8, await rows.count()))).click();
  await page.locator("app-message-bubble").first().waitFor();
  if (count % 7 === 3)
    await page
      .locator("[role=log]")
      .hover()
      .then(() => page.mouse.wheel(0, -4_000));
  if (count % 10 === 5) {
    const field = page.getByLabel(/^Reply to /);
    await field.fill(`Con gusto (${count})`);
    await field.press("Enter");
  }
}
