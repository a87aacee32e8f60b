/** The sandbox as a playground: other kinds of messages, buttons that are tapped, reactions, chaos. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { accessibilityFaults, launch, takePicture, visit, whyNoBrowser } from "./browser";
import { choosePhone, onPhone, openSandbox, switchIs } from "./sandbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
setDefaultTimeout(300_000);

describe.skipIf(reason !== null)("the sandbox page", () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test("the customer sends other kinds, taps a button and reacts; a knob of chaos is turned, stays, and is calmed", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openSandbox(page, server.url, server.admin);
    await choosePhone(page, "Luna");
    for (const kind of ["Photo", "Location", "Order"]) {
      await page.getByRole("button", { name: "Send something else" }).click();
      await page.getByRole("menuitem", { name: kind, exact: true }).click();
      await page
        .locator(`app-conversation-thread [data-type="${kind === "Photo" ? "image" : kind.toLowerCase()}"]`)
        .first()
        .waitFor();
    }
    await page.getByRole("button", { name: "Buttons or a list" }).click();
    await page.getByLabel("Message", { exact: true }).fill("¿Cómo prefiere pagar?");
    await page.getByLabel("Choice 1", { exact: true }).fill("Tarjeta");
    await page.locator("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await page.locator("app-fake-phone").getByRole("button", { name: "Tarjeta" }).click();
    await page.locator('app-conversation-thread [data-role="user"]', { hasText: "Tarjeta" }).waitFor();
    const offer = onPhone(page, "business", "¿Cómo prefiere pagar?");
    await offer.hover();
    await offer.getByRole("button", { name: "React" }).click();
    await page.getByRole("menuitem", { name: "❤️" }).click();
    await page.locator("app-conversation-thread .reactions", { hasText: "❤️" }).waitFor();
    await page.getByText("Chaos", { exact: true }).click();
    await page.getByRole("switch", { name: "Numbers are hidden" }).click();
    await switchIs(page.getByRole("switch", { name: "Numbers are hidden" }), true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "sandbox-play");
    await page.reload();
    await page.getByText("Chaos", { exact: true }).click();
    await switchIs(page.getByRole("switch", { name: "Numbers are hidden" }), true);
    await page.getByRole("button", { name: "All back to normal" }).click();
    await switchIs(page.getByRole("switch", { name: "Numbers are hidden" }), false);
    expect(visitor.errors()).toEqual([]);
  });
});
