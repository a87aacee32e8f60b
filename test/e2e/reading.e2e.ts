/**
 * Reading in the inbox: what is new is each person's own, what was marked as unread stays so, what rules send is seen as sent, what is
 * gone says so; and the keys that save the hand a way.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, whyNoBrowser } from "./browser";
import { addColleague, bubble, Customer, openConversation, openInbox, row } from "./inbox-actions";

const reason = whyNoBrowser();

interface Conversation {
  id: string;
  contact: { id: string; name: string };
  unreadCount: number;
  labels: string[];
}

describe.skipIf(reason !== null)("reading", () => {
  let browser: Browser;
  let server: ServerProcess;
  let api: ApiClient;
  let rosa: Customer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    api = await new ApiClient(server.url).signIn(server.admin);
    rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("buenas tardes");
    for (const name of ["vip", "pago"]) expect((await api.post("/labels", { name })).status).toBe(200);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const find = (name: string): Promise<Conversation> =>
    until(
      async () =>
        (await api.data<Conversation[]>("/conversations?status=open,assigned,waiting")).find(
          ({ contact }) => contact.name === name,
        ),
      { what: `the conversation of ${name}` },
    );
  const act = async (id: string, ...actions: object[]) =>
    expect((await api.post(`/conversations/${id}/actions`, { actions })).status).toBe(200);
  const line = (page: Page) => page.locator(".new-line");
  /** Whom the assistant would answer meanwhile. */
  const inPeace = async (customer: Customer, name: string, ...texts: string[]) => {
    const { id } = await find(name);
    await act(id, { do: "assistant", on: false });
    for (const text of texts) await customer.say(text);
    await until(
      async () => {
        const said = await api.data<{ content: string }[]>(`/conversations/${id}/messages`);
        return texts.every((text) => said.some(({ content }) => content === text));
      },
      { what: "what was said" },
    );
    return id;
  };

  test("what is new is one's own, stays through a reload, and is the same in another browser of theirs", async () => {
    const colleague = await addColleague(server, "Ana Morales", "supervisor");
    await using mine = await visit(browser);
    const { page } = mine;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await bubble(page, "user", "buenas tardes").waitFor();
    await page.goto(`${server.url}/contacts`);
    const id = await inPeace(rosa, "Rosa Condori", "¿siguen abiertos?", "es por un bolso");
    const address = `${server.url}/conversations/${id}`;
    await page.goto(address);
    await line(page).getByText("2 new").waitFor();
    await until(async () => (await find("Rosa Condori")).unreadCount === 0, { what: "it to be read" });
    await page.reload();
    await line(page).getByText("2 new").waitFor();
    // In another browser of the same person it is read; for a colleague who has not looked it is not.
    await using again = await visit(browser);
    await openInbox(again.page, server, `/conversations/${id}`);
    await bubble(again.page, "user", "es por un bolso").waitFor();
    expect(await line(again.page).count()).toBe(0);
    await using theirs = await visit(browser);
    await openInbox(theirs.page, { url: server.url, admin: colleague }, `/conversations/${id}`);
    await line(theirs.page).getByText("3 new").waitFor();

    // What was begun before a message came in is begun before it in every window.
    await page.getByLabel(/^Reply to /).fill("Hola Rosa, ");
    await page.getByText("Nobody has this conversation yet").waitFor();
    await until(async () => (await api.data<unknown[]>("/drafts")).length === 1, { what: "the draft on the server" });
    await rosa.say("de color rojo");
    await page.getByText("1 message came in since you began to write").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "reading-wide");
    await page.reload();
    await page.getByText("1 message came in since you began to write").waitFor();
    await again.page.getByText("1 message came in since you began to write").waitFor();
    await page.getByRole("button", { name: "Assign to me" }).last().click();
    await page.getByText("Nobody has this conversation yet").waitFor({ state: "detached" });

    // Marked as unread while it is open, in any window: it is left so until it is opened again.
    await page.getByLabel(/^Reply to /).fill("");
    await row(page, "Rosa Condori").hover();
    await row(page, "Rosa Condori").getByRole("button", { name: "Mark as unread" }).click();
    await row(page, "Rosa Condori").locator(".count", { hasText: "1" }).waitFor();
    await act(id, { do: "label", add: ["vip"] });
    for (const window of [page, again.page, theirs.page])
      await row(window, "Rosa Condori").locator(".chip", { hasText: "vip" }).waitFor();
    expect((await find("Rosa Condori")).unreadCount).toBe(1);
    await row(page, "Rosa Condori").locator(".hit").click();
    await row(page, "Rosa Condori").locator(".count").waitFor({ state: "detached" });
    expect([...mine.errors(), ...again.errors(), ...theirs.errors()]).toEqual([]);
  }, 90_000);

  test("what a rule has sent is a bubble with its ticks and the rule as author", async () => {
    const rule = await api.post<{ id: string }>("/automation-rules", {
      name: "Bienvenida",
      trigger: { event: "message:received" },
      actions: [{ do: "reply", text: "Gracias por escribir, enseguida le atendemos." }],
    });
    expect(rule.status).toBe(200);
    const id = await inPeace(rosa, "Rosa Condori", "¿hola?");
    await rosa.heard(/Gracias por escribir/);
    expect((await api.delete(`/automation-rules/${rule.body.data.id}`)).status).toBe(200);
    await using visitor = await visit(browser, { theme: "dark" });
    const { page } = visitor;
    await openInbox(page, server, `/conversations/${id}`);
    const sent = bubble(page, "system", "Gracias por escribir");
    await sent.locator(".bubble").waitFor();
    await sent.getByText("Rule “Bienvenida”").waitFor();
    await sent.locator("app-ticks").waitFor();
    // What happened is a line as before.
    await page.locator('app-message-bubble[data-role="system"] .event').first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "reading-rule-dark");
    expect(visitor.errors()).toEqual([]);
  }, 60_000);

  test("a conversation that is gone, out of reach, or part of another one says so, with a way on", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server, `/conversations/${"f".repeat(24)}`);
    await page.getByRole("heading", { name: "This conversation cannot be shown" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "reading-gone");
    await page.getByRole("link", { name: "Go to the inbox" }).click();
    await page.getByRole("heading", { name: "No conversation chosen" }).waitFor();

    const role = await api.post("/roles", {
      name: "team-only",
      title: "Team only",
      permissions: ["conversations.read", "conversations.write", "messages.send"],
      reach: "team",
    });
    expect(role.status).toBe(200);
    const worker = await addColleague(server, "Bruno Kaneko", "team-only");
    const pedro = await Customer.create(server, "Pedro Mamani");
    await pedro.say("hola");
    const { id } = await find("Pedro Mamani");
    await using theirs = await visit(browser);
    await openInbox(theirs.page, { url: server.url, admin: worker }, `/conversations/${id}`);
    await bubble(theirs.page, "user", "hola").waitFor();
    await act(id, { do: "take" });
    await theirs.page.getByRole("heading", { name: "You do not see this conversation any more" }).waitFor();
    await theirs.page.reload();
    await theirs.page.getByRole("heading", { name: "This conversation cannot be shown" }).waitFor();

    await act(id, { do: "status", status: "closed" });
    await pedro.say("otra cosa");
    const newer = await until(
      async () =>
        (await api.data<Conversation[]>("/conversations")).find(
          ({ contact, id: other }) => contact.name === "Pedro Mamani" && other !== id,
        ),
      { what: "the second conversation" },
    );
    await page.goto(`${server.url}/conversations/${id}`);
    await page.getByLabel(/^Messages with Pedro/).waitFor();
    expect((await api.post(`/conversations/${newer.id}/merge`, { from: id })).status).toBe(200);
    await page.waitForURL(`**/conversations/${newer.id}`);
    await page.getByText("It was merged into this conversation").waitFor();
    // An old link leads there, too.
    await page.goto(`${server.url}/conversations/${id}`);
    await page.waitForURL(`**/conversations/${newer.id}`);
    await bubble(page, "user", "otra cosa").waitFor();
    expect([...visitor.errors(/404/), ...theirs.errors(/40[34]/)]).toEqual([]);
  }, 90_000);

  test("moments in words, macros that say what they will do, and emoji by their names", async () => {
    const made = await api.post("/macros", {
      name: "Pedir comprobante",
      visibility: "all",
      actions: [
        { do: "reply", text: "Hola {{contact.first_name}}, ¿nos envía el comprobante?" },
        { do: "label", add: ["pago"] },
        { do: "snooze", minutes: 1440 },
      ],
    });
    expect(made.status).toBe(200);
    const id = await inPeace(rosa, "Rosa Condori", "ya pagué");
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server, `/conversations/${id}`);
    await bubble(page, "user", "ya pagué").waitFor();
    const field = page.getByLabel(/^Reply to /);
    await field.pressSequentially("gracias :red_hea");
    await page.getByRole("option", { name: /red heart/ }).waitFor();
    await takePicture(page, "reading-emoji");
    await page.keyboard.press("Enter");
    await until(async () => (await field.inputValue()) === "gracias ❤️", { what: "the heart" });
    await field.fill("");

    await page.keyboard.press("Control+k");
    const bar = page.getByRole("combobox");
    await bar.waitFor();
    await page.keyboard.type("macro");
    await page.keyboard.press("Enter");
    await page.getByRole("option", { name: "Pedir comprobante" }).waitFor();
    await page.locator(".command-preview").getByText("Hola Rosa, ¿nos envía el comprobante?").waitFor();
    await page.locator(".command-preview").getByText("1 day").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "command-bar-macro");
    await page.keyboard.press("Escape");
    await page.getByRole("option", { name: "Run a macro" }).waitFor();
    await page.keyboard.type("macro");
    await page.keyboard.press("Tab");
    await page.getByRole("option", { name: "Pedir comprobante" }).waitFor();
    await page.keyboard.press("Enter");
    await bubble(page, "operator", "¿nos envía el comprobante?").waitFor();
    await row(page, "Rosa Condori").waitFor({ state: "detached" });

    await page.keyboard.press("Control+k");
    await bar.waitFor();
    await page.keyboard.type("snooze");
    await page.keyboard.press("Enter");
    await page.keyboard.type("pasado mañana 10:30");
    await page.getByRole("option", { name: /10:30/ }).waitFor();
    await takePicture(page, "command-bar-snooze");
    await page.keyboard.press("Enter");
    await page
      .getByText(/^Snoozed until .*10:30/)
      .first()
      .waitFor();

    // The same words in the dialog that the menus lead to.
    await page.keyboard.press("Alt+m");
    await page.getByRole("menuitem", { name: "Another moment…" }).click();
    const words = page.getByLabel("Until when");
    await words.fill("whenever");
    await page.keyboard.press("Enter");
    await page.getByText("Which moment is meant?").waitFor();
    await words.fill("dec 25 9am");
    await page.getByText(/^Comes back .*25/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "snooze-dialog");
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    await page
      .getByText(/^Snoozed until .*25/)
      .first()
      .waitFor();
    expect(visitor.errors()).toEqual([]);
  }, 90_000);

  test("fingers reach all that a row can do; a field that is refused says so in the reader's language", async () => {
    const nayra = await Customer.create(server, "Nayra Ticona");
    await nayra.say("¿hay envíos?");
    await using visitor = await visit(browser, { size: PHONE, isTouch: true });
    const { page } = visitor;
    await openInbox(page, server);
    await row(page, "Nayra Ticona").getByRole("button", { name: "What to do with Nayra Ticona" }).tap();
    await page.getByRole("menuitem", { name: "Mark as unread" }).waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "reading-row-phone");
    await page.getByRole("menuitem", { name: "Assign to me" }).tap();
    await row(page, "Nayra Ticona").locator(".conv-owner app-avatar").waitFor();

    await page.evaluate("localStorage.setItem('chasqui.language', 'es')");
    await page.goto(`${server.url}/contacts`);
    await page.getByRole("button", { name: "Nuevo contacto" }).tap();
    const { phone } =
      (await api.data<{ phone: string; name: string }[]>("/contacts")).find(({ name }) => name === "Rosa Condori") ?? {};
    await page.getByLabel("Nombre", { exact: true }).fill("Otra Rosa");
    const number = page.locator("#new-phone");
    await number.fill(phone ?? "");
    await number.press("Enter");
    await page.locator(".field-error", { hasText: "Es de otra persona" }).waitFor();
    expect(await number.getAttribute("aria-invalid")).toBe("true");
    expect(await page.evaluate("document.activeElement?.id")).toBe("new-phone");
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "field-error-phone");
    expect(visitor.errors(/409/)).toEqual([]);
  }, 60_000);
});
