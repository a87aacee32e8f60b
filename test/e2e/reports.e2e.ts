/** Reports, what needs a hand, and a person's data: what is shown is what happened, and what is decided is so after a reload. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Download, Page } from "playwright-core";
import type { MessageView } from "../../src/events/view";
import { ApiClient } from "../helpers/api-client";
import type { Rooms } from "../helpers/rooms";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, type Visit, visit, whyNoBrowser } from "./browser";
import { addColleague, Customer } from "./inbox-actions";
import { seedReportDays } from "./report-days";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
/** Days in which the seeded conversations are. */
const SUMMER = "period=own&from=2026-08-10&to=2026-09-01";
/** Where the shop would be told what happens; nobody is there. */
const SHOP = "127.0.0.1:9";
const POISON = "poisonpoisonpoisonpois";

describe.skipIf(reason !== null)("reports and what needs a hand", () => {
  const dir = tempDir();
  let browser: Browser;
  let server: ServerProcess;
  let api: ApiClient;
  let visitor: Visit;
  let page: Page;
  let rosa: Customer;

  beforeAll(async () => {
    await seedReportDays({ dataDir: dir.path, messages: 2_400, conversations: 300 }, addPoison);
    [browser, server] = await Promise.all([
      launch(),
      // An unconfirmed send is a matter for people soon.
      startServer({ dataDir: dir.path, env: { SETTLE_MS: "1000", ALLOW_PRIVATE_URLS: SHOP } }),
    ]);
    api = await new ApiClient(server.url).signIn(server.admin);
    rosa = await Customer.create(server, "Rosa Condori");
    const [newest, next] = await api.data<{ id: string }[]>("/conversations?limit=2");
    for (const name of ["vip", "entrega"]) await api.post("/labels", { name });
    await api.patch(`/conversations/${newest?.id}`, { labels: ["vip", "entrega"] });
    await api.patch(`/conversations/${next?.id}`, { labels: ["vip"] });
    visitor = await visit(browser);
    page = visitor.page;
  });
  afterAll(async () => {
    await visitor?.context.close();
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    dir[Symbol.dispose]();
  });

  const talkOf = async (name: string): Promise<{ id: string; contact: string }> => {
    const found = await until(
      async () =>
        (await api.data<{ id: string; contact: { id: string; name: string } }[]>("/conversations?limit=20")).find(
          ({ contact }) => contact.name === name,
        ) ?? null,
      { what: `the conversation of ${name}` },
    );
    return { id: found.id, contact: found.contact.id };
  };
  const figure = (name: string) => page.locator(`[data-figure="${name}"]`);
  const now = (name: string) => page.locator(`[data-now="${name}"]`);

  test("figures, course, busiest hours and shares; the address keeps what is shown, and all of it is saved as files", async () => {
    await page.goto(`${server.url}/reports?${SUMMER}`);
    await fillSignIn(page, server.admin);
    await figure("conversations").waitFor();
    // What was stored without an event is not counted yet.
    const anew = page.getByRole("button", { name: "Build the figures anew" });
    await anew.click();
    await page.getByRole("button", { name: "Really?" }).click();
    await figure("conversations").locator("b", { hasText: /[1-9]/ }).waitFor();
    const { figures } = await api.data<{ figures: { conversations: number } }>(
      `/reports/summary?zone=America/Lima&${SUMMER.slice(11)}`,
    );
    expect(await figure("conversations").locator("b").textContent()).toBe(String(figures.conversations));
    await figure("messages").click();
    await page.getByRole("heading", { name: "Messages of customers by day" }).waitFor();
    expect(page.url()).toContain("figure=messages");
    const chart = page.getByRole("slider", { name: "Messages of customers by day" });
    await chart.focus();
    await page.keyboard.press("End");
    await page.locator('[role=slider][aria-valuetext*="1 Sept: Customers"]').waitFor();
    expect(await chart.getAttribute("aria-valuetext")).toMatch(
      /Customers [\d,]+, People [\d,]+, Assistant [\d,]+, Before [\d,]+$/,
    );
    await page.keyboard.press("ArrowLeft");
    await page.locator('[role=slider][aria-valuetext*="31 Aug: Customers"]').waitFor();
    await takePicture(page, "reports");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await page.locator(".chart-table tbody tr").nth(22).waitFor();
    expect(await page.locator(".chart-table tbody tr").count()).toBe(23);
    await page.getByRole("group", { name: "Who and what" }).getByRole("button", { name: "Labels" }).click();
    await page.getByRole("button", { name: "Name", exact: true }).click();
    await page.locator('th[aria-sort="ascending"]', { hasText: "Name" }).waitFor();
    expect(await page.locator("app-share-table tbody th").allInnerTexts()).toEqual(["entrega", "vip"]);
    await page.getByRole("checkbox", { name: /^Compare with/ }).uncheck();
    await page.waitForURL(/compare=no/);
    await page.reload();
    await page.locator('[data-figure="messages"][aria-pressed="true"]').waitFor();
    expect(await page.getByRole("checkbox", { name: /^Compare with/ }).isChecked()).toBe(false);
    await page.locator('app-share-table button[aria-pressed="true"]', { hasText: "Labels" }).waitFor();
    const saved = await download(page, async () => {
      await page.getByRole("button", { name: "CSV" }).click();
      await page.getByRole("menuitem", { name: "Over time" }).click();
    });
    expect(saved.name).toBe("report_2026-08-10_2026-09-01.csv");
    expect(saved.text.trim().split("\r\n")).toHaveLength(24);
    const messages = await download(page, async () => {
      await page.getByRole("button", { name: "CSV" }).click();
      await page.getByRole("menuitem", { name: "Messages of these days" }).click();
    });
    expect(messages.text).toContain("2026-08");
    expect(visitor.errors()).toEqual([]);
  });

  test("what is going on now follows what happens, and what customers thought is read", async () => {
    await api.patch("/settings/csat", { version: 0, values: { isEnabled: true, scale: 5 } });
    await page.goto(`${server.url}/reports?period=today`);
    await now("open").filter({ hasText: /\d/ }).waitFor();
    const before = Number(await now("open").textContent());
    await rosa.say("quiero hablar con una persona");
    const { id } = await talkOf("Rosa Condori");
    await until(async () => Number(await now("open").textContent()) === before + 1, { what: "one more is open" });
    await api.patch(`/conversations/${id}`, { status: "resolved" });
    const asked = await until(
      async () => (await api.data<MessageView[]>(`/conversations/${id}/messages`)).find(({ payload }) => payload.csat) ?? null,
      { what: "the survey" },
    );
    await rosa.heard(/./);
    const wamid = asked.wamid ?? "";
    await rosa.send({
      type: "list_reply",
      id: `csat:${asked.payload.csat}:5`,
      title: "★★★★★",
      ...(wamid ? { replyTo: wamid } : {}),
    });
    await until(async () => (await api.data<{ score: number }[]>("/csat")).some(({ score }) => score === 5), {
      what: "the score",
    });
    await rosa.say("Muy amables, <b>gracias</b>");
    await until(async () => (await api.data<{ comment: string | null }[]>("/csat")).some(({ comment }) => comment), {
      what: "the comment",
    });
    await until(
      async () => {
        const { figures } = await api.data<{ figures: { csat: { count: number } } }>("/reports/summary?zone=America/Lima");
        return figures.csat.count === 1;
      },
      { what: "the opinion to be counted" },
    );
    await page.reload();
    await page.getByText("Muy amables, <b>gracias</b>").waitFor();
    expect(await figure("csat").locator("b").textContent()).toBe("5.0");
    await page.locator('[data-usage="cost"]').waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("a send that failed, one nobody confirmed, an event, a rule and a webhook are decided where they are listed", async () => {
    await rosa.say("hola de nuevo");
    const { id } = await talkOf("Rosa Condori");
    await until(async () => (await api.data<{ isOpen: boolean }>(`/conversations/${id}`)).isOpen, {
      what: "it to be open again",
    });
    await api.patch(`/conversations/${id}`, { isAIEnabled: false });
    const send = (text: string) => api.post<MessageView>(`/conversations/${id}/messages`, { text });
    const undecided = (state: string) =>
      until(
        async () =>
          (await api.data<MessageView[]>(`/deliveries?state=${state}`)).some(
            ({ delivery }) => state === "failed" || delivery?.needsDecision,
          ),
        { within: 15_000, what: `a send that is ${state}` },
      );
    await api.put("/sandbox/chaos", { errorCode: 131051 });
    await send("Su pedido está listo");
    await undecided("failed");
    await api.put("/sandbox/chaos", { errorCode: null, fault: "reset-after-accept", statusDelayMs: 600_000 });
    await send("Llega mañana");
    await undecided("unknown");
    await api.put("/sandbox/chaos", { fault: "none", statusDelayMs: 0 });
    const { body: team } = await api.post<{ id: string }>("/teams", { name: "Se va" });
    await api.post("/macros", { name: "A ventas", visibility: "all", actions: [{ do: "transfer", team: team.data.id }] });
    await api.delete(`/teams/${team.data.id}`);
    const { body: hook } = await api.post<{ endpoint: { id: string } }>("/webhook-endpoints", {
      name: "Tienda",
      url: `http://${SHOP}/hooks`,
      events: ["contact:merged"],
    });
    await api.post(`/webhook-endpoints/${hook.data.endpoint.id}/pause`);

    await page.goto(`${server.url}/settings/attention`);
    const [failed, unknown, dead] = ["failed", "unknown", "dead"].map((name) => page.locator(`[data-sends="${name}"]`));
    await failed!.getByText("Su pedido está listo").waitFor();
    await unknown!.getByText("Llega mañana").waitFor();
    await dead!.getByText("JSON Parse error").waitFor();
    await page.getByText("The team “").waitFor();
    await page.locator(".row-line", { hasText: "Tienda" }).waitFor();
    await page.locator('.rail-count[data-count="5"]').waitFor();
    await page.locator('.settings-nav a[aria-current="page"] .count', { hasText: "5" }).waitFor();
    await takePicture(page, "attention");
    expect(await accessibilityFaults(page)).toEqual([]);
    await failed!.getByRole("button", { name: "Send again" }).click();
    await rosa.heard("Su pedido está listo");
    await unknown!.getByRole("button", { name: "Leave it" }).click();
    await unknown!.getByText("Every send is confirmed.").waitFor();
    await page.locator(".row-line", { hasText: "Tienda" }).getByRole("button", { name: "Go on" }).click();
    await page.getByText("All of them get what happens.").waitFor();
    await dead!.getByRole("button", { name: "Process again" }).click();
    await page.getByText("It is processed once more.", { exact: false }).waitFor();
    await page.reload();
    await failed!.getByText("Nothing was refused.").waitFor();
    await unknown!.getByText("Every send is confirmed.").waitFor();
    await page.getByText("All of them get what happens.").waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("a person's data are handed out, a merge is taken apart, and an erasure leaves a receipt and nothing else", async () => {
    const { contact } = await talkOf("Rosa Condori");
    const { body: twin } = await api.post<{ id: string }>("/contacts", { name: "Rosa C.", phone: "+51900000744" });
    expect((await api.post(`/contacts/${contact}/merge`, { contact: twin.data.id })).status).toBe(200);
    await page.goto(`${server.url}/contacts/${contact}`);
    const merges = page.locator("app-contact-merges");
    await merges.getByText("Rosa C.").waitFor();
    await merges.getByRole("button", { name: "Take apart" }).click();
    await merges.getByRole("button", { name: /Really/ }).click();
    await merges.locator(".row-line").waitFor({ state: "detached" });
    const archive = await download(page, () => page.getByRole("button", { name: "Export everything" }).click());
    expect(archive.name).toBe(`contact-${contact}.zip`);
    expect(archive.text.startsWith("PK")).toBe(true);
    await page.getByRole("button", { name: "Erase this person" }).click();
    const dialog = page.getByRole("dialog", { name: "Erase this person" });
    await dialog.getByRole("button", { name: "Go on" }).click();
    const forEver = dialog.getByRole("button", { name: "Erase for ever" });
    expect(await forEver.getAttribute("aria-disabled")).toBe("true");
    await dialog.getByLabel("Write the name to erase them").press("Enter");
    await dialog.getByLabel("Write the name to erase them").fill("rosa condori");
    await takePicture(page, "contact-erase");
    expect(await accessibilityFaults(page)).toEqual([]);
    await forEver.click();
    await dialog.getByRole("heading", { name: "Everything is erased" }).waitFor();
    await takePicture(page, "contact-erased");
    await dialog.getByRole("button", { name: "To the contacts" }).click();
    await page.waitForURL(/\/contacts$/);
    expect((await api.get(`/contacts/${contact}`)).status).toBe(404);
    await page.goto(`${server.url}/settings/audit`);
    const receipt = page.locator(".erasure", { hasText: contact });
    await receipt.locator("summary").click();
    await receipt.getByText("Messages", { exact: true }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(visitor.errors()).toEqual([]);
  });

  test("in the dark and on a phone nothing sticks out; who may not see reports is told so", async () => {
    {
      await using other = await visit(browser, { theme: "dark" });
      await other.page.goto(`${server.url}/reports?${SUMMER}&figure=resolved`);
      await fillSignIn(other.page, server.admin);
      await other.page.locator(".chart-line").first().waitFor({ state: "attached" });
      await other.page.locator("app-share-table tbody th").first().waitFor();
      await takePicture(other.page, "reports-dark");
      expect(await accessibilityFaults(other.page)).toEqual([]);
      await other.page.setViewportSize(PHONE);
      await other.page.locator(".chart-keys").waitFor();
      await takePicture(other.page, "reports-phone");
      expect(await sidewaysOverflow(other.page)).toBe(0);
      expect(await accessibilityFaults(other.page)).toEqual([]);
      await other.page.goto(`${server.url}/settings/attention`);
      await other.page.getByRole("heading", { name: "Not confirmed" }).waitFor();
      await takePicture(other.page, "attention-phone");
      expect(await sidewaysOverflow(other.page)).toBe(0);
    }
    const agent = await addColleague(server, "Killa Quispe");
    await using other = await visit(browser);
    await other.page.goto(`${server.url}/reports`);
    await fillSignIn(other.page, agent);
    await other.page.getByRole("heading", { name: "Your role does not show reports" }).waitFor();
    expect(await other.page.getByRole("link", { name: "Reports" }).count()).toBe(0);
    expect(other.errors()).toEqual([]);
  });
});

/** An event that was accepted and cannot be processed. */
async function addPoison({ models }: Rooms): Promise<void> {
  const row = { channel: "440055660077001", kind: "message", state: "ready", order: "000000000000000000000001" };
  const rest = { body: "{ this is no JSON", receivedAt: new Date(), requestId: "req_of_the_test", attempts: 0, reason: null };
  await models.inboundEvents.collection.insertOne({ _id: POISON, ...row, ...rest } as never);
}

/** What a click saves. */
async function download(page: Page, click: () => Promise<unknown>): Promise<{ name: string; text: string }> {
  const [saved] = (await Promise.all([page.waitForEvent("download"), click()])) as [Download, unknown];
  return { name: saved.suggestedFilename(), text: await Bun.file((await saved.path()) ?? "").text() };
}
