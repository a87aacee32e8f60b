/**
 * Notifications from end to end, but for the vendor's push service in the middle: this device is turned on in the real page, the real
 * server sends to a push service of the test, what arrives there is opened with the keys of the device and handed to the real worker
 * behind the page as the browser would hand it; the worker shows it, and a click leads to the conversation.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, BrowserContext, CDPSession, Page, Worker } from "playwright-core";
import { type PushBrowser, type PushReceiver, pushBrowser, startPushReceiver } from "../features/push/push-receiver";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, takePicture, visit, whyNoBrowser } from "./browser";
import { bubble, Customer, openInbox } from "./inbox-actions";

const reason = whyNoBrowser();

interface Notice {
  title: string;
  body: string;
  tag: string;
  url: string;
}

/** The part of the browser that headless Chromium lacks: a push service to subscribe with. What the page asks of it is kept. */
const pushServiceFor = (device: Pick<PushBrowser, "endpoint" | "keys">): string => `{
  const { endpoint, keys } = ${JSON.stringify({ endpoint: device.endpoint, keys: device.keys })};
  const subscription = {
    endpoint,
    toJSON: () => ({ endpoint, keys }),
    unsubscribe: async () => { localStorage.removeItem("test.subscribed"); return true; },
  };
  PushManager.prototype.subscribe = async (options) => {
    localStorage.setItem("test.subscribed", JSON.stringify(options));
    return subscription;
  };
  PushManager.prototype.getSubscription = async () =>
    localStorage.getItem("test.subscribed") === null ? null : subscription;
}`;

/** What the worker shows now. */
const shown = (worker: Worker): Promise<{ title: string; body: string; tag: string; url: string }[]> =>
  worker.evaluate(
    `self.registration.getNotifications().then((all) => all.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url })))`,
  );

/** A click on the newest notification: no protocol can make one, so the worker is told of it as the browser would tell it. */
const click = (worker: Worker): Promise<void> =>
  worker.evaluate(`self.registration.getNotifications().then(([notification]) => {
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  })`);

/** The window that a click opens needs a person's hand; what was asked for is kept instead. */
const keepOpened = (worker: Worker): Promise<void> =>
  worker.evaluate(
    `{ self.opened = []; self.clients.openWindow = async (url) => { self.opened.push(url); return null; }; undefined }`,
  );

async function registrationOf(session: CDPSession, origin: string): Promise<string> {
  let found: string | undefined;
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    found = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(origin) && !isDeleted)?.registrationId ?? found;
  });
  await session.send("ServiceWorker.enable");
  return until(() => found, { what: "the registration of the worker" });
}

