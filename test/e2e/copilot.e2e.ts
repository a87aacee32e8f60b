/** The copilot beside the composer, the reader's language under a bubble, and what an answer of the assistant rests on. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, untilTrue, visit, whyNoBrowser } from "./browser";
import { bubble, Customer, openConversation, openInbox } from "./inbox-actions";

const reason = whyNoBrowser();
const ARTICLE = "Los envíos a Cusco cuestan 15 soles y tardan tres días.";
const field = "document.querySelector('app-reply-composer textarea')";

describe.skipIf(reason !== null)("the copilot", () => {
  let browser: Browser;
  let server: ServerProcess;
  let api: ApiClient;
  let rosa: Customer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    api = await new ApiClient(server.url).signIn(server.admin);
    // What the sandbox would cost if it were sold, so that there is something to show and to use up.
    const price = { input: 0.1, cached: 0.01, cacheWrite: 0.125, cacheWrite12h: 0.25, output: 0.5 };
    const rows = [{ model: "chasqui-sandbox", effectiveFrom: "2026-01-02", source: "assumed", ...price }];
    await api.patch("/settings/assistant-prices", { version: 0, values: { rows } });
    await api.post("/knowledge/articles", { title: "Envíos a provincia", text: ARTICLE });
    await until(async () => (await api.data<unknown[]>("/knowledge/search?q=env%C3%ADos")).length > 0, { what: "the article" });
    rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("¿cuánto cuestan los envíos a Cusco?");
    await rosa.heard(/15 soles/);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const press = (page: Page, name: string | RegExp) =>
    page.getByRole("button", { name, exact: typeof name === "string" }).click();
  const openCopilot = async (page: Page) => {
    await press(page, "Copilot");
    await page.getByRole("button", { name: "Suggest a reply" }).waitFor();
  };

  test("suggests with sources that open, changes what was typed, and gives it back", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await page.getByRole("button", { name: "Copilot", exact: true }).waitFor();
    await page.keyboard.press("Alt+i");
    await page.getByRole("button", { name: "Suggest a reply" }).waitFor();
    await untilTrue(page, "document.activeElement.textContent.includes('Suggest a reply')");
    await page.keyboard.press("Enter");
    await page.locator(".copilot-text", { hasText: "15 soles" }).getByRole("button", { name: "Use it" }).waitFor();
    await page.locator(".copilot-foot .run-sources").click();
    await page.locator(".copilot .source").click();
    await page.locator(".copilot .source-text", { hasText: "tres días" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.locator(".copilot-foot").textContent()).toContain("$");
    await takePicture(page, "copilot-suggest");
    await page.locator(".copilot").getByRole("button", { name: "Read the article" }).click();
    await page.locator("dialog .article-text", { hasText: ARTICLE }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "copilot-article");
    await page.keyboard.press("Escape");
    await page.locator(".copilot-text", { hasText: "15 soles" }).getByRole("button", { name: "Use it" }).click();
    await untilTrue(page, `${field}.value.includes('15 soles')`);

    await page.getByLabel(/^Reply to /).fill("no hay");
    await openCopilot(page);
    await press(page, "Rewrite");
    await page.getByRole("menuitem", { name: "Formal" }).click();
    await page.locator(".copilot-text", { hasText: "[formal] no hay" }).getByRole("button", { name: "Replace mine" }).click();
    await untilTrue(page, `${field}.value === '[formal] no hay'`);
    await takePicture(page, "copilot-replaced");
    expect(await accessibilityFaults(page)).toEqual([]);
    await press(page, "Back to mine");
    await untilTrue(page, `${field}.value === 'no hay'`);
    expect(visitor.errors()).toEqual([]);
  });

  test("in the dark: a customer's words in the reader's language, and what the assistant's answer rests on", async () => {
    await using visitor = await visit(browser, { theme: "dark" });
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    const asked = bubble(page, "user", "¿cuánto cuestan");
    await asked.hover();
    await asked.getByRole("button", { name: "More for this message" }).click();
    await page.getByRole("menuitem", { name: "Translate" }).click();
    await asked.locator(".translation", { hasText: "[en] ¿cuánto cuestan" }).waitFor();
    const answered = bubble(page, "assistant", "15 soles");
    await answered.getByRole("button", { name: "1 source" }).click();
    await answered.locator(".source").click();
    await answered.locator(".source-said", { hasText: "15 soles" }).waitFor();
    await answered.getByRole("button", { name: "Read the article" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "copilot-thread-dark");
    await openCopilot(page);
    await press(page, "Summarise");
    await page.locator(".copilot-text", { hasText: "- ¿cuánto cuestan" }).getByRole("button", { name: "Into a note" }).waitFor();
    await press(page, "Ask");
    await page.getByLabel(/^Your question/).fill("¿cuánto tardan los envíos?");
    await page.keyboard.press("Enter");
    await page.locator(".copilot-text", { hasText: "tres días" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "copilot-dark");
    await press(page, "Into a note");
    await untilTrue(page, `${field}.value.includes('tres días')`);
    await page.getByLabel(/^Private note on /).waitFor();
    await press(page, "Copilot");
    // What it said is still there; suggestions are for replies only.
    await page.locator(".copilot-text", { hasText: "tres días" }).waitFor();
    expect(await page.getByRole("button", { name: "Suggest a reply" }).count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "copilot-note-dark");
    expect(visitor.errors()).toEqual([]);
  });

  test("on a phone: what goes wrong is said in the panel with a way on, and no word is lost", async () => {
    await using visitor = await visit(browser, { size: PHONE });
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await page.getByLabel(/^Reply to /).fill("sale el jueves");
    await openCopilot(page);
    await press(page, "Translate");
    await page.getByRole("menuitem", { name: "French" }).click();
    await page.locator(".copilot-text", { hasText: "[fr] sale el jueves" }).waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "copilot-phone");
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "copilot-phone-dark");
    await page.emulateMedia({ colorScheme: "light" });
    const { version } = await api.data<{ version: number }>("/settings/assistant-budgets");
    await api.patch("/settings/assistant-budgets", { version, values: { dayMicros: 1 } });
    await press(page, "Ask again");
    await page.getByText("The assistant's budget is used up for now.").waitFor();
    await page.getByRole("link", { name: "Look at the assistant's settings" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "copilot-budget-phone");
    await api.patch("/settings/assistant-budgets", { version: version + 1, values: { dayMicros: null } });
    await page.locator(".copilot").getByRole("button", { name: "Ask again" }).click();
    await page.locator(".copilot-text", { hasText: "[fr] sale el jueves" }).waitFor();
    await untilTrue(page, `${field}.value === 'sale el jueves'`);
    expect(visitor.errors(/409/)).toEqual([]);
  });
});
