/** What the pages do when something is missing: the server away and back, the sandbox switched off, an address that leads nowhere. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, takePicture, untilTrue, visit, whyNoBrowser } from "./browser";
import { choosePhone, fillSignIn, inThread, onPhone, openSandbox, replyAsAgent, writeOnPhone } from "./sandbox-actions";

const reason = whyNoBrowser();

describe.skipIf(reason !== null)("when something is missing", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test("the server goes away and comes back: nothing typed is lost, what was missed appears, nobody signs in again", async () => {
    using directory = tempDir();
    const first = await startServer({ dataDir: directory.path });
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openSandbox(page, first.url, first.admin);
    await choosePhone(page, "Rosa");
    await writeOnPhone(page, "antes");
    await inThread(page, "user", "antes").waitFor();

    await first.kill();
    await page.getByText("Reconnecting…").waitFor();
    await replyAsAgent(page, "escrito sin servidor");
    await page.locator("app-pending-bubble").waitFor();
    await writeOnPhone(page, "después");
    await page.getByRole("button", { name: "Send again" }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    // The signs of trouble are drawn although nothing can be fetched any more.
    expect(await page.evaluate("document.querySelector('.pill use').getBoundingClientRect().width")).toBeGreaterThan(5);
    await takePicture(page, "server-gone");

    await using second = await startServer({ dataDir: directory.path, env: { PORT: new URL(first.url).port } });
    expect(second.url).toBe(first.url);
    await page.getByText("Reconnecting…").waitFor({ state: "detached" });
    const again = page.getByRole("button", { name: "Send again" });
    while ((await again.count()) > 0) {
      const left = await again.count();
      await again.first().click();
      await untilTrue(
        page,
        `[...document.querySelectorAll("button")].filter((one) => one.textContent.trim() === "Send again").length < ${left}`,
      );
    }
    await inThread(page, "user", "después").waitFor();
    await onPhone(page, "business", "escrito sin servidor").waitFor();
    expect(await inThread(page, "operator", "escrito sin servidor").count()).toBe(1);
    expect(await inThread(page, "user", "después").count()).toBe(1);
    expect(visitor.errors(/ERR_CONNECTION_|WebSocket/)).toEqual([]);
  });

  test("a token that runs out while somebody types is renewed, and the words arrive", async () => {
    await using server = await startServer({ env: { ACCESS_TOKEN_TTL: "1s" } });
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openSandbox(page, server.url, server.admin);
    const watch = await new ApiClient(server.url).signIn(server.admin);
    await page.getByLabel(/^Write as /).fill("escrito mientras caducaba");
    // A token signed in later than the page's own is refused: so is the page's.
    await until(async () => (await watch.get("/auth/me")).status === 401, { what: "the token to run out" });
    await page.getByLabel(/^Write as /).press("Enter");
    await inThread(page, "user", "escrito mientras caducaba").waitFor();
    expect(page.url()).toContain("/sandbox");
    expect(visitor.errors(/401/)).toEqual([]);
  });

  test("with the sandbox off the page says so", async () => {
    await using server = await startServer({ env: { SANDBOX: "off" } });
    await using visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(`${server.url}/sandbox`);
    await fillSignIn(page, server.admin);
    await page.getByRole("heading", { name: "The sandbox is off" }).waitFor();
    expect(await page.locator("main").textContent()).toContain("SANDBOX=on");
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "sandbox-off");

    await page.goto(`${server.url}/no/such/page`);
    await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "missing-page");
    expect(visitor.errors(/404/)).toEqual([]);
  });
});
