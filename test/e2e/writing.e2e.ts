/** What agents write besides replies: notes with mentions, canned replies, drafts, messages for later; and what colleagues see of each other. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, takePicture, untilTrue, visit, whyNoBrowser } from "./browser";
import { addColleague, bubble, Customer, openConversation, openInbox } from "./inbox-actions";

const reason = whyNoBrowser();
const CALM = "matchMedia('(prefers-color-scheme: dark)').matches";

describe.skipIf(reason !== null)("writing in the inbox", () => {
  let browser: Browser;
  let server: ServerProcess;
  let rosa: Customer;
  let pedro: { email: string; password: string };

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("hola");
    pedro = await addColleague(server, "Pedro Mamani");
    const api = await new ApiClient(server.url).signIn(server.admin);
    for (const [shortcut, text] of [
      ["saludo", "Hola {{contact.first_name|cliente}}, ¿en qué le ayudo? {{contact.company}}"],
      ["salida", "Su pedido salió hoy."],
    ] as const)
      await api.post("/canned-replies", { shortcut, title: shortcut, text, scope: "shared" });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test("a note mentions a colleague, who finds it; it is amber, changed and deleted; customers never see it", async () => {
    await using ana = await visit(browser);
    await using other = await visit(browser, { theme: "dark" });
    await openInbox(ana.page, server);
    await openConversation(ana.page, "Rosa Condori");
    await ana.page.keyboard.press("Alt+p");
    const field = ana.page.getByLabel("Private note on Rosa Condori");
    await field.pressSequentially("Ojo @Ped");
    await ana.page.getByRole("option", { name: /Pedro Mamani/ }).waitFor();
    await takePicture(ana.page, "note-mention");
    expect(await accessibilityFaults(ana.page)).toEqual([]);
    await field.press("Enter");
    await untilTrue(ana.page, "document.querySelector('app-reply-composer textarea').value === 'Ojo @Pedro Mamani '");
    await field.pressSequentially("pide factura");
    await field.press("Enter");
    await ana.page.locator("app-message-bubble.msg-note", { hasText: "pide factura" }).waitFor();

    await openInbox(other.page, { ...server, admin: pedro });
    await other.page.getByRole("button", { name: "More lists" }).click();
    await other.page.getByRole("menuitemcheckbox", { name: /Mentions/ }).click();
    await openConversation(other.page, "Rosa Condori");
    await other.page.locator("app-message-bubble.msg-note", { hasText: "pide factura" }).waitFor();
    await ana.page.locator(".watch", { hasText: "Pedro Mamani is looking at this, too" }).waitFor();
    await other.page.getByLabel(/^Reply to /).pressSequentially("Hol");
    await ana.page.locator(".watch", { hasText: "Pedro Mamani is typing" }).waitFor();
    await takePicture(ana.page, "colleague-typing");
    expect(await other.page.evaluate(CALM)).toBe(true);
    await takePicture(other.page, "note-dark");
    expect(await accessibilityFaults(other.page)).toEqual([]);

    const note = ana.page.locator("app-message-bubble.msg-note", { hasText: "pide factura" });
    await note.hover();
    await note.getByRole("button", { name: "More for this message" }).click();
    await takePicture(ana.page, "message-menu");
    await ana.page.getByRole("menuitem", { name: "Edit the note" }).click();
    await ana.page.locator("dialog textarea").fill("Ojo @Pedro Mamani pide boleta");
    await ana.page.getByRole("button", { name: "Save", exact: true }).click();
    await other.page.locator("app-message-bubble.msg-note", { hasText: "pide boleta" }).waitFor();
    await ana.page.locator("app-message-bubble.msg-note").hover();
    await ana.page.locator("app-message-bubble.msg-note").getByRole("button", { name: "More for this message" }).click();
    await ana.page.getByRole("menuitem", { name: "Delete the note" }).click();
    await ana.page.locator("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await until(async () => (await other.page.locator("app-message-bubble.msg-note").count()) === 0, { what: "the note to go" });
    expect((await rosa.thread()).some(({ content }) => /factura|boleta/.test(content.text))).toBe(false);
    expect([...ana.errors(), ...other.errors()]).toEqual([]);
  });

  test("a canned reply is found by a slash, filled in, and says what is not known", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    const field = page.getByLabel(/^Reply to /);
    await field.pressSequentially("/sal");
    await page.getByRole("option").nth(1).waitFor();
    await takePicture(page, "canned");
    await field.pressSequentially("u");
    await page.getByRole("option", { name: /saludo/ }).waitFor();
    await until(async () => (await page.getByRole("option").count()) === 1, { what: "one reply left" });
    await field.press("Tab");
    await untilTrue(
      page,
      "document.querySelector('app-reply-composer textarea').value.startsWith('Hola Rosa, ¿en qué le ayudo?')",
    );
    await page.getByText("Nothing is known for: contact.company").waitFor();
    await field.press("Enter");
    await bubble(page, "operator", "Hola Rosa, ¿en qué le ayudo?").waitFor();
    expect(visitor.errors()).toEqual([]);
  });
});
