/** The pages beside the inbox: contacts, settings, one's account. What is changed there is there after a reload. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, takePicture, visit, whyNoBrowser } from "./browser";
import { Customer } from "./inbox-actions";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();

describe.skipIf(reason !== null)("the pages beside the inbox", () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    for (const name of ["Rosa Condori", "María Fernanda Quispe Huamán"]) await (await Customer.create(server, name)).say("hola");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const open = async (page: Page, path: string) => {
    await page.goto(`${server.url}${path}`);
    await fillSignIn(page, server.admin);
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
  };

  test("a contact is found, changed where it stands, labelled and noted; all of it is there after a reload", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await open(page, "/contacts");
    await page.getByRole("link", { name: "Rosa Condori" }).waitFor();
    await page.getByLabel("Search name, number, e-mail, company").fill("fernanda");
    await until(async () => (await page.locator("tbody tr").count()) === 1, { what: "one contact" });
    await takePicture(page, "contacts");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("link", { name: /María Fernanda/ }).click();
    await page.getByRole("button", { name: /^Company/ }).click();
    await page.getByRole("textbox", { name: "Company" }).fill("Telares Puno");
    await page.getByRole("textbox", { name: "Company" }).press("Enter");
    await page.getByRole("button", { name: "Company: Telares Puno" }).waitFor();
    await page.getByLabel("Write a note about this contact").fill("Prefiere la mañana");
    await page.getByRole("button", { name: "Add", exact: true }).first().click();
    await page.locator(".note-card", { hasText: "Prefiere la mañana" }).waitFor();
    await page.getByRole("switch", { name: "Wants marketing messages" }).click();
    await page.locator('[role=switch][aria-checked="true"][aria-labelledby=contact-consent]').waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Company: Telares Puno" }).waitFor();
    await page.locator(".note-card", { hasText: "Prefiere la mañana" }).waitFor();
    await page.locator('[role=switch][aria-checked="true"][aria-labelledby=contact-consent]').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "contact");
    expect(visitor.errors()).toEqual([]);
  });

  test("what is set stays: labels, hours, a canned reply, general settings, an invitation, a key", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await open(page, "/settings/labels");
    await page.getByLabel("Name of the new label").fill("VIP");
    await page.locator("section", { hasText: "Labels" }).first().getByRole("button", { name: "Add", exact: true }).click();
    await page.locator(".chip", { hasText: "vip" }).waitFor();
    await page.goto(`${server.url}/settings/hours`);
    await page.getByRole("button", { name: "New schedule" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Oficina");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".row-line", { hasText: "Oficina" }).waitFor();
    await page.goto(`${server.url}/settings/replies`);
    await page.getByLabel("What is typed after the slash").fill("saludo");
    await page.getByLabel("Title").fill("Saludo");
    await page.getByLabel("Message", { exact: true }).fill("Hola {{contact.first_name}}");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".row-line", { hasText: "/saludo" }).waitFor();
    await page.goto(`${server.url}/settings/rules`);
    const away = page.locator('form[data-group="away"]');
    await away.getByRole("switch").click();
    await away.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.goto(`${server.url}/settings/people`);
    await page.locator("#invite-email").fill("killa@example.com");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await page.getByText("killa@example.com").waitFor();
    // The next one is not made an administrator by accident.
    expect(await page.locator("#invite-role").inputValue()).toBe("agent");
    await page.getByTestId("invitation-link").waitFor();
    await page.goto(`${server.url}/settings/keys`);
    await page.getByLabel("Name", { exact: true }).fill("Tienda");
    await page.getByLabel("contacts.read").check();
    await page.getByRole("button", { name: "New API key" }).click();
    await page.getByTestId("api-key").waitFor();
    for (const [room, text] of [
      ["labels", "vip"],
      ["hours", "Oficina"],
      ["replies", "/saludo"],
      ["people", "killa@example.com"],
      ["keys", "Tienda"],
      ["audit", "settings.update"],
    ] as const) {
      await page.goto(`${server.url}/settings/${room}`);
      await page.locator(".settings-room", { hasText: text }).waitFor();
    }
    await page.goto(`${server.url}/settings/rules`);
    await page.locator('form[data-group="away"] [role=switch][aria-checked="true"]').waitFor();
    expect(visitor.errors()).toEqual([]);
  });
});
