/** Rules and macros made in the page: they act on what customers write and on the conversation that is open, and are there after a reload. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, whyNoBrowser } from "./browser";
import { Customer } from "./inbox-actions";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();

describe.skipIf(reason !== null)("automation", () => {
  let browser: Browser;
  let server: ServerProcess;
  let api: ApiClient;
  let rosa: Customer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    api = await new ApiClient(server.url).signIn(server.admin);
    for (const name of ["reclamo", "urgente"]) await api.post("/labels", { name });
    rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("hola");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const enter = async (page: Page, path: string) => {
    await page.goto(`${server.url}${path}`);
    await fillSignIn(page, server.admin);
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
  };
  const addAction = (page: Page, kind: string) => page.getByLabel("Add an action").selectOption(kind);
  const addLabel = (page: Page, at: number, name: string) =>
    page.locator(".step").nth(at).getByRole("combobox", { name: "Put on" }).selectOption(name);
  const saved = (page: Page) => page.locator(".toast", { hasText: "Saved" }).first().waitFor();

  test("a rule is written, tried, kept, and acts on what a customer writes", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await enter(page, "/settings/automation");
    await page.getByRole("link", { name: "New rule" }).first().click();
    await page.getByLabel("Name", { exact: true }).fill("Reclamos");
    await page.getByRole("button", { name: "Condition", exact: true }).click();
    const words = page.getByRole("textbox", { name: "Value of condition 1" });
    await words.fill("reclamo");
    await words.press("Enter");
    await page.getByRole("button", { name: "Group of conditions" }).click();
    await page.getByLabel("Field of condition 2.1").selectOption("conversation.priority");
    await page.getByRole("combobox", { name: "Value of condition 2.1" }).selectOption("normal");
    await addAction(page, "priority");
    await addAction(page, "label");
    await addLabel(page, 1, "reclamo");
    await addAction(page, "note");
    await page.locator(".step").nth(2).getByRole("textbox", { name: /^Note/ }).fill("Avisar a {{contact.first_name}}");
    // The last one goes first, by the keyboard alone, and takes the focus along.
    await page.getByRole("button", { name: "Move up: Write a private note" }).press("Enter");
    await page.locator('.step:nth-child(2)[data-do="note"] [data-move="-1"]:focus').waitFor();
    await page.keyboard.press("Enter");
    await page.locator('.step:nth-child(1)[data-do="note"] [data-move="1"]:focus').waitFor();
    await takePicture(page, "rule-editor");
    expect(await accessibilityFaults(page)).toEqual([]);
    // Rosa has only said hello: the first condition does not hold, the second one does.
    await page.getByRole("button", { name: "Choose a conversation" }).click();
    await page.getByRole("menuitem", { name: /Rosa Condori/ }).click();
    await page.locator('.trial[data-matched="false"]').waitFor();
    expect(await page.locator(".condition .chip-success, .condition .chip-danger").allTextContents()).toEqual([
      "does not hold",
      "holds",
    ]);
    await page.locator(".trial").scrollIntoViewIfNeeded();
    await takePicture(page, "rule-trial");
    // Leaving asks, and staying loses nothing.
    await page.getByRole("link", { name: "Automation rules" }).first().click();
    await page.getByRole("button", { name: "Go on writing" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await saved(page);
    await page.locator(".rule-line", { hasText: "Reclamos" }).waitFor();
    await rosa.say("Tengo un RECLAMO");
    const { id } = await ofRosa();
    await until(async () => (await api.data<{ priority: string }>(`/conversations/${id}`)).priority === "high", {
      within: 10_000,
      what: "the rule has raised the priority",
    });
    await page.getByRole("link", { name: "What ran" }).click();
    await until(
      async () => {
        await page.getByRole("button", { name: "Refresh" }).click();
        return (await page.locator(".ran", { hasText: "Reclamos" }).count()) > 0;
      },
      { within: 10_000, what: "the run is listed" },
    );
    await page.locator(".ran", { hasText: "A customer writes" }).waitFor();
    await takePicture(page, "run-log");
    await page.goto(`${server.url}/settings/automation`);
    await page.locator(".rule-line", { hasText: "Text of the message has the word reclamo" }).waitFor();
    await takePicture(page, "automation");
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(visitor.errors()).toEqual([]);
  });

  test("two people change the same rule: the second one is told, and decides", async () => {
    await using visitor = await visit(browser, { theme: "dark", size: PHONE });
    const { page } = visitor;
    const { body } = await api.post<{ id: string }>("/automation-rules", {
      name: "Silencio",
      trigger: { event: "silence:team", minutes: 30 },
      actions: [{ do: "label", add: ["urgente"] }],
    });
    await enter(page, `/settings/automation/rules/${body.data.id}`);
    await page.getByLabel("Name", { exact: true }).fill("Silencio largo");
    await api.patch(`/automation-rules/${body.data.id}`, { name: "De otra persona" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".conflict", { hasText: "De otra persona" }).waitFor();
    await page.locator(".conflict").scrollIntoViewIfNeeded();
    await takePicture(page, "rule-conflict-phone");
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);
    await page.getByRole("button", { name: "Keep mine" }).click();
    await saved(page);
    await page.reload();
    await until(async () => (await page.getByLabel("Name", { exact: true }).inputValue()) === "Silencio largo", {
      what: "mine is kept",
    });
    for (const room of ["automation", "automation/runs", "macros", "sla"]) {
      await page.goto(`${server.url}/settings/${room}`);
      await page.locator(".room-title").waitFor();
      await page.waitForLoadState("networkidle");
      expect({ room, faults: await accessibilityFaults(page) }).toEqual({ room, faults: [] });
      expect({ room, overflow: await sidewaysOverflow(page) }).toEqual({ room, overflow: 0 });
      await takePicture(page, `${room.replace("/", "-")}-phone-dark`);
    }
    expect(visitor.errors(/409/)).toEqual([]);
  });

  test("a macro is written and run from the inbox: from the header and from the command bar", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await enter(page, "/settings/macros/new");
    await page.getByLabel("Name", { exact: true }).fill("Pedir comprobante");
    await page.getByRole("button", { name: "Everybody" }).click();
    await addAction(page, "reply");
    await page
      .locator(".step")
      .getByRole("textbox", { name: "Text" })
      .fill("Hola {{contact.first_name|cliente}}, ¿nos envía el comprobante?");
    await addAction(page, "label");
    await addLabel(page, 1, "urgente");
    await addAction(page, "take");
    await takePicture(page, "macro-editor");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Save" }).click();
    await saved(page);
    await page.locator(".rule-line", { hasText: "Pedir comprobante" }).waitFor();
    await page.goto(`${server.url}/conversations/${(await ofRosa()).id}`);
    await page.locator(".thread h2", { hasText: "Rosa Condori" }).waitFor();
    await page.getByRole("button", { name: "Run a macro" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Commands" }).fill("macro");
    await page.keyboard.press("Enter");
    await page.getByRole("combobox", { name: "Run a macro" }).fill("comprobante");
    await page.locator(".command-preview", { hasText: "Label urgente" }).waitFor();
    await takePicture(page, "macro-bar");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.locator(".toast", { hasText: "“Pedir comprobante” is done" }).waitFor();
    expect(await rosa.heard("Hola Rosa, ¿nos envía el comprobante?")).toBe(1);
    await page.reload();
    await page.locator("app-conversation-thread app-message-bubble", { hasText: "¿nos envía el comprobante?" }).waitFor();
    const after = await api.data<{ labels: string[]; assignedAgent: string | null }>(`/conversations/${(await ofRosa()).id}`);
    expect(after.labels).toContain("urgente");
    expect(after.assignedAgent).not.toBeNull();
    await page.getByRole("button", { name: "Run a macro" }).click();
    await page.getByRole("combobox", { name: "Which macro?" }).waitFor();
    await page.keyboard.press("Escape");
    // The same on what is picked in the list.
    await page.locator(".conv-pick").first().click();
    const bar = page.getByRole("toolbar", { name: "What to do with the selected conversations" });
    await bar.getByRole("button", { name: "Run a macro" }).click();
    await page.getByRole("combobox", { name: "Which macro?" }).fill("comprobante");
    await page.locator(".macro-preview", { hasText: "Label urgente" }).waitFor();
    await page.keyboard.press("Enter");
    await until(async () => (await rosa.heard("Hola Rosa, ¿nos envía el comprobante?")) === 2, {
      within: 10_000,
      what: "the macro has run once more",
    });
    expect(visitor.errors()).toEqual([]);
  });

  test("service is promised, and is there after a reload; what a rule names and has gone is told", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await enter(page, "/settings/sla");
    await page.getByRole("button", { name: "New promise" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Urgentes");
    await page.getByRole("combobox", { name: "Priorities" }).selectOption("urgent");
    await page.locator("#sla-resolution").fill("8");
    await page.locator("#sla-resolution").press("Tab");
    await page.getByRole("group", { name: "Resolved within" }).getByLabel("Unit").selectOption("hours");
    await takePicture(page, "sla-form");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".rule-line", { hasText: "first reply within 15 minutes · resolved within 8 hours → Urgent" }).waitFor();
    await page.reload();
    await page.locator(".rule-line", { hasText: "resolved within 8 hours" }).waitFor();
    // A label goes that a rule puts on: whoever looks after the rules is told.
    const labels = await api.data<{ id: string; name: string }[]>("/labels");
    await api.delete(`/labels/${labels.find(({ name }) => name === "urgente")?.id}`);
    await page.goto(`${server.url}/settings/automation`);
    await page.locator(".callout-warning", { hasText: "the label “urgente” does not exist any more" }).waitFor();
    await takePicture(page, "automation-problems");
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(visitor.errors()).toEqual([]);
  });

  async function ofRosa(): Promise<{ id: string }> {
    const all = await api.data<{ id: string; contact: { name: string } }[]>("/conversations");
    const found = all.find(({ contact }) => contact.name === "Rosa Condori");
    if (!found) throw new Error("Rosa has no conversation");
    return found;
  }
});