describe.skipIf(reason !== null)("notifications of this device", () => {
  let browser: Browser;
  let service: PushReceiver;
  let device: PushBrowser;
  let server: ServerProcess;
  let rosa: Customer;

  beforeAll(async () => {
    service = startPushReceiver();
    [browser, server, device] = await Promise.all([
      launch(),
      startServer({ env: { ALLOW_PRIVATE_URLS: `127.0.0.1:${service.port}` } }),
      pushBrowser(service),
    ]);
    rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("hola");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    service?.stop();
  });

  const nextNotice = async (): Promise<Notice> => {
    await until(() => service.received.length > 0, { within: 15_000, what: "a message at the push service" });
    const [first] = service.received.splice(0, 1);
    return (await device.read(first as NonNullable<typeof first>)) as Notice;
  };
  const workerOf = (context: BrowserContext): Promise<Worker> => until(() => context.serviceWorkers()[0], { what: "the worker" });
  const toggle = (page: Page) => page.getByRole("switch", { name: "On this device" });

  test("turned on in the account, told while no window is open, shown by the worker, and a click leads to the conversation", async () => {
    await using visitor = await visit(browser, { hasWorker: true });
    const { page, context } = visitor;
    await context.grantPermissions(["notifications"], { origin: server.url });
    await context.addInitScript({ content: `if (location.protocol === "http:") ${pushServiceFor(device)}` });
    await openInbox(page, server);
    await until(() => page.evaluate("navigator.serviceWorker.controller !== null"), { within: 15_000, what: "the worker" });
    await page.goto(`${server.url}/settings/account`);
    await toggle(page).click();
    await toggle(page).and(page.locator('[aria-checked="true"]')).waitFor();
    const asked = JSON.parse((await page.evaluate<string>("localStorage.getItem('test.subscribed')")) ?? "null");
    expect(asked).toEqual({ userVisibleOnly: true, applicationServerKey: expect.stringMatching(/^[\w-]{87}$/) });
    await page.getByRole("button", { name: "Send a test" }).click();
    // Signed with the very key the browser was given: another one a push service would refuse.
    await until(() => service.received.length > 0, { what: "the test message" });
    expect(service.received[0]?.headers.get("authorization")).toContain(`k=${asked.applicationServerKey}`);
    expect(await nextNotice()).toMatchObject({ title: "Notifications work", body: "Chasqui", url: "/" });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator("app-push-switch").scrollIntoViewIfNeeded();
    await takePicture(page, "push-switch");
    // It stays after a reload.
    await page.reload();
    await toggle(page).and(page.locator('[aria-checked="true"]')).waitFor();

    // Who looks at the inbox is not told: only after the last window has gone.
    const api = await new ApiClient(server.url).signIn(server.admin);
    const conversation = (await api.data<{ id: string }[]>("/conversations"))[0]?.id ?? "";
    const me = (await api.data<{ id: string }>("/auth/me")).id;
    await api.post(`/conversations/${conversation}/actions`, { actions: [{ do: "assign", agent: me }] });
    const worker = await workerOf(context);
    await keepOpened(worker);
    const session = await context.newCDPSession(page);
    const registrationId = await registrationOf(session, server.url);
    const deliver = (data: string) =>
      session.send("ServiceWorker.deliverPushMessage", { origin: server.url, registrationId, data });
    await page.goto("about:blank");
    await until(
      async () => {
        await rosa.say("¿siguen abiertos?");
        await Bun.sleep(300);
        return service.received.length > 0;
      },
      { within: 20_000, what: "the first message that finds nobody" },
    );
    const notice = await nextNotice();
    expect(notice).toEqual({
      title: expect.stringContaining("Rosa Condori"),
      body: "¿siguen abiertos?",
      tag: `conversation-${conversation}`,
      url: `/conversations/${conversation}`,
    });

    await deliver(JSON.stringify(notice));
    await until(async () => (await shown(worker)).length > 0, { what: "the notification" });
    expect(await shown(worker)).toEqual([notice]);
    // The next one of the same conversation takes its place.
    await deliver(JSON.stringify({ ...notice, body: "¿hola?" }));
    await until(async () => (await shown(worker))[0]?.body === "¿hola?", { what: "the newer notification" });
    expect((await shown(worker)).length).toBe(1);
    // Nonsense from a push service shows nothing and breaks nothing.
    await deliver("not JSON");
    await deliver("null");
    await click(worker);
    await until(() => worker.evaluate<number>("self.opened.length"), { what: "the window" });
    expect(await worker.evaluate("self.opened")).toEqual([`/conversations/${conversation}`]);
    expect(await shown(worker)).toEqual([]);
    await page.goto(`${server.url}${notice.url}`);
    await bubble(page, "user", "¿siguen abiertos?").first().waitFor();
    expect(visitor.errors()).toEqual([]);

    // Where a window is open already, it goes there by itself and nothing else is opened.
    await page.goto("about:blank");
    await until(() => worker.evaluate("self.clients.matchAll({ type: 'window' }).then(({ length }) => length === 0)"), {
      what: "the last window to be gone for the worker, too",
    });
    await deliver(JSON.stringify(notice));
    await until(async () => (await shown(worker)).length > 0, { what: "the notification" });
    await page.goto(`${server.url}/contacts`);
    await page.getByRole("heading", { name: "Contacts" }).waitFor();
    await until(() => page.evaluate("navigator.serviceWorker.controller !== null"), { what: "the worker" });
    await click(worker);
    await page.waitForURL(`**/conversations/${conversation}`);
    await bubble(page, "user", "¿siguen abiertos?").first().waitFor();
    expect(await worker.evaluate("self.opened.length")).toBe(1);

    // A window that cannot hear yet, here a bare file, is led there by its address.
    await page.goto("about:blank");
    await until(() => worker.evaluate("self.clients.matchAll({ type: 'window' }).then(({ length }) => length === 0)"), {
      what: "the last window to be gone for the worker, too",
    });
    await deliver(JSON.stringify({ ...notice, tag: "starting" }));
    await until(async () => (await shown(worker)).length > 0, { what: "the notification" });
    const other = await context.newPage();
    await other.goto(`${server.url}/icon.svg`);
    const hasOther = `self.clients.matchAll({ type: "window" }).then((all) => all.some(({ url }) => url.endsWith("icon.svg")))`;
    await until(() => worker.evaluate<boolean>(hasOther), { what: "a window that hears nothing" });
    await click(worker);
    await other.waitForURL(`**/conversations/${conversation}`);
    await bubble(other, "user", "¿siguen abiertos?").first().waitFor();
    expect(await worker.evaluate("self.opened.length")).toBe(1);
    await other.close();
    await page.goto(`${server.url}/conversations/${conversation}`);
    await bubble(page, "user", "¿siguen abiertos?").first().waitFor();

    // What is being looked at is not told of.
    await deliver(JSON.stringify({ ...notice, tag: "looked-at" }));
    await deliver(JSON.stringify({ ...notice, tag: "looked-at-2" }));
    await Bun.sleep(500);
    expect(await shown(worker)).toEqual([]);

    // Turned off: the server has forgotten it.
    await page.goto(`${server.url}/settings/account`);
    await toggle(page).click();
    await toggle(page).and(page.locator('[aria-checked="false"]')).waitFor();
    expect((await api.post<{ sent: number; failed: number }>("/push/test")).body.data).toEqual({ sent: 0, failed: 0 });
    expect(visitor.errors()).toEqual([]);
  }, 120_000);
});
