/** The inbox in a real browser against the real server: the way of a message from the customer to the agent and back, and what can go wrong on it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import {
  accessibilityFaults,
  launch,
  PHONE,
  sidewaysOverflow,
  TABLET,
  takePicture,
  untilTrue,
  visit,
  whyNoBrowser,
} from "./browser";
import { bubble, Customer, openConversation, openInbox, reply, row } from "./inbox-actions";

const reason = whyNoBrowser();
const BUILT = join(import.meta.dir, "../../dist/web");
const THEMES = ["light", "dark"] as const;
const HOSTILE = [
  `<img src=x onerror="document.title='owned'">`,
  `"><script>document.title='owned'</script>`,
  "{{constructor.constructor('x')()}}",
];

describe.skipIf(reason !== null)("the inbox", () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test("a customer writes, the assistant answers and hands over, an agent replies, the customer sees it and the ticks say so", async () => {
    const rosa = await Customer.create(server, "Rosa Condori");
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await rosa.say("Hola, ¿tienen la manta Colca?");
    await row(page, "Rosa Condori").waitFor();
    await openConversation(page, "Rosa Condori");
    await bubble(page, "user", "manta Colca").waitFor();
    await bubble(page, "assistant", /./).first().waitFor();
    await rosa.say("quiero hablar con una persona");
    await page.locator("app-message-bubble[data-role=system]").first().waitFor();
    await row(page, "Rosa Condori").locator(".conv-owner", { hasText: "Unassigned" }).waitFor();
    await page.keyboard.press("Alt+a");
    await page.getByRole("menuitemcheckbox", { name: /\(me\)/ }).click();
    await row(page, "Rosa Condori").locator(".conv-owner", { hasText: "assigned to" }).waitFor();
    await page.getByRole("button", { name: /^Mine/ }).locator(".num", { hasText: "1" }).waitFor();
    await reply(page, "Hola Rosa, soy Ana. ¿En qué color?");
    expect(await rosa.heard("Hola Rosa, soy Ana. ¿En qué color?")).toBe(1);
    await bubble(page, "operator", "soy Ana")
      .filter({ has: page.locator(".tick-read") })
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "inbox-wide-light");
    await page.reload();
    await bubble(page, "operator", "soy Ana").waitFor();
    expect(await bubble(page, "operator", "soy Ana").count()).toBe(1);
    expect(visitor.errors()).toEqual([]);
  });

  test("every kind of message is shown in its own way, in both themes and three widths", async () => {
    const maria = await Customer.create(server, "María Fernanda Quispe Huamán");
    for (const message of [
      { type: "image", caption: "¿Es este?" },
      { type: "audio", voice: true },
      { type: "video" },
      { type: "document", filename: "proforma.pdf" },
      { type: "sticker" },
      { type: "location", latitude: -13.5226, longitude: -71.9673, name: "Av. El Sol 612" },
      { type: "contacts", contacts: [{ name: "Killa Quispe", phone: "+51900000733" }] },
      { type: "order", catalogId: "1", items: [{ productId: "Bolso", quantity: 2, price: 189, currency: "PEN" }] },
      { type: "list_reply", id: "1", title: "Billetera móvil", description: "Sin comisión" },
      { type: "unsupported", subject: "poll_creation" },
    ])
      await maria.send(message);
    for (const [name, size] of Object.entries({ wide: undefined, tablet: TABLET, phone: PHONE }))
      for (const theme of THEMES) {
        await using visitor = await visit(browser, { theme, ...(size ? { size } : {}) });
        const { page } = visitor;
        await openInbox(page, server);
        await openConversation(page, "María Fernanda");
        await page.locator('app-message-bubble[data-type="unsupported"]').waitFor();
        expect(await sidewaysOverflow(page)).toBe(0);
        expect(await accessibilityFaults(page)).toEqual([]);
        await takePicture(page, `inbox-kinds-end-${name}-${theme}`);
        await scrollTo(page, "image");
        await page.locator(".media-open img").first().waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        await takePicture(page, `inbox-kinds-${name}-${theme}`);
        if (name === "wide") {
          await page.locator(".media-open").first().click();
          await page.locator("dialog.viewer img").waitFor();
          await page.keyboard.press("Escape");
          await page.locator("dialog.viewer").waitFor({ state: "detached" });
        }
        expect(visitor.errors()).toEqual([]);
      }
  }, 120_000);

  test("two browsers side by side show the same, and what one does the other sees", async () => {
    const diego = await Customer.create(server, "Diego Valverde");
    await diego.say("hola");
    await using first = await visit(browser);
    await using second = await visit(browser);
    await openInbox(first.page, server);
    await openInbox(second.page, server);
    await openConversation(first.page, "Diego Valverde");
    await openConversation(second.page, "Diego Valverde");
    await reply(first.page, "desde la primera ventana");
    await bubble(second.page, "operator", "desde la primera ventana").waitFor();
    await second.page.getByRole("button", { name: "Resolve", exact: true }).first().click();
    await first.page.getByTestId("conversation-status").and(first.page.getByText("Resolved")).waitFor();
    await row(first.page, "Diego Valverde").waitFor({ state: "detached" });
    await second.page.getByRole("button", { name: "Undo" }).click();
    await row(first.page, "Diego Valverde").waitFor();
    expect([...first.errors(), ...second.errors()]).toEqual([]);
  });

  test("offline and back: what was written waits through a reload and leaves once, in order", async () => {
    const luz = await Customer.create(server, "Luz Ayar");
    await luz.say("¿hay devoluciones?");
    await using visitor = await visit(browser);
    const { page, context } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Luz Ayar");
    // Browser tests run without the worker that keeps the parts of the page: all of them have to be here first.
    await page.locator("app-context-panel *").first().waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle");
    await context.setOffline(true);
    await page.getByText("You are offline").waitFor();
    await reply(page, "primero");
    await reply(page, "segundo");
    await page.locator('app-pending-bubble[data-delivery="pending"]').nth(1).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "inbox-offline");
    await page.getByLabel(/^Reply to /).fill("a medio escribir");
    await luz.say("¿siguen ahí?");
    await context.setOffline(false);
    await bubble(page, "operator", "segundo").waitFor();
    await bubble(page, "user", "¿siguen ahí?").waitFor();
    expect(await luz.heard("segundo")).toBe(1);
    const said = (await luz.thread()).filter(({ from }) => from === "business").map(({ content }) => content.text);
    expect(said.indexOf("primero")).toBeLessThan(said.indexOf("segundo"));
    await page.getByText("1 message came in since you began to write").waitFor();
    await page.reload();
    await untilTrue(page, "document.querySelector('app-reply-composer textarea')?.value === 'a medio escribir'");
    expect(visitor.errors(/ERR_INTERNET_DISCONNECTED|WebSocket/)).toEqual([]);
  });

  test("names and messages that try to be more than text stay text", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    for (const text of HOSTILE) {
      const customer = await Customer.create(server, text.slice(0, 60));
      await customer.say(text);
      await row(page, text.slice(0, 30)).waitFor();
      await openConversation(page, text.slice(0, 30));
      await bubble(page, "user", text).waitFor();
    }
    expect(await page.locator("app-conversation-thread .bubble img, app-conversation-row img").count()).toBe(0);
    expect(await page.title()).not.toBe("owned");
    await takePicture(page, "inbox-hostile");
    expect(visitor.errors()).toEqual([]);
  });

  test("the keyboard alone is enough: open, write, look things up, resolve", async () => {
    const nayra = await Customer.create(server, "Nayra Ticona");
    await nayra.say("¿hasta qué hora atienden?");
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await row(page, "Nayra Ticona").waitFor();
    // Once she has been answered nothing moves above her any more.
    await untilTrue(page, "document.querySelector('app-conversation-row .conv-name')?.textContent === 'Nayra Ticona'");
    await row(page, "Nayra Ticona").locator(".conv-line-2", { hasText: "Assistant:" }).waitFor();
    await page.keyboard.press("Alt+j");
    await page.locator(".thread h2", { hasText: "Nayra Ticona" }).waitFor();
    await page.keyboard.press("Alt+l");
    await untilTrue(page, "document.activeElement?.tagName === 'TEXTAREA'");
    await page.keyboard.type("hasta las 20 h?");
    await page.keyboard.press("Enter");
    expect(await nayra.heard("hasta las 20 h?")).toBe(1);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await takePicture(page, "command-bar");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.type("dark");
    await page.keyboard.press("Enter");
    await page.locator('html[data-theme="dark"]').waitFor();
    await page.locator(".log").focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await takePicture(page, "shortcuts");
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Alt+e");
    await page.getByTestId("conversation-status").and(page.getByText("Resolved")).waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("the first visit loads no more than 150 kB of JavaScript, compressed", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await page.reload();
    await page.locator(".hit").first().waitFor();
    const loaded = await page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)",
    );
    const scripts = loaded.filter((path) => path.endsWith(".js"));
    const bytes = scripts.reduce(
      (sum, path) => sum + (statSync(join(BUILT, `${path}.br`), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
    console.log(`first visit: ${scripts.length} scripts, ${Math.round(bytes / 100) / 10} kB brotli`);
    expect(scripts.length).toBeGreaterThan(2);
    expect(bytes).toBeLessThan(150_000);
  });

  test("three languages, each complete and accessible; a narrow screen has a way back", async () => {
    await using visitor = await visit(browser, { size: PHONE });
    const { page } = visitor;
    await openInbox(page, server);
    for (const [language, heading] of [
      ["Español", "Bandeja"],
      ["Português", "Caixa de entrada"],
      ["English", "Inbox"],
    ] as const) {
      await page.locator(".agent-button").click();
      await page.getByRole("button", { name: language }).click();
      await page.getByRole("heading", { name: heading }).waitFor();
      await page.locator(".agent-button").click();
      expect(await sidewaysOverflow(page)).toBe(0);
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, `inbox-phone-${language}`);
    }
    await page.locator(".hit").first().click();
    await page.locator(".log").waitFor();
    await page.getByRole("button", { name: "Back to the list" }).click();
    await page.locator(".hit").first().waitFor();
    expect(visitor.errors()).toEqual([]);
  });
});

/** Scrolls up until a message of this kind is drawn. */
async function scrollTo(page: Page, type: string): Promise<void> {
  const wanted = page.locator(`app-message-bubble[data-type="${type}"]`).first();
  for (let step = 0; step < 30 && (await wanted.count()) === 0; step++) {
    await page.locator(".log").evaluate((log) => log.scrollBy(0, -400));
    await page.waitForTimeout(50);
  }
  await wanted.scrollIntoViewIfNeeded();
}
