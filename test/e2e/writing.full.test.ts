/** More of what agents write, and of what colleagues see of each other: drafts, messages for later, stars, forwarding, presence. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, untilTrue, visit, whyNoBrowser } from "./browser";
import { addColleague, bubble, Customer, openConversation, openInbox, reply, row } from "./inbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
setDefaultTimeout(300_000);

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

  test("a draft waits on the server: another browser shows it, in the list and in the field", async () => {
    await using first = await visit(browser);
    await openInbox(first.page, server);
    await openConversation(first.page, "Rosa Condori");
    await first.page.getByLabel(/^Reply to /).fill("a medio escribir");
    await row(first.page, "Rosa Condori").locator(".conv-draft").waitFor();
    await using second = await visit(browser, { size: PHONE });
    await openInbox(second.page, server);
    await row(second.page, "Rosa Condori").getByText("a medio escribir").waitFor();
    await takePicture(second.page, "draft-phone");
    await openConversation(second.page, "Rosa Condori");
    await untilTrue(second.page, "document.querySelector('app-reply-composer textarea').value === 'a medio escribir'");
    expect(await sidewaysOverflow(second.page)).toBe(0);
    expect(await accessibilityFaults(second.page)).toEqual([]);
    await takePicture(second.page, "composer-phone");
    await second.page.getByLabel(/^Reply to /).fill("");
    await untilTrue(first.page, "document.querySelector('app-reply-composer textarea').value === ''");
    expect([...first.errors(), ...second.errors()]).toEqual([]);
  });

  test("a message for later is listed, survives a reload, and can be stopped", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await page.getByLabel(/^Reply to /).fill("¿Cómo le fue?");
    await page.getByRole("button", { name: "Ways to send" }).click();
    await page.getByRole("menuitem", { name: "Send later…" }).click();
    await page.getByRole("button", { name: "In three hours" }).click();
    await takePicture(page, "send-later");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator("dialog").getByRole("button", { name: "Send later" }).click();
    await page.locator(".scheduled", { hasText: "¿Cómo le fue?" }).waitFor();
    await page.reload();
    await page.locator(".scheduled", { hasText: "¿Cómo le fue?" }).waitFor();
    await takePicture(page, "scheduled");
    await page.getByRole("button", { name: "Do not send “¿Cómo le fue?”" }).click();
    await until(async () => (await page.locator(".scheduled").count()) === 0, { what: "nothing to be left" });
    await page.reload();
    await page.locator(".log").waitFor();
    expect(await page.locator(".scheduled").count()).toBe(0);
    expect(visitor.errors()).toEqual([]);
  });

  test("a star stays, and a message is forwarded to somebody else", async () => {
    const killa = await Customer.create(server, "Killa Quispe");
    await killa.say("hola");
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await reply(page, "Horario: de 9 a 18");
    const mine = bubble(page, "operator", "Horario");
    await mine.filter({ has: page.locator(".tick-read, .tick-delivered, .tick-sent") }).waitFor();
    const menu = async (name: string) => {
      await mine.hover();
      await mine.getByRole("button", { name: "More for this message" }).click();
      await page.getByRole("menuitem", { name }).click();
    };
    await menu("Put a star on it");
    await mine.getByTitle("With your star").waitFor();
    await menu("Forward…");
    await page.locator("dialog").getByLabel("Killa Quispe").check();
    await takePicture(page, "forward");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator("dialog").getByRole("button", { name: "Forward", exact: true }).click();
    expect(await killa.heard("Horario: de 9 a 18")).toBe(1);
    await page.reload();
    await mine.getByTitle("With your star").waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("whether somebody is here is said by themselves, and seen by others", async () => {
    await using ana = await visit(browser);
    await using other = await visit(browser);
    await openInbox(ana.page, server);
    await openInbox(other.page, { ...server, admin: pedro });
    await other.page.locator(".agent-button").click();
    await other.page.getByRole("button", { name: "Away" }).click();
    await other.page.locator(".face-dot.dot-away").waitFor();
    await openConversation(ana.page, "Rosa Condori");
    await ana.page.keyboard.press("Alt+a");
    await ana.page.getByRole("menuitemcheckbox", { name: /Pedro Mamani.*Away/ }).waitFor();
    await takePicture(ana.page, "presence");
    await ana.page.getByRole("menuitemcheckbox", { name: /Pedro Mamani/ }).click();
    await ana.page.locator(".event", { hasText: "assigned it to Pedro Mamani" }).first().waitFor();
    await other.page.reload();
    await other.page.locator(".face-dot.dot-away").waitFor();
    await ana.page.locator(".agent-button").click();
    await ana.page.getByRole("button", { name: "Español" }).click();
    await ana.page.locator(".event", { hasText: "la asignó a Pedro Mamani" }).first().waitFor();
    expect([...ana.errors(), ...other.errors()]).toEqual([]);
  });
});
