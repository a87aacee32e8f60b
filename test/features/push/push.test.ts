/** Notifications, against a push service of the test: who is told of what, in which words, and that only the browser can read them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ApiClient } from "../../helpers/api-client";
import { type Colleague, hire } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { type PushBrowser, type PushReceiver, pushBrowser, startPushReceiver } from "./push-receiver";

setDefaultTimeout(30_000);

describe("notifications", () => {
  let app: TestApp;
  let service: PushReceiver;
  let pedro: Colleague;
  let phone: PushBrowser;
  let conversation: string;

  const write = async (text: string): Promise<void> => {
    await app.receive({ from: "51900000001", id: `wamid.${crypto.randomUUID()}`, text });
  };
  const subscribe = (api: ApiClient, browser: PushBrowser, change: object = {}) =>
    api.put<{ kinds: string[] }>("/push/devices", {
      endpoint: browser.endpoint,
      keys: browser.keys,
      kinds: ["mention", "assignment", "message"],
      language: "es",
      ...change,
    });
  const next = async () => {
    await until(() => service.received.length > 0, { what: "a notification" });
    const [first] = service.received.splice(0, 1);
    return phone.read(first!);
  };

  beforeAll(async () => {
    service = startPushReceiver();
    app = await createTestApp({ env: { ALLOW_PRIVATE_URLS: `127.0.0.1:${service.port}` } });
    pedro = await hire(app, { email: "pedro@example.com", role: "agent" });
    await write("hola");
    await until(async () => (await app.api.data<{ id: string }[]>("/conversations")).length > 0, { what: "the conversation" });
    conversation = (await app.api.data<{ id: string }[]>("/conversations"))[0]!.id;
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
    service?.stop();
  });
  beforeEach(async () => {
    service.received.length = 0;
    service.answer = 201;
    phone = await pushBrowser(service);
    expect((await subscribe(pedro.api, phone)).status).toBe(200);
  });

  afterEach(async () => {
    await pedro.api.call("DELETE", "/push/devices", { endpoint: phone.endpoint });
  });

  test("a mention, an assignment and what the customer writes then: each in the device's language, readable by it alone", async () => {
    await app.api.post(`/conversations/${conversation}/notes`, { text: "¿Puedes verlo?", mentions: [pedro.id] });
    expect(await next()).toMatchObject({
      title: expect.stringMatching(/^Te mencionaron: /),
      body: "¿Puedes verlo?",
      url: `/conversations/${conversation}`,
    });
    await app.api.post(`/conversations/${conversation}/actions`, { actions: [{ do: "assign", agent: pedro.id }] });
    expect(await next()).toMatchObject({ title: expect.stringMatching(/^Te asignaron: /) });
    await write("¿Siguen abiertos?");
    expect(await next()).toMatchObject({ body: "¿Siguen abiertos?", tag: `conversation-${conversation}` });
  });

  test("nobody is told of what they have not asked for, nor of what they do themselves", async () => {
    await subscribe(pedro.api, phone, { kinds: ["mention"] });
    await app.api.post(`/conversations/${conversation}/actions`, { actions: [{ do: "assign", agent: null }] });
    await app.api.post(`/conversations/${conversation}/actions`, { actions: [{ do: "assign", agent: pedro.id }] });
    await pedro.api.post(`/conversations/${conversation}/notes`, { text: "nota mía", mentions: [pedro.id] });
    await app.api.post(`/conversations/${conversation}/notes`, { text: "para Pedro", mentions: [pedro.id] });
    // Events are told in their order: what comes first was the first that was wanted.
    expect(await next()).toMatchObject({ body: "para Pedro" });
    expect(service.received).toEqual([]);
  });

  test("a browser that is gone is forgotten, and so is one whose session has ended", async () => {
    service.answer = 410;
    expect((await pedro.api.post<{ sent: number; failed: number }>("/push/test")).body.data).toEqual({ sent: 0, failed: 1 });
    service.answer = 201;
    expect((await pedro.api.post<{ sent: number; failed: number }>("/push/test")).body.data).toEqual({ sent: 0, failed: 0 });

    const other = await new ApiClient(app.url).signIn({ email: pedro.email, password: "another horse battery" });
    await subscribe(other, phone);
    await app.api.post(`/agents/${pedro.id}/sign-out`);
    const again = await new ApiClient(app.url).signIn({ email: pedro.email, password: "another horse battery" });
    await until(
      async () => {
        const { sent, failed } = (await again.post<{ sent: number; failed: number }>("/push/test")).body.data;
        return sent + failed === 0;
      },
      { what: "the device to be forgotten" },
    );
    pedro = { ...pedro, api: again };
  });

  test("a push service on our own network is not called", async () => {
    const inner = await pushBrowser({ port: 9 } as PushReceiver);
    await subscribe(pedro.api, inner);
    expect((await pedro.api.post<{ sent: number; failed: number }>("/push/test")).body.data.failed).toBeGreaterThan(0);
    const removed = await pedro.api.call<{ removed: boolean }>("DELETE", "/push/devices", { endpoint: inner.endpoint });
    expect(removed.body.data).toEqual({ removed: true });
  });
});
