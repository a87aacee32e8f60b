/** The assistant's workshop: what is written, tried, published, played again, traced and paid for there is there after a reload. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { hire, PASSWORD } from "../helpers/people";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, TABLET, takePicture, visit, WIDE, whyNoBrowser } from "./browser";
import { Customer } from "./inbox-actions";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
const ARTICLE = "Los envíos a Cusco cuestan 15 soles y tardan tres días.";
const PERSONA = "Eres Inti, la asistente de Telares Puno.\nResponde en el idioma del cliente.\nNunca prometas descuentos.";

describe.skipIf(reason !== null)("the assistant's workshop", () => {
  let browser: Browser;
  let server: ServerProcess;
  let api: ApiClient;
  const shop = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ state: "enviado", day: "martes" }) });

  beforeAll(async () => {
    const env = { ALLOW_PRIVATE_URLS: `127.0.0.1:${shop.port}` };
    [browser, server] = await Promise.all([launch(), startServer({ env })]);
    api = await new ApiClient(server.url).signIn(server.admin);
    const price = { input: 0.1, cached: 0.01, cacheWrite: 0.125, cacheWrite12h: 0.25, output: 0.5 };
    const rows = [{ model: "chasqui-sandbox", effectiveFrom: "2026-01-02", source: "assumed", ...price }];
    await api.patch("/settings/assistant-prices", { version: 0, values: { rows } });
    await api.post("/knowledge/articles", { title: "Envíos a provincia", text: ARTICLE });
    await until(async () => (await api.data<unknown[]>("/knowledge/search?q=env%C3%ADos")).length > 0, { what: "the article" });
    const rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("¿cuánto cuestan los envíos a Cusco?");
    await rosa.heard(/15 soles/);
    const luis = await Customer.create(server, "Luis Mamani");
    await luis.say("¿tienen mantas de alpaca?");
    await until(async () => (await luis.thread()).some(({ from }) => from === "business"), { what: "the answer" });
  });
  afterAll(async () => {
    await shop.stop(true);
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const press = (page: Page, name: string | RegExp) =>
    page
      .getByRole("button", { name, exact: typeof name === "string" })
      .first()
      .click();
  const enter = async (page: Page, path: string, who = server.admin) => {
    await page.goto(`${server.url}${path}`);
    await fillSignIn(page, who);
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
  };
  const room = async (page: Page, name: string) => {
    await page.locator(".studio-tabs").getByRole("link", { name, exact: true }).click();
    await page.locator(".studio-tabs a[aria-current=page]", { hasText: name }).waitFor();
  };
  const clean = async (page: Page) => expect(await accessibilityFaults(page)).toEqual([]);
  /** A page wide by day and narrow by night; nothing sticks out. */
  const pictures = async (page: Page, name: string) => {
    await takePicture(page, `studio-${name}`);
    await clean(page);
    await page.setViewportSize(TABLET);
    expect(await sidewaysOverflow(page)).toBe(0);
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await sidewaysOverflow(page)).toBe(0);
    await takePicture(page, `studio-${name}-phone`);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(WIDE);
  };

  test("a prompt is written, tried out, published against a golden conversation, changed, compared and put back", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await enter(page, "/studio");
    await press(page, "New prompt");
    await page.getByLabel("Name", { exact: true }).fill("Ventas");
    await page.getByRole("textbox", { name: "Text of the prompt" }).last().fill(PERSONA);
    await press(page, "Save");
    const text = page.getByRole("textbox", { name: "Text of the prompt" });
    await page.locator(".bench-choice", { hasText: "Ventas" }).waitFor();
    expect(await text.inputValue()).toBe(PERSONA);
    // A variable goes where the cursor is.
    await text.press("Control+End");
    await press(page, "Variables");
    await page.getByRole("menuitem", { name: /company\.hours/ }).click();
    expect(await text.inputValue()).toBe(`${PERSONA}{{company.hours}}`);
    // The server names what it does not know; what was typed stays.
    await text.fill(`${PERSONA} {{nobody}}`);
    await press(page, "Save draft");
    await page.getByRole("alert").filter({ hasText: "not a variable" }).waitFor();
    expect(await text.inputValue()).toContain("{{nobody}}");
    await text.fill(`${PERSONA}\nAtendemos: {{company.hours}}.`);
    await press(page, "Save draft");
    await page.getByText("It answers nobody yet.").waitFor();

    const write = page.getByRole("textbox", { name: "Write as the customer…" });
    await write.fill("¿cuánto cuestan los envíos a Cusco?");
    await write.press("Enter");
    await page.locator("app-playground [data-role=assistant]", { hasText: "15 soles" }).waitFor();
    await page.locator("app-trace-view [data-step=model]").waitFor();
    await page.locator("app-trace-view", { hasText: "Envíos a provincia" }).waitFor();
    await press(page, "Keep as golden");
    await page.locator("app-playground", { hasText: "kept as golden" }).waitFor();

    await press(page, "Publish version 1");
    await page.locator(".publish-tests", { hasText: "¿cuánto cuestan" }).waitFor();
    await clean(page);
    await takePicture(page, "studio-publish");
    await page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByText("Version 1 answers now").waitFor();

    await text.fill(`${PERSONA}\nSaluda por su nombre a {{contact.first_name|amigo}}.`);
    await page.getByLabel("What is different and why").fill("Saluda por el nombre");
    await press(page, "Save draft");
    await press(page, "Diff");
    await page.locator(".diff-added", { hasText: "contact.first_name" }).waitFor();
    await page.locator(".diff-removed", { hasText: "company.hours" }).waitFor();
    await pictures(page, "bench");
    await press(page, "Publish version 2");
    await page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByText("Version 2 answers now").waitFor();
    await press(page, "2 versions");
    await page.getByRole("dialog").getByText("Saluda por el nombre").waitFor();
    await press(page, "Compare with live");
    await page.locator(".version-text .diff-row").first().waitFor();
    await clean(page);
    await takePicture(page, "studio-versions");
    await press(page, "Put back 1");
    await press(page, "Really? Put back 1");
    await page.getByText("Version 1 answers again").waitFor();
    await page.reload();
    await page.locator(".bench-choice", { hasText: "Ventas" }).waitFor();
    await page.locator("app-prompt-editor", { hasText: "version 1 answers" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Text of the prompt" }).inputValue()).toContain("company.hours");

    // Somebody else is faster: told, and theirs can be taken.
    const [prompt] = await api.data<{ id: string }[]>("/assistant/prompts");
    await page.getByRole("textbox", { name: "Text of the prompt" }).fill("Lo mío.");
    await api.put(`/assistant/prompts/${prompt?.id}/draft`, { text: "Lo de otra persona." });
    await press(page, "Save draft");
    await page.getByRole("alert").filter({ hasText: "has changed it meanwhile" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Text of the prompt" }).inputValue()).toBe("Lo mío.");
    await press(page, "Take theirs");
    await until(
      async () => (await page.getByRole("textbox", { name: "Text of the prompt" }).inputValue()) === "Lo de otra persona.",
      {
        what: "the text of the other person",
      },
    );
    await press(page, "Drop the draft");
    await press(page, "Really? Drop the draft");
    await page.locator("app-prompt-editor", { hasText: "version 1 answers" }).waitFor();
    expect(visitor.errors(/409|422/)).toEqual([]);
  });

  test("a golden conversation that fails is told with its reason; a run is traced and kept; the bubble leads to it", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await enter(page, "/studio/goldens");
    await press(page, "New golden conversation");
    await page.getByLabel("Name", { exact: true }).fill("Sin descuentos");
    const yaml = page.getByLabel("The conversation and what is expected (YAML)");
    await yaml.fill("messages: [");
    await press(page, "Save");
    // Told at its field.
    await page.locator(".field-error", { hasText: "no YAML" }).waitFor();
    expect(await yaml.getAttribute("aria-invalid")).toBe("true");
    await yaml.fill('messages:\n  - "hola"\nexpect:\n  outcome: reply\n  includes: ["descuento del 90"]\n');
    await press(page, "Save");
    await page.locator('[data-golden="Sin descuentos"]').waitFor();
    await press(page, "Play all");
    await page.locator('[data-golden="Sin descuentos"]', { hasText: 'does not say "descuento del 90"' }).waitFor();
    await pictures(page, "goldens");
    await page.getByRole("switch", { name: "Sin descuentos has to pass before publishing" }).click();
    await page.locator('[data-golden="Sin descuentos"] [role=switch][aria-checked=false]').waitFor();

    await page.goto(`${server.url}/conversations`);
    await page.getByRole("link", { name: /Rosa Condori/ }).click();
    await page.getByRole("link", { name: "How it came about" }).first().click();
    await page.locator("app-trace-view [data-step=model]").first().waitFor();
    await page.locator(".run-log", { hasText: "¿cuánto cuestan los envíos" }).waitFor();
    await pictures(page, "run");
    await page.getByLabel("Name of the golden conversation").fill("Envíos a Cusco");
    await press(page, "Keep as golden");
    await page.getByRole("link", { name: "Look at the golden conversations" }).click();
    await page.locator('[data-golden="Envíos a Cusco"]').waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Envíos a Cusco");
    await page.reload();
    await page.locator('[data-golden="Sin descuentos"] [role=switch][aria-checked=false]').waitFor();
    await room(page, "Runs");
    await until(async () => (await page.locator("tbody tr").count()) >= 2, { what: "the runs" });
    await page.getByLabel("Outcome").selectOption("failed");
    await page.getByText("Nothing found").waitFor();
    await press(page, "All runs");
    await page.locator("tbody tr").first().waitFor();
    await pictures(page, "runs");
    await page.locator("tbody").getByRole("link", { name: "Open the conversation" }).first().click();
    await page.locator("app-conversation-thread").waitFor();
    expect(visitor.errors(/422/)).toEqual([]);
  });

  test("a replay shows then and now side by side; a tool is defined and called; money is set and seen", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await enter(page, "/studio/replays");
    await page.getByLabel("At most (US dollars)").fill("mucho");
    await press(page, "Start the replay");
    await page.getByRole("alert").filter({ hasText: "no amount" }).waitFor();
    await page.getByLabel("At most (US dollars)").fill("0.000001");
    await page.getByLabel("A model judges answers").check();
    await press(page, "Start the replay");
    await page.locator(".replay-paused", { hasText: "Its own budget is used up." }).waitFor();
    await page.getByLabel("At most (US dollars)").fill("1");
    await press(page, "Go on");
    await page.locator(".bench-bar .chip-success", { hasText: "done" }).waitFor();
    await page.locator(".replay-table tbody tr", { hasText: "¿tienen mantas de alpaca?" }).waitFor();
    await pictures(page, "replay");
    await page.getByRole("link", { name: "All replays" }).click();
    await page.locator("tbody .chip-success", { hasText: "done" }).waitFor();
    await pictures(page, "replays");

    await room(page, "Tools");
    await press(page, "New tool");
    await page.getByLabel("Name", { exact: true }).fill("order_status");
    await page.getByLabel("Address").fill(`http://127.0.0.1:${shop.port}/orders/{order_number}`);
    await page.getByLabel("For the model: when to use it").fill("Where an order is and when it arrives");
    await press(page, "Save");
    await page.locator(".field-error", { hasText: "{order_number}" }).waitFor();
    await press(page, "Add a parameter");
    await page.getByRole("group", { name: "Parameter 1" }).getByLabel("Name").fill("order_number");
    await page.getByText("Headers and secret").click();
    await page.getByLabel("Header that carries the secret").fill("authorization");
    await page.getByLabel("Secret", { exact: true }).fill("Bearer very-secret");
    await press(page, "Save");
    await page.locator('[data-tool="order_status"]').waitFor();
    await page.locator("app-tool-trial").getByLabel("order_number").fill("A-17");
    await press(page, "Call it");
    await page.locator(".tool-answer", { hasText: "enviado" }).waitFor();
    await pictures(page, "tools");
    await page.getByRole("switch", { name: "order_status is used" }).click();
    await page.locator('[data-tool="order_status"] [role=switch][aria-checked=false]').waitFor();
    await page.reload();
    await page.locator('[data-tool="order_status"] [role=switch][aria-checked=false]').waitFor();
    await page.locator('[data-tool="order_status"] .golden-name').click();
    expect(await page.getByLabel("Secret", { exact: true }).getAttribute("placeholder")).toBe("kept, not shown");
    expect(await page.content()).not.toContain("very-secret");

    await room(page, "Money");
    await page.getByLabel("A day (UTC)").fill("12.5");
    await page.locator("app-budget-card").getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await press(page, "Add a price");
    await page.getByLabel("Model, row 2").fill("gpt-own");
    await page.getByLabel("Written, gpt-own").fill("0.5");
    await press(page, "Save prices");
    await until(
      async () => (await api.data<{ values: { rows: unknown[] } }>("/settings/assistant-prices")).values.rows.length === 2,
      {
        what: "two prices",
      },
    );
    await page.reload();
    await page.locator(".usage-key", { hasText: "Reply" }).waitFor();
    await page.locator("app-model-card", { hasText: "chasqui-sandbox-old" }).locator(".chip").waitFor();
    await page.locator(".studio-spent", { hasText: "of $12.50" }).waitFor();
    expect(await page.getByLabel("A day (UTC)").inputValue()).toBe("12.5");
    expect(await page.getByLabel("Model, row 2").inputValue()).toBe("gpt-own");
    await pictures(page, "money");
    expect(visitor.errors(/422/)).toEqual([]);
  });

  test("whoever may not manage the assistant sees no link, and is told why the page is shut", async () => {
    await hire({ api, url: server.url }, { email: "tito@example.com", role: "agent" });
    await using visitor = await visit(browser);
    const { page } = visitor;
    await enter(page, "/studio", { email: "tito@example.com", password: PASSWORD });
    await page.getByText("The workshop is not open to your role").waitFor();
    expect(await page.getByRole("link", { name: "Assistant studio" }).count()).toBe(0);
    await clean(page);
    expect(visitor.errors()).toEqual([]);
  });
});
