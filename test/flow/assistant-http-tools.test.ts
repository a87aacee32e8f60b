/** Tools an admin defines: a real server on the other side, called once whatever happens, asked for only after the customer's button. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import type { AiTool } from "../../src/features/ai-tools/ai-tool.model";
import type { ToolView } from "../../src/features/ai-tools/ai-tool.schema";
import { fillUrl, readToolAnswer, requestOf, urlProblem } from "../../src/features/ai-tools/tool-request";
import { type ScriptedProvider, startScriptedProvider, toolCall } from "../ai/scripted-provider";
import { createSandboxApp, type SandboxApp } from "../features/channels/sandbox-app";
import { hire } from "../helpers/people";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

interface Asked {
  method: string;
  path: string;
  key: string | null;
  secret: string | null;
  body: unknown;
}
let provider: ScriptedProvider;
let app: SandboxApp;
let shop: ReturnType<typeof Bun.serve>;
let asked: Asked[] = [];
let answer: () => Response | Promise<Response> = () => Response.json({ state: "shipped" });
beforeAll(async () => {
  shop = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const url = new URL(request.url);
      const text = await request.text();
      asked.push({
        method: request.method,
        path: url.pathname + url.search,
        key: request.headers.get("idempotency-key"),
        secret: request.headers.get("x-shop-key"),
        body: text ? JSON.parse(text) : null,
      });
      return answer();
    },
  });
  provider = await startScriptedProvider();
  app = await createSandboxApp({
    env: { ...provider.env, ALLOW_PRIVATE_URLS: `127.0.0.1:${shop.port}` },
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await provider.ai.stop();
  await shop.stop(true);
});
beforeEach(() => {
  asked = [];
  answer = () => Response.json({ state: "shipped" });
});

const define = async (tool: object) => {
  const made = await app.api.post<ToolView>("/assistant/tools", tool);
  expect(made.body).toMatchObject({ success: true });
  return made.body.data;
};
const parameter = (name: string) => ({ name, type: "text", description: "Number of the order", isRequired: true, options: [] });
const base = () => `http://127.0.0.1:${shop.port}`;
const heard = async () => (await app.thread()).filter(({ from }) => from === "business");
const afterwards = async (work: () => Promise<unknown>) => {
  const before = (await heard()).length;
  await work();
  return until(async () => (await heard())[before], { what: "the answer" });
};
const plays = (text: string) => app.plays({ type: "text", text });
const results = () => provider.results();

test("a question to another server: its answer reaches the model, its secret nobody", async () => {
  const made = await define({
    name: "order_status",
    description: "Where an order is. Gives its state.",
    method: "GET",
    url: `${base()}/orders/{order}`,
    parameters: [parameter("order"), { ...parameter("part"), isRequired: false }],
    secretHeader: "X-Shop-Key",
    secret: "shop-secret-4711",
  });
  expect(made).toMatchObject({ hasSecret: true, changes: false });
  answer = () => Response.json({ state: "shipped", echo: "shop-secret-4711" });
  provider.next({ calls: [toolCall("order_status", { order: "../../admin?x=1", part: "b" })] }, { text: "Va en camino." });
  expect((await afterwards(() => plays("¿dónde está mi pedido?"))).content.text).toBe("Va en camino.");
  expect(asked).toMatchObject([{ method: "GET", path: "/orders/..%2F..%2Fadmin%3Fx%3D1?part=b", secret: "shop-secret-4711" }]);
  expect(results()[0]).toContain("shipped");
  for (const place of [
    results(),
    provider.ai.requests,
    await app.api.get("/assistant/runs"),
    await app.api.get("/assistant/tools"),
    await app.api.get("/audit"),
  ])
    expect(JSON.stringify(place)).not.toContain("shop-secret-4711");
});

test("what changes something is called once, though the customer writes again and the turn runs to its end", async () => {
  await define({
    name: "book_visit",
    description: "Books a visit for the customer.",
    method: "POST",
    url: `${base()}/visits`,
    parameters: [parameter("day")],
  });
  answer = async () => {
    await Bun.sleep(300);
    return Response.json({ booked: true });
  };
  provider.next({ calls: [toolCall("book_visit", { day: "lunes" })] }, { text: "Visita agendada." });
  const replied = afterwards(() => plays("agende una visita el lunes"));
  await until(() => asked.length === 1, { what: "the call" });
  // Too late to take it back: this turn is finished, the next answers the rest.
  await plays("¿y cuánto cuesta?");
  expect((await replied).content.text).toBe("Visita agendada.");
  await until(async () => (await heard()).some(({ content }) => content.text.includes("cuánto cuesta")), { what: "the rest" });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: "POST", body: { day: "lunes" } });
  const lines = (await app.messages()).filter(({ type }) => type === "activity").map(({ content }) => content);
  expect(lines.filter((line) => line.includes("book_visit"))).toHaveLength(1);
});

test("a person takes over during the call: what it did is written in the thread, the assistant says nothing", async () => {
  answer = async () => {
    await Bun.sleep(400);
    return Response.json({ booked: true });
  };
  const before = (await heard()).length;
  provider.next({ calls: [toolCall("book_visit", { day: "jueves" })] });
  await plays("mejor el jueves");
  await until(() => asked.length === 1, { what: "the call" });
  await app.send({ text: "Lo veo yo." });
  await Bun.sleep(900);
  expect((await heard()).slice(before).map(({ content }) => content.text)).toEqual(["Lo veo yo."]);
  await until(async () => (await app.messages()).filter(({ content }) => content.includes("used book_visit")).length === 2, {
    what: "the line",
  });
  await app.api.patch(`/conversations/${(await app.conversation()).id}`, { isAIEnabled: true });
});

test("confirm first: nothing is called before the button, once after it, and not at all after a no", async () => {
  const tool = await define({
    name: "cancel_order",
    description: "Cancels an order of the customer.",
    method: "POST",
    url: `${base()}/orders/{order}/cancel`,
    parameters: [parameter("order")],
    confirms: true,
    question: "¿Anulo el pedido {order}?",
  });
  provider.next({ calls: [toolCall("cancel_order", { order: "77" })] });
  const question = await afterwards(() => plays("anule mi pedido 77"));
  expect(question.content.text).toContain("¿Anulo el pedido 77?");
  expect(asked).toEqual([]);
  const [, yes] = /"(ai-confirm:[\w-]+:yes)"/.exec(JSON.stringify(question.content.body)) ?? [];
  expect(yes).toBeTruthy();
  // Words are no button.
  provider.next({ text: "Toque el botón, por favor." });
  await afterwards(() => plays("sí, confirmo"));
  expect(asked).toEqual([]);
  const tap = (id: string) => app.plays({ type: "button_reply", id, title: "Sí, confirmo", replyTo: question.id });
  // A button nobody was sent.
  provider.next({ text: "No lo entendí." });
  await afterwards(() => tap(`ai-confirm:${"x".repeat(22)}:yes`));
  expect(asked).toEqual([]);
  provider.next({ text: "Pedido anulado." });
  expect((await afterwards(() => tap(yes as string))).content.text).toBe("Pedido anulado.");
  expect(asked).toMatchObject([{ method: "POST", path: "/orders/77/cancel" }]);
  expect(provider.asked()).toContain("tool_calls_the_customer_decided_on");
  provider.next({ text: "Ya estaba anulado." });
  await afterwards(() => tap(yes as string));
  expect(asked).toHaveLength(1);

  provider.next({ calls: [toolCall("cancel_order", { order: "78" })] });
  const second = await afterwards(() => plays("anule también el 78"));
  const [, no] = /"(ai-confirm:[\w-]+:no)"/.exec(JSON.stringify(second.content.body)) ?? [];
  provider.next({ text: "Lo dejamos así." });
  await afterwards(() => app.plays({ type: "button_reply", id: no as string, title: "No", replyTo: second.id }));
  provider.next({ text: "Ya no se puede." });
  await afterwards(() => tap((no as string).replace(/:no$/, ":yes")));
  expect(asked).toHaveLength(1);
  expect((await app.api.patch(`/assistant/tools/${tool.id}`, { isEnabled: false })).status).toBe(200);
});

test("a server that fails, is slow or points elsewhere is told to the model, and the customer is answered", async () => {
  const cases: [() => Response | Promise<Response>, string][] = [
    [() => new Response("broken", { status: 500 }), "said no"],
    [() => Response.redirect("http://169.254.169.254/latest"), "said no"],
    [() => new Promise<Response>((resolve) => setTimeout(() => resolve(new Response("late")), 2_000)), "does not answer"],
    [() => new Response("x".repeat(200_000)), "cut"],
  ];
  const [tool] = (await app.api.data<ToolView[]>("/assistant/tools")).filter(({ name }) => name === "order_status");
  await app.api.patch(`/assistant/tools/${tool?.id}`, { timeoutMs: 800 });
  for (const [index, [given, expected]] of cases.entries()) {
    answer = given;
    provider.next({ calls: [toolCall("order_status", { order: `${index}`, part: null })] }, { text: `Respuesta ${index}.` });
    expect((await afterwards(() => plays(`¿y el pedido ${index}?`))).content.text).toBe(`Respuesta ${index}.`);
    expect(results()[0]).toContain(expected);
  }
});

test("what must not be defined is refused: private addresses, taken names, secrets in the open; another host forgets the secret", async () => {
  const tool = { name: "my_tool", description: "Does something useful.", method: "GET", url: "http://10.0.0.1/x" };
  expect(await app.api.post("/assistant/tools", tool)).toMatchObject({ status: 422, body: { code: "url.refused" } });
  const refused = async (more: object) =>
    expect((await app.api.post("/assistant/tools", { ...tool, url: `${base()}/x`, ...more })).status).toBeGreaterThan(399);
  await refused({ name: "hand_off" });
  await refused({ name: "order_status" });
  await refused({ headers: { authorization: "Bearer x" } });
  await refused({ url: `${base()}/{unknown}` });
  await refused({ url: "http://{host}/x", parameters: [parameter("host")] });
  await refused({ confirms: true });
  await refused({ secret: "abcdef" });
  const [shopTool] = (await app.api.data<ToolView[]>("/assistant/tools")).filter(({ name }) => name === "order_status");
  const path = `/assistant/tools/${shopTool?.id}`;
  const tried = await app.api.post<{ ok: boolean }>(`${path}/test`, { args: { order: "9" } });
  expect(tried.body.data).toMatchObject({ ok: true, result: { status: 200, data: { state: "shipped" } } });
  const moved = await app.api.patch<ToolView>(path, { url: "https://example.com/{order}" });
  if (moved.status === 200) expect(moved.body.data.hasSecret).toBe(false);
  const agent = await hire(app, { email: "ines@example.com", role: "agent" });
  expect((await agent.api.get("/assistant/tools")).status).toBe(403);
});

test("addresses: a value never changes where a call leads", () => {
  expect(fillUrl("https://a.test/{x}/y", { x: "a/b?c#d" })).toBe("https://a.test/a%2Fb%3Fc%23d/y");
  expect(fillUrl("https://a.test/{x}", { x: ".." })).toBeNull();
  expect(urlProblem("https://{x}.a.test/", [{ name: "x" }])).toContain("behind its host");
  expect(urlProblem("https://a.test/{x}", [{ name: "x" }])).toBeNull();
  expect(urlProblem("ftp://a.test", [])).not.toBeNull();
  const tool = {
    method: "POST",
    url: "https://a.test/{x}",
    headers: {},
    secretHeader: "X-Key",
    timeoutMs: 1,
  } as unknown as AiTool;
  expect(requestOf(tool, { x: "1", y: 2 }, "s3cret", "id")).toMatchObject({
    url: "https://a.test/1",
    request: { body: '{"y":2}', headers: { "x-key": "s3cret", "idempotency-key": "id" }, maxRedirects: 0 },
  });
  const said = { status: 200, headers: new Headers(), url: "", body: new TextEncoder().encode("my s3cret") };
  expect(readToolAnswer(said, "s3cret")).toEqual({ ok: true, result: { status: 200, data: "my [secret]" } });
});
