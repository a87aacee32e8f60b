/** The app without a network: it opens, shows what was read last, keeps what is written and sends it when the line is back; and what it takes to install it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { launch, takePicture, visit, whyNoBrowser } from "./browser";
import { bubble, Customer, openConversation, openInbox, reply, row } from "./inbox-actions";

const reason = whyNoBrowser();

describe.skipIf(reason !== null)("without a network", () => {
  let browser: Browser;
  let server: ServerProcess;
  let rosa: Customer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("hola");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test("the app opens, shows the conversations that were read, and sends later what is written meanwhile", async () => {
    await using visitor = await visit(browser, { hasWorker: true });
    const { page, context } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await bubble(page, "user", "hola").waitFor();
    await until(() => page.evaluate("navigator.serviceWorker.controller !== null"), { within: 15_000, what: "the worker" });
    // With the worker in its place, everything that is read goes through its hands.
    await page.reload();
    await bubble(page, "user", "hola").waitFor();
    await until(
      () => page.evaluate("caches.open('chasqui-files-1').then((all) => all.keys()).then(({ length }) => length > 12)"),
      { within: 15_000, what: "the files to be kept" },
    );
    await context.setOffline(true);
    await page.reload();
    await row(page, "Rosa Condori").waitFor();
    await bubble(page, "user", "hola").waitFor();
    await page.locator(".pill").waitFor();
    await takePicture(page, "offline-reading");
    await reply(page, "escrito sin red");
    await page.locator("app-pending-bubble", { hasText: "escrito sin red" }).waitFor();
    await context.setOffline(false);
    expect(await rosa.heard("escrito sin red")).toBe(1);
    await bubble(page, "operator", "escrito sin red").waitFor();
    await until(async () => (await page.locator("app-pending-bubble").count()) === 0, { what: "nothing to be pending" });
    expect(visitor.errors(/ERR_INTERNET_DISCONNECTED|Failed to load resource|WebSocket connection/)).toEqual([]);
  });

  test("what was read is gone with the sign-out", async () => {
    await using visitor = await visit(browser, { hasWorker: true });
    const { page, context } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await until(() => page.evaluate("navigator.serviceWorker.controller !== null"), { within: 15_000, what: "the worker" });
    await page.reload();
    await bubble(page, "user", "hola").waitFor();
    const kept = () => page.evaluate("caches.has('chasqui-data-1')");
    await until(kept, { what: "something to be kept" });
    await page.locator(".agent-button").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Welcome back" }).waitFor();
    await until(async () => !(await kept()), { what: "it to be gone" });
    await context.setOffline(true);
    await page.goto(`${server.url}/conversations`).catch(() => undefined);
    await page.getByRole("heading", { name: "Welcome back" }).waitFor();
    expect(await page.getByText("Rosa Condori").count()).toBe(0);
  });

  test("it can be installed: a manifest with icons that exist, a worker, and a switch for notifications that says when it may not", async () => {
    const manifest = (await (await fetch(`${server.url}/manifest.webmanifest`)).json()) as {
      icons: { src: string }[];
      start_url: string;
    };
    for (const { src } of manifest.icons) {
      const icon = await fetch(`${server.url}${src}`);
      expect([src, icon.status, icon.headers.get("content-type")]).toEqual([src, 200, "image/svg+xml"]);
    }
    const worker = await fetch(`${server.url}/sw.js`);
    expect(worker.headers.get("cache-control")).toBe("no-cache");
    await using visitor = await visit(browser, { hasWorker: true });
    const { page } = visitor;
    await openInbox(page, server, "/conversations");
    await page.goto(`${server.url}/settings/account`);
    await page.locator("app-push-switch").getByRole("switch", { name: "On this device" }).waitFor();
    const found = await page.evaluate("document.querySelector('link[rel=manifest]').href");
    expect(found).toBe(`${server.url}/manifest.webmanifest`);
    expect(visitor.errors()).toEqual([]);
  });
});
