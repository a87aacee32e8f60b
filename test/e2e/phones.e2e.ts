/** Several customers at once: phones side by side, each with its own words, the inbox following the one in the hand. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Locator, Page } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, whyNoBrowser } from "./browser";
import { choosePhone, inThread, openSandbox, tabTo } from "./sandbox-actions";

const reason = whyNoBrowser();

const device = (page: Page, name: string): Locator => page.getByRole("region", { name: `Phone of ${name}` });
const threadOf = (page: Page, name: string): Locator => page.locator("app-conversation-thread h2", { hasText: name });

async function putBeside(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Put a phone beside" }).click();
  await page.getByRole("menuitem", { name }).click();
  await device(page, name).waitFor();
}

async function writeAs(page: Page, name: string, text: string): Promise<void> {
  const field = page.getByLabel(`Write as ${name}`);
  await field.fill(text);
  await field.press("Enter");
  await device(page, name).locator('.msg[data-from="customer"]').filter({ hasText: text }).waitFor();
}

const shown = (page: Page): Promise<string[]> =>
  page.locator("section.device").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));

describe.skipIf(reason !== null)("several phones at once", () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  for (const theme of ["light", "dark"] as const)
    test(`three customers write side by side, are answered apart, and are still there after a reload (${theme})`, async () => {
      await using visitor = await visit(browser, { theme });
      const { page } = visitor;
      await openSandbox(page, server.url, server.admin);
      const names = await page
        .getByRole("group", { name: "Phones" })
        .getByRole("button", { pressed: undefined })
        .evaluateAll((all) => all.map((one) => one.getAttribute("title") ?? ""));
      const [rosa, thiago, luna] = ["Rosa", "Thiago", "Luna"].map(
        (first) => names.find((name) => name.startsWith(first)) ?? "",
      ) as [string, string, string];
      await choosePhone(page, "Rosa");
      await putBeside(page, thiago);
      await takePicture(page, `phones-two-${theme}`);
      await putBeside(page, luna);
      expect(await shown(page)).toEqual([rosa, thiago, luna].map((name) => `Phone of ${name}`));
      // There is room for no more.
      expect(await page.getByRole("button", { name: "Put a phone beside" }).count()).toBe(0);

      const words = { rosa: `¿tienen mantas? ${theme}`, thiago: `tem frete? ${theme}`, luna: `hola, soy Luna ${theme}` };
      await writeAs(page, rosa, words.rosa);
      await writeAs(page, thiago, words.thiago);
      await writeAs(page, luna, words.luna);
      for (const [name, own] of [
        [rosa, words.rosa],
        [thiago, words.thiago],
        [luna, words.luna],
      ] as const) {
        // Each phone hears its own answer and nothing of what the others said.
        await device(page, name).locator('.msg[data-from="business"]').first().waitFor();
        const said = await device(page, name).locator('.msg[data-from="customer"]').allTextContents();
        for (const text of Object.values(words))
          expect({ name, text, there: said.some((one) => one.includes(text)) }).toEqual({ name, text, there: text === own });
      }
      // Whoever wrote last is in the hand; touching another phone, or its button, takes that one.
      await threadOf(page, luna).waitFor();
      await inThread(page, "user", words.luna).waitFor();
      await device(page, rosa).locator(".log").click();
      await threadOf(page, rosa).waitFor();
      await inThread(page, "user", words.rosa).waitFor();
      await tabTo(page.getByRole("button", { name: "Show Thiago’s conversation in the inbox" }));
      await page.keyboard.press("Enter");
      await threadOf(page, thiago).waitFor();
      expect(await device(page, thiago).getByRole("button", { pressed: true }).count()).toBe(1);
      // What stands in a field and was not sent stays with its phone.
      await page.getByLabel(`Write as ${rosa}`).fill("a medio escribir");
      expect(await sidewaysOverflow(page)).toBe(0);
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, `phones-three-${theme}`);

      await page.reload();
      await until(async () => (await shown(page)).length === 3, { what: "three phones after a reload" });
      await threadOf(page, thiago).waitFor();
      await device(page, luna).locator(".msg-out", { hasText: words.luna }).waitFor();
      // Also for who comes back later by the way of the navigation.
      await page.getByRole("navigation").getByRole("link", { name: "Conversations", exact: true }).click();
      await page.getByRole("heading", { name: "Inbox" }).waitFor();
      await page.getByRole("navigation").getByRole("link", { name: "Sandbox", exact: true }).click();
      await until(async () => (await shown(page)).length === 3, { what: "three phones after a walk" });
      await page.getByRole("button", { name: "Put Thiago’s phone away" }).click();
      await until(async () => (await shown(page)).length === 2, { what: "two phones" });
      await threadOf(page, rosa).waitFor();
      await page.getByRole("button", { name: "Put Luna’s phone away" }).click();
      await until(async () => (await shown(page)).length === 1, { what: "one phone" });
      // The last one cannot be put away, and everything about it is beside it again.
      expect(await page.getByRole("button", { name: /phone away$/ }).count()).toBe(0);
      await page.getByRole("switch", { name: "Online" }).waitFor();
      expect(visitor.errors()).toEqual([]);
    }, 120_000);

  for (const theme of ["light", "dark"] as const)
    test(`a narrow window shows one of them, and switches; the others tell what they heard (${theme})`, async () => {
      await using visitor = await visit(browser, { theme });
      const { page } = visitor;
      await openSandbox(page, server.url, server.admin);
      await choosePhone(page, "Rosa");
      const luna = (await page.getByRole("button", { name: "Luna" }).getAttribute("title")) ?? "";
      await putBeside(page, luna);
      await page.setViewportSize(PHONE);
      await until(async () => (await shown(page)).length === 1, { what: "one phone" });
      expect(await page.getByRole("button", { name: "Put a phone beside" }).count()).toBe(0);
      const text = `desde el bolsillo ${theme}`;
      await writeAs(page, luna, text);
      await page.getByLabel(`Write as ${luna}`).fill("más tarde");
      await choosePhone(page, "Rosa");
      expect(await page.locator("section.device .msg", { hasText: text }).count()).toBe(0);
      await page.locator(".phone-chip", { hasText: "Luna" }).locator(".phone-news").waitFor();
      expect(await sidewaysOverflow(page)).toBe(0);
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, `phones-narrow-${theme}`);
      await choosePhone(page, "Luna");
      await device(page, luna).locator(".msg-out", { hasText: text }).waitFor();
      expect(await page.getByLabel(`Write as ${luna}`).inputValue()).toBe("más tarde");
      expect(await page.locator(".phone-news").count()).toBe(0);
      await page.setViewportSize({ width: 1_440, height: 900 });
      await until(async () => (await shown(page)).length === 2, { what: "two phones again" });
      expect(visitor.errors()).toEqual([]);
    }, 120_000);
});
