/** Every room of the assistant's workshop in both themes, three languages and two widths. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, takePicture, visit, whyNoBrowser } from "./browser";
import { Customer } from "./inbox-actions";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
if (reason) console.log(`browser tests skipped: ${reason}`);
setDefaultTimeout(300_000);
const ROOMS = ["prompts", "goldens", "replays", "runs", "tools", "money"] as const;

describe.skipIf(reason !== null)("the rooms of the workshop", () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    const rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("hola");
    await rosa.heard(/./);
    const api = await new ApiClient(server.url).signIn(server.admin);
    const made = await api.post<{ id: string }>("/assistant/prompts", { name: "Ventas", text: "Eres Inti.\nSé breve." });
    const id = made.body.data.id;
    await api.post(`/assistant/prompts/${id}/publish`, {});
    await api.put(`/assistant/prompts/${id}/draft`, { text: "Eres Inti de {{company.name}}.\nSé breve." });
    await api.post("/assistant/goldens", { name: "Saludo", yaml: 'messages:\n  - "hola"\nexpect:\n  outcome: reply\n' });
    await api.post("/assistant/replays", { last: 5, maxMicros: 1_000_000, prompt: { id, side: "draft" } });
    const url = "https://93.184.216.34/orders";
    await api.post("/assistant/tools", { name: "orders", description: "All open orders", method: "GET", url });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test("are accessible and nothing sticks out", async () => {
    for (const { language, ...look } of [
      ...(["en", "es", "pt"] as const).flatMap((language) => [
        { language, theme: "light" as const },
        { language, theme: "dark" as const },
      ]),
      { language: "es", theme: "dark" as const, size: PHONE },
      { language: "pt", theme: "light" as const, size: PHONE },
    ]) {
      await using visitor = await visit(browser, look);
      const { page } = visitor;
      await page.goto(`${server.url}/studio`);
      await fillSignIn(page, server.admin);
      await page.locator("main.studio h1").waitFor();
      await page.evaluate(`localStorage.setItem("chasqui.language", "${language}")`);
      await page.reload();
      const name = `${look.theme}-${"size" in look ? "phone" : "wide"}-${language}`;
      for (const room of ROOMS) {
        await page.locator(`.studio-tabs a[href="/studio/${room}"]`).click();
        await page.locator(room === "prompts" ? ".bench-choice" : ".studio-room .room-title").waitFor();
        await page.waitForLoadState("networkidle");
        expect({ room, name, faults: await accessibilityFaults(page) }).toEqual({ room, name, faults: [] });
        expect({ room, name, overflow: await sidewaysOverflow(page) }).toEqual({ room, name, overflow: 0 });
        await takePicture(page, `studio-${room}-${name}`);
      }
      expect(visitor.errors()).toEqual([]);
    }
  });
});
