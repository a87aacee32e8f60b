/** Connecting a number whose webhook is missing, its templates, a team, and a segment of contacts: done on the pages, and there after a reload. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { type GraphSwitch, second, startGraphSwitch, third } from "../features/channels/graph-switch";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, WIDE, whyNoBrowser } from "./browser";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
const BODY = "Hola {{1}}, tu pedido *{{2}}* ya está listo. Pasa cuando quieras.";

describe.skipIf(reason !== null)("numbers, templates, teams and segments", () => {
  let browser: Browser;
  let server: ServerProcess;
  let graph: GraphSwitch;
  let api: ApiClient;

  beforeAll(async () => {
    graph = await startGraphSwitch();
    const env = {
      WHATSAPP_PHONE_NUMBER_ID: third.phoneNumberId,
      WHATSAPP_BUSINESS_ACCOUNT_ID: third.wabaId,
      WHATSAPP_ACCESS_TOKEN: third.accessToken,
      WHATSAPP_APP_SECRET: third.appSecret,
      WHATSAPP_VERIFY_TOKEN: third.verifyToken,
      WHATSAPP_GRAPH_URL: graph.url,
      ASSISTANT: "off",
    };
    [browser, server] = await Promise.all([launch(), startServer({ env })]);
    graph.aim(server.url);
    api = await new ApiClient(server.url).signIn(server.admin);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await graph?.[Symbol.asyncDispose]();
  });

  const open = async (page: Page, path: string) => {
    await page.goto(`${server.url}${path}`);
    await fillSignIn(page, server.admin);
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
  };
  /** Accessible and no wider than its window, as it is now; a picture of it stays. */
  const look = async (page: Page, name: string) => {
    await takePicture(page, name);
    expect({ name, faults: await accessibilityFaults(page) }).toEqual({ name, faults: [] });
    expect({ name, overflow: await sidewaysOverflow(page) }).toEqual({ name, overflow: 0 });
  };
  const check = (page: Page, id: string, state: string) => page.locator(`[data-check="${id}"][data-state="${state}"]`).waitFor();

  test("a number is connected: a wrong token is told at its field, a missing subscription is mended, the first message shows by itself", async () => {
    // Nobody has subscribed the app yet.
    await fetch(`${graph.sandboxes.second.url}/v26.0/${second.wabaId}/subscribed_apps`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${second.accessToken}` },
    });
    await using visitor = await visit(browser);
    const { page } = visitor;
    await open(page, "/settings/numbers");
    await page.getByRole("link", { name: "Connect a number" }).click();
    await page.getByLabel("Access token").fill("the-token-of-somebody-else");
    await page.getByLabel("Number id").fill(second.phoneNumberId);
    await page.getByLabel("Business account id").fill(second.wabaId);
    await page.getByLabel("App secret").fill(second.appSecret);
    await page.getByRole("button", { name: "Connect and check" }).click();
    await page.locator('#connect-token[aria-invalid="true"]').waitFor();
    // What was typed is still there.
    expect(await page.getByLabel("Number id").inputValue()).toBe(second.phoneNumberId);
    await look(page, "connect-access");
    await page.getByLabel("Access token").fill(second.accessToken);
    await page.getByRole("button", { name: "Connect and check" }).click();
    await check(page, "subscribed", "bad");
    await check(page, "token", "ok");
    await check(page, "verified", "wait");
    await look(page, "connect-checks");

    const ask = async (word: string) =>
      fetch(`${await page.locator("#hook-url").inputValue()}?hub.mode=subscribe&hub.challenge=7&hub.verify_token=${word}`);
    await ask("a-mistyped-word");
    await check(page, "verified", "bad");
    expect(await (await ask(await page.locator("#hook-word").inputValue())).text()).toBe("7");
    await check(page, "verified", "ok");
    await page.getByRole("button", { name: "Subscribe" }).click();
    await check(page, "subscribed", "ok");
    const { phones } = graph.sandboxes.second;
    await phones.send(phones.create({ name: "Rosa", waId: "51987000333" }).id, { type: "text", text: "hola" });
    await check(page, "message", "ok");
    await page.getByText("6 of 6 checks pass").waitFor();
    await page.reload();
    await check(page, "subscribed", "ok");
    await page.setViewportSize(PHONE);
    await look(page, "connect-checks-phone");
    await page.setViewportSize(WIDE);

    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("One line about you").fill("Tejidos de Cusco");
    await page.locator("#profile-site1").fill("https://tienda-ayni.example");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The profile is changed").waitFor();
    await page.reload();
    await until(async () => (await page.getByLabel("One line about you").inputValue()) === "Tejidos de Cusco");
    await look(page, "connect-profile");
    // The refusal was provoked.
    expect(visitor.errors(/422/)).toEqual([]);
  });

  test("a template is written by the rules, refused at its field, approved, tried with values, changed, and deleted", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await open(page, "/templates");
    await page.getByRole("button", { name: /Synchronise with Meta/ }).click();
    await page.locator(".tpl-row").first().waitFor();
    await page.getByRole("link", { name: "New", exact: true }).click();
    await page.locator("#template-channel").selectOption({ label: second.name });
    await page.locator("#template-language").selectOption("es");
    // Capitals and spaces become what WhatsApp takes.
    await page.locator("#template-name").fill("Pedido Listo");
    expect(await page.locator("#template-name").inputValue()).toBe("pedido_listo");
    await page.locator("#template-body").fill("{{1}}, tu pedido está listo");
    await page
      .getByRole("list", { name: "Meta’s rules" })
      .getByText("The text must not begin with a variable: {{1}} stands first.")
      .waitFor();
    await look(page, "template-rules");
    await page.locator("#template-body").fill(BODY);
    await page.getByLabel("Example for {{1}}").fill("Rosa");
    await page.getByLabel("Example for {{2}}").fill("4468");
    await page.locator("#template-footer").fill("Tienda Ayni");
    await page.getByRole("button", { name: "Add a button" }).click();
    await page.getByRole("menuitem", { name: "Web page" }).click();
    await page.getByLabel("Words of button 1").fill("Seguir mi pedido");
    await page.getByLabel("Address of button 1").fill("https://tienda-ayni.example/p/{{1}}");
    await page.getByLabel("Example of the whole address").fill("https://tienda-ayni.example/p/4468");
    await page.locator(".tpl-bubble .piece-filled", { hasText: "Rosa" }).waitFor();
    await look(page, "template-builder");
    // What is not sent yet survives a reload.
    await page.reload();
    await until(async () => (await page.locator("#template-body").inputValue()) === BODY);
    graph.intercept = (request, path) =>
      request.method === "POST" && path.endsWith("/message_templates")
        ? Response.json(
            { error: { message: "Invalid parameter", code: 100, error_data: { details: "body: the text is not allowed." } } },
            { status: 400 },
          )
        : undefined;
    await page.getByRole("button", { name: "Submit to Meta" }).click();
    await page.locator('#template-body[aria-invalid="true"]').waitFor();
    expect(await page.getByText("body: the text is not allowed.").count()).toBeGreaterThan(0);
    await takePicture(page, "template-refused");
    graph.intercept = null;
    await page.getByRole("button", { name: "Submit to Meta" }).click();
    // Approved a moment later, without a reload.
    await page.locator(".tpl-head .chip-success", { hasText: "Approved" }).waitFor();
    await page.getByRole("button", { name: "Use the examples" }).click();
    await page.locator(".tpl-bubble", { hasText: "Hola Rosa, tu pedido 4468 ya está listo" }).waitFor();
    await look(page, "template-detail");

    await page.getByRole("link", { name: "Change" }).click();
    await page.locator("#template-footer").fill("Tienda Ayni, Cusco");
    await page.getByRole("button", { name: "Submit to Meta" }).click();
    await page.locator(".tpl-head .chip", { hasText: /In review|Approved/ }).waitFor();
    await page.reload();
    await page.locator(".tpl-foot", { hasText: "Tienda Ayni, Cusco" }).waitFor();
    await page.locator(".tpl-head .chip-success").waitFor();

    await page.getByRole("link", { name: "Add a language" }).click();
    await page.locator("#template-language").selectOption("pt_BR");
    await page.locator("#template-body").fill("Olá {{1}}, seu pedido *{{2}}* está pronto. Passe quando quiser.");
    await page.getByRole("button", { name: "Submit to Meta" }).click();
    await page.locator(".tpl-row[aria-current]", { hasText: "es · pt_BR" }).waitFor();
    await page.getByRole("button", { name: "Delete this language" }).click();
    await page.getByRole("button", { name: /Really/ }).click();
    await page.getByText("Deleted, at Meta too").waitFor();
    await page.locator(".tpl-row[aria-current]", { hasNotText: "pt_BR" }).waitFor();

    await page.getByRole("button", { name: "Filter" }).click();
    await page.locator(".tpl-filters").getByLabel("Number").selectOption({ label: second.name });
    await page.getByLabel("Search templates").fill("listo");
    await until(async () => (await page.locator(".tpl-row").count()) === 1, { what: "one template" });
    await page.setViewportSize(PHONE);
    await look(page, "template-phone");
    expect(visitor.errors(/422/)).toEqual([]);
  });

  test("a team has members and a way of its own; contacts are narrowed and kept as a segment", async () => {
    await api.post("/labels", { name: "vip" });
    await api.post("/attributes", { key: "city", name: "Ciudad", description: "", type: "text" });
    for (const [name, city] of [
      ["Killa Quispe", "Cusco"],
      ["Sami Mamani", "Puno"],
    ])
      await api.post("/contacts", { name, labels: ["vip"], attributes: { city } });
    await using visitor = await visit(browser, { theme: "dark" });
    const { page } = visitor;
    await open(page, "/settings/teams");
    await page.locator("#team-name").fill("Ventas");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const card = page.locator('[data-team="Ventas"]');
    await card.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("menuitem").first().click();
    await card.locator(".team-member").waitFor();
    await card.getByLabel("Who gets them").selectOption("round-robin");
    await card.getByLabel("Conversations at once").fill("4");
    await card.getByLabel("Conversations at once").press("Tab");
    await until(async () => {
      const all = await api.data<{ group: string; values: { teams: { capacity?: number }[] } }[]>("/settings");
      return all.find(({ group }) => group === "assignment")?.values.teams[0]?.capacity === 4;
    });
    await page.reload();
    await card.locator(".team-member").waitFor();
    await until(async () => (await card.getByLabel("Conversations at once").inputValue()) === "4");
    await look(page, "teams");

    await page.goto(`${server.url}/contacts`);
    await page.getByRole("button", { name: "Conditions" }).click();
    await page.getByRole("button", { name: "All of these labels" }).click();
    await page.getByRole("menuitemcheckbox", { name: "vip" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Add an attribute" }).click();
    await page.getByRole("menuitem", { name: "Ciudad" }).click();
    await page.getByLabel("Value of Ciudad").fill("Cusco");
    await page.getByLabel("Value of Ciudad").press("Tab");
    await until(async () => (await page.locator("tbody tr").count()) === 1, { what: "one contact" });
    await look(page, "segment-conditions");
    await page.getByRole("button", { name: "Save as a segment" }).click();
    await page.getByLabel("Name of the segment").fill("VIP de Cusco");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.reload();
    await page.getByLabel("Segment", { exact: true }).selectOption({ label: "VIP de Cusco (1)" });
    await until(async () => (await page.locator("tbody tr").count()) === 1, { what: "the segment's contact" });
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export" }).click()]);
    const csv = await Bun.file((await file.path()) ?? "").text();
    expect([csv.includes("Killa Quispe"), csv.includes("Sami Mamani")]).toEqual([true, false]);
    await page.getByRole("button", { name: "Delete “VIP de Cusco”" }).click();
    await page.getByRole("button", { name: /Really/ }).click();
    await until(async () => (await page.locator("tbody tr").count()) > 1, { what: "all contacts" });
    expect(visitor.errors()).toEqual([]);
  });
});
