/** The pages of contacts in every look there is: both themes, three languages, wide and on a phone; nothing for axe to find, nothing sticks out. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, WIDE, whyNoBrowser } from "./browser";
import { Customer } from "./inbox-actions";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
setDefaultTimeout(300_000);

const LONG = "Wolfeschlegelsteinhausenbergerdorff Quispe Huamán de la Santísima Trinidad";

describe.skipIf(reason !== null)("the pages of contacts", () => {
  let browser: Browser;
  let server: ServerProcess;
  let rosa: string;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    for (const name of ["Rosa Condori", LONG, "مريم حسن"]) await (await Customer.create(server, name)).say("hola");
    const api = await new ApiClient(server.url).signIn(server.admin);
    await api.post("/labels", { name: "mayorista" });
    await api.post("/labels", { name: "pago pendiente" });
    const all = await api.data<{ id: string; name: string }[]>("/contacts");
    rosa = all.find(({ name }) => name === "Rosa Condori")?.id ?? "";
    for (const { id, name } of all) {
      const change = { company: name === LONG ? LONG : "Telares Puno", labels: ["mayorista", "pago pendiente"] };
      expect((await api.patch(`/contacts/${id}`, change)).status).toBe(200);
    }
    await api.post(`/contacts/${rosa}/notes`, { text: "Prefiere la mañana. Paga al contado." });
    await api.post(`/contacts/${rosa}/block`, {});
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const LOOKS = (["en", "es", "pt"] as const).flatMap((language) =>
    (["light", "dark"] as const).flatMap((theme) => [
      { language, theme, size: WIDE, width: "wide" },
      { language, theme, size: PHONE, width: "phone" },
    ]),
  );

  async function isFine(page: Page, name: string): Promise<void> {
    await page.waitForLoadState("networkidle");
    await takePicture(page, `contacts-${name}`);
    expect({ name, faults: await accessibilityFaults(page) }).toEqual({ name, faults: [] });
    expect({ name, overflow: await sidewaysOverflow(page) }).toEqual({ name, overflow: 0 });
  }

  test.each(LOOKS)("$language, $theme, $width", async ({ language, theme, size, width }) => {
    await using visitor = await visit(browser, { theme, size });
    const { page } = visitor;
    const look = `${theme}-${width}-${language}`;
    await page.goto(`${server.url}/contacts`);
    await fillSignIn(page, server.admin);
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
    await page.evaluate(`localStorage.setItem("chasqui.language", "${language}")`);
    await page.reload();
    await page.locator(`html[lang="${language}"] tbody tr`).first().waitFor();
    await isFine(page, `list-${look}`);

    const saved = page.waitForEvent("download");
    await page.locator('.page-head button:has(use[href="#i-download"])').click();
    expect((await saved).suggestedFilename()).toBe("contacts.csv");

    await page.locator(".page-head .btn-primary").click();
    await page.locator("#new-name").fill("Killa");
    await page.locator("#new-phone").fill("123");
    await page.locator("dialog .btn-primary").click();
    await page.locator("dialog [role=alert]").waitFor();
    await isFine(page, `new-${look}`);
    await page.keyboard.press("Escape");

    await page.locator('.page-head button:has(use[href="#i-upload"])').click();
    await page.locator("#import-file").setInputFiles({
      name: "clientes.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("name,phone,city\nKilla Quispe,+51900000733,Puno\nSin número,abc,\n"),
    });
    await page.locator("dialog .btn-primary").click();
    await page.locator("dialog .chip-danger").waitFor();
    await isFine(page, `import-${look}`);
    await page.keyboard.press("Escape");

    await page.locator("input[type=search]").fill("nobody is called that");
    await page.locator(".empty h2").waitFor();
    await isFine(page, `none-${look}`);

    await page.goto(`${server.url}/contacts/${rosa}`);
    await page.locator(".note-card").waitFor();
    await isFine(page, `one-${look}`);
    await page.locator(".context-labels app-menu-button > button").click();
    await page.locator("[role=menuitemcheckbox]").first().waitFor();
    await isFine(page, `labels-${look}`);
    await page.keyboard.press("Escape");

    await page.goto(`${server.url}/contacts/0123456789abcdef01234567`);
    await page.locator("main.sheet [role=alert], main.sheet .failure, main.sheet .empty").first().waitFor();
    await isFine(page, `gone-${look}`);
    expect(visitor.errors(/400|404|422/)).toEqual([]);
  });
});
