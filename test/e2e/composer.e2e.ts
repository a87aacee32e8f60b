/** Everything a person can send besides text: files, voice, choices, templates, emoji; and what is told before it is sent. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, takePicture, untilTrue, visit, whyNoBrowser } from "./browser";
import { bubble, Customer, openConversation, openInbox, reply } from "./inbox-actions";

const reason = whyNoBrowser();
const MB = 1024 * 1024;
/** One red point. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  "base64",
);

describe.skipIf(reason !== null)("the composer", () => {
  let browser: Browser;
  let server: ServerProcess;
  let rosa: Customer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("hola");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const kinds = async () => (await rosa.thread()).filter(({ from }) => from === "business").map(({ content }) => content.type);
  const gets = (type: string) =>
    until(async () => (await kinds()).includes(type), { within: 20_000, what: `a message of type ${type}` });

  test("a picture goes with its words, a file that is too large is refused in words and can be taken away", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    const picker = page.locator("app-attachment-tray input[type=file]");
    await picker.setInputFiles([
      { name: "bolso.png", mimeType: "image/png", buffer: PNG },
      { name: "desfile.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(17 * MB) },
    ]);
    await page.getByText(/WhatsApp takes up to 16 MB of its kind/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "composer-files");
    await page.getByRole("button", { name: "Remove desfile.mp4" }).click();
    await page.locator(".tray .num").waitFor();
    await reply(page, "¿Es este?");
    await gets("image");
    await page.locator('app-message-bubble[data-type="image"] .media-open img').waitFor();
    await bubble(page, "operator", "¿Es este?").waitFor();
    expect(await page.locator(".tray").count()).toBe(0);
    expect(visitor.errors()).toEqual([]);
  });

  test("a voice message is recorded in the browser and arrives as one", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await page.getByRole("button", { name: "Record a voice message" }).click();
    await page.locator(".recording", { hasText: "0:01" }).waitFor();
    await page.getByRole("button", { name: "Keep the recording" }).click();
    await page.locator(".tray .num").waitFor();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await gets("audio");
    const voice = page.locator('app-message-bubble[data-type="audio"]');
    await voice.getByRole("button", { name: "Play" }).click();
    await voice.getByRole("button", { name: "Pause" }).waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("choices and templates are built, previewed and sent", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await page.getByRole("button", { name: "Buttons or a list" }).click();
    await page.getByLabel("Message", { exact: true }).fill("¿Cómo prefiere pagar?");
    await page.getByLabel("Choice 1", { exact: true }).fill("Transferencia");
    await page.getByRole("button", { name: "Add one more" }).click();
    await page.getByLabel("Choice 2", { exact: true }).fill("Transferencia");
    await page.getByText("Two choices say the same.").waitFor();
    await page.getByLabel("Choice 2", { exact: true }).fill("Tarjeta");
    await takePicture(page, "composer-choices");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await gets("interactive");
    await page.locator(".options", { hasText: "Tarjeta" }).waitFor();

    await page.getByRole("button", { name: "Template", exact: true }).click();
    await page.getByRole("button", { name: /^saludo_inicial/ }).click();
    // It says what is missing although it cannot send yet.
    await page.getByRole("button", { name: "Send template" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Needed before sending").first().waitFor();
    await page.locator("#template-body\\.\\.1").fill("Rosa");
    await page.locator("#template-body\\.\\.2").fill("4471");
    await page.locator(".template-preview .piece-filled", { hasText: "Rosa" }).waitFor();
    await takePicture(page, "composer-template");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Send template" }).click();
    await gets("template");
    expect(visitor.errors()).toEqual([]);
  });

  test("emoji, a message that is taken back, and ten thousand characters that are told before sending", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await page.getByRole("button", { name: "Emoji" }).click();
    await page.locator("emoji-picker .tabpanel button.emoji").first().waitFor();
    await takePicture(page, "composer-emoji");
    await page.locator("emoji-picker .tabpanel button.emoji").first().click();
    await untilTrue(page, "document.querySelector('app-reply-composer textarea').value !== ''");

    await page.getByRole("button", { name: "Ways to send" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Five seconds to take a message back" }).click();
    await reply(page, "con una errata");
    await page.locator("app-pending-bubble").getByRole("button", { name: "Undo" }).click();
    await untilTrue(page, "document.querySelector('app-reply-composer textarea').value === 'con una errata'");
    await reply(page, "sin errata");
    await page.locator("app-pending-bubble").getByRole("button", { name: "Send now" }).click();
    expect(await rosa.heard("sin errata")).toBe(1);
    expect((await rosa.thread()).some(({ content }) => content.text === "con una errata")).toBe(false);

    await page.getByLabel(/^Reply to /).fill("a".repeat(10_000));
    await page.getByText("5,000 characters too many").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(visitor.errors()).toEqual([]);
  });

  test("send and resolve does both", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await page.getByLabel(/^Reply to /).fill("¡Gracias por escribir!");
    await page.getByRole("button", { name: "Ways to send" }).click();
    await page.getByRole("menuitem", { name: "Send and resolve" }).click();
    expect(await rosa.heard("¡Gracias por escribir!")).toBe(1);
    await page.getByTestId("conversation-status").and(page.getByText("Resolved")).waitFor();
    expect(visitor.errors()).toEqual([]);
  });
});
