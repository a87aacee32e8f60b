/**
 * How soon the inbox answers a hand among a hundred thousand conversations: the browser's own measure, from the press of a key or a
 * button to the next picture on the screen (INP), and the time until a conversation that is opened stands there.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { seedDataDir } from "../../src/tools/seed/seed-store";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { launch, visit, whyNoBrowser } from "./browser";
import { openInbox } from "./inbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
const CONVERSATIONS = 100_000;
/** Targets, in milliseconds. */
const NEXT_PAINT = 100;
const OPENED = 150;
/** Other work on the machine only ever adds: each deed counts with the best of so many rounds. */
const ROUNDS = 3;

/** Keeps each interaction with what it took; the browser counts in steps of 8 ms and tells of nothing below 16. */
const WATCH = `{
  window.interactions = new Map();
  new PerformanceObserver((list) => {
    for (const { interactionId, duration, name } of list.getEntries()) {
      if (interactionId === 0) continue;
      const known = window.interactions.get(interactionId);
      if (!known || known.duration < duration) window.interactions.set(interactionId, { name, duration });
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
  undefined
}`;

/** The slowest interaction since the last question; 0 when all were faster than the browser tells. */
async function slowest(page: Page): Promise<number> {
  // The picture after the last deed must have been shown, and told of.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))");
  return page.evaluate<number>(
    "(() => { const all = [...window.interactions.values()].map(({ duration }) => duration); window.interactions.clear(); return Math.max(0, ...all); })()",
  );
}

const DEEDS: Record<string, (page: Page) => Promise<void>> = {
  "open a conversation": async (page) => {
    for (const at of [1, 3, 5, 2]) {
      await page.locator(".list-rows .hit").nth(at).click();
      await page.locator("app-message-bubble").first().waitFor();
    }
  },
  "next and previous by keys": async (page) => {
    for (let step = 0; step < 8; step++) await page.keyboard.press("Alt+j");
    for (let step = 0; step < 4; step++) await page.keyboard.press("Alt+k");
  },
  "switch tabs": async (page) => {
    for (const tab of ["Unassigned", "Mine", "All"]) {
      await page.getByRole("group", { name: "Which conversations" }).getByRole("button", { name: tab }).click();
      await page.waitForLoadState("networkidle");
    }
    await page.locator(".list-rows .hit").first().waitFor();
  },
  "type a search": async (page) => {
    await page.getByLabel("Search people and messages").click();
    await page.keyboard.type("maria qui", { delay: 30 });
    await page.waitForLoadState("networkidle");
    await page.keyboard.press("Escape");
    await page.locator(".list-rows .hit").first().waitFor();
  },
  "write a note": async (page) => {
    await page.locator(".list-rows .hit").first().click();
    await page
      .getByLabel(/^(Reply to|Note about|Write a)/)
      .first()
      .click();
    await page.keyboard.type("Buenos días, le escribo por su pedido", { delay: 15 });
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
  },
  "walk deep into the list and back": async (page) => {
    await page.locator(".list-rows .hit").first().focus();
    for (let step = 0; step < 40; step++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Home");
  },
  "open the filter and the command bar": async (page) => {
    await page.getByRole("button", { name: "Filter" }).first().click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("reso", { delay: 20 });
    await page.keyboard.press("Escape");
  },
};

describe.skipIf(reason !== null)("the inbox under the hand", () => {
  const directory = tempDir();
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    await seedDataDir({
      dataDir: directory.path,
      messages: CONVERSATIONS,
      conversations: CONVERSATIONS,
      seed: 1,
      onProgress: () => {},
    });
    [browser, server] = await Promise.all([launch(), startServer({ dataDir: directory.path })]);
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  test(`every deed is followed by a picture within ${NEXT_PAINT} ms, and a conversation stands there within ${OPENED}`, async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await page.getByRole("group", { name: "Which conversations" }).getByRole("button", { name: "All" }).click();
    await page.locator(".list-rows .hit").nth(6).waitFor();
    await page.evaluate(WATCH);
    // The first time loads what belongs to it; that is not what is measured here.
    for (const deed of Object.values(DEEDS)) await deed(page);
    await slowest(page);

    const best: Record<string, number> = {};
    for (const [name, deed] of Object.entries(DEEDS)) {
      for (let round = 0; round < ROUNDS; round++) {
        await deed(page);
        best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, await slowest(page));
      }
    }
    // A watch that sees nothing would find everything fast: a deed made slow on purpose is seen.
    await page.evaluate(`document.addEventListener("keydown", () => {
      const until = performance.now() + 180;
      while (performance.now() < until);
    }, { once: true, capture: true })`);
    await page.keyboard.press("Alt+j");
    expect(await slowest(page)).toBeGreaterThan(NEXT_PAINT);

    const opened: number[] = [];
    for (let at = 1; at <= 9; at++) {
      // The clock of the page itself: the way between the test and the browser does not count.
      opened.push(
        await page.evaluate<number>(`(async () => {
          const links = [...document.querySelectorAll(".list-rows .hit")];
          const link = links[${at} % links.length];
          const wanted = new URL(link.href).pathname;
          const from = performance.now();
          link.click();
          const isThere = () => location.pathname === wanted && document.querySelector("app-message-bubble") && !document.querySelector(".thread [aria-busy=true]");
          while (!isThere()) await new Promise(requestAnimationFrame);
          return performance.now() - from;
        })()`),
      );
      await page.waitForLoadState("networkidle");
    }
    const median = opened.toSorted((a, b) => a - b)[Math.floor(opened.length / 2)] ?? Number.POSITIVE_INFINITY;
    console.log(
      `${CONVERSATIONS.toLocaleString("en")} conversations, slowest interaction of each deed (ms): ${JSON.stringify(best)}; opened in ${Math.round(median)} ms (median of ${opened.map(Math.round).join(", ")})`,
    );
    for (const [name, took] of Object.entries(best))
      expect({ name, isSoon: took <= NEXT_PAINT, took }).toMatchObject({ name, isSoon: true });
    expect(median).toBeLessThanOrEqual(OPENED);
    expect(visitor.errors()).toEqual([]);
  }, 300_000);
});
