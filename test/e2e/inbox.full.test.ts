/** The inbox over a hundred thousand conversations: few rows are drawn however far one scrolls, and the place survives looking around. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { seedDataDir } from "../../src/tools/seed/seed-store";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, takePicture, visit, whyNoBrowser } from "./browser";
import { openInbox } from "./inbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
const CONVERSATIONS = 100_000;
/** What fits into the window, and what is drawn ahead of it. */
const MOST_ROWS = 60;

const rows = (page: Page): Promise<number> => page.locator("app-conversation-row").count();
const place = (page: Page): Promise<number> => page.locator(".list-rows").evaluate((list) => list.scrollTop);

describe.skipIf(reason !== null)("the inbox with many conversations", () => {
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
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  test("scrolls on and on, opens what is found there, and comes back to the same place", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await page.locator(".hit").first().waitFor();
    for (let turn = 0; turn < 40; turn++) {
      const before = await place(page);
      await until(
        async () => {
          await page.locator(".list-rows").evaluate((list) => list.scrollBy(0, 4_000));
          return (await place(page)) > before;
        },
        { within: 10_000, what: "the list to go on" },
      );
      expect(await rows(page)).toBeLessThan(MOST_ROWS);
    }
    const deep = await place(page);
    expect(deep).toBeGreaterThan(100_000);
    // The clock of the page itself: the way between the test and the browser does not count.
    const opened = await page.evaluate<number>(`(async () => {
      const top = document.querySelector(".list-rows").getBoundingClientRect().top;
      const links = [...document.querySelectorAll(".list-rows .hit")];
      const from = performance.now();
      links.find((one) => one.getBoundingClientRect().top > top + 100).click();
      while (!document.querySelector("app-message-bubble")) await new Promise(requestAnimationFrame);
      return performance.now() - from;
    })()`);
    console.log(
      `opening a conversation ${Math.round(deep)} px down took ${Math.round(opened)} ms until its first message was drawn`,
    );
    expect(Math.abs((await place(page)) - deep)).toBeLessThan(200);
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "inbox-100k");
    await page.keyboard.press("Alt+j");
    expect(await rows(page)).toBeLessThan(MOST_ROWS);
    expect(visitor.errors()).toEqual([]);
  }, 240_000);
});
