/** Templates over HTTP against the sandbox's Graph API: WhatsApp owns them, our copy follows, and what does not fit is told before it is sent. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView, MessageView, TemplateView } from "../../../src/events/view";
import { until } from "../../helpers/until";
import { createSandboxApp, type SandboxApp } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

const find = async (app: SandboxApp, name: string) =>
  (await app.api.data<TemplateView[]>(`/templates?name=${name}`)).find((one) => one.name === name);
const channelOf = async (app: SandboxApp) => (await app.api.data<ChannelView[]>("/channels"))[0]?.id ?? "";
const remove = async (app: SandboxApp, path: string) =>
  (await fetch(`${app.url}/api/v2${path}`, { method: "DELETE", headers: { authorization: `Bearer ${app.api.token}` } })).status;

const body = (text: string, examples?: string[]) => ({
  type: "BODY",
  text,
  ...(examples ? { example: { body_text: [examples] } } : {}),
});

test("after the start the templates are here by themselves, with their variables and examples", async () => {
  await using app = await createSandboxApp();
  const greeting = await until(() => find(app, "saludo_inicial"));
  expect(greeting).toMatchObject({
    status: "APPROVED",
    language: "es",
    footer: "Responde a este mensaje para continuar",
    variables: [
      { part: "body", name: "1", example: "Rosa" },
      { part: "body", name: "2", example: "tu pedido" },
    ],
  });
  const preview = await app.api.post(`/templates/${greeting.id}/preview`, { body: { 1: "Luis $& {{2}}" } });
  expect(preview.body.data).toMatchObject({
    body: "Hola Luis $& {{2}}, seguimos con tu consulta sobre {{2}}. ¿Te viene bien ahora?",
    missing: ["body.2"],
  });
  const first = await app.api.get<TemplateView[]>("/templates?limit=1");
  const next = await app.api.get<TemplateView[]>(`/templates?limit=1&cursor=${first.body.page?.next}`);
  expect(next.body.data[0]?.name).not.toBe(first.body.data[0]?.name);
});

test("created: proposed, approved by webhook, edited, deleted at WhatsApp too", async () => {
  await using app = await createSandboxApp();
  const template = {
    channel: await channelOf(app),
    name: "pedido_listo",
    language: "es",
    category: "UTILITY",
    components: [body("Hola {{1}}, tu pedido está listo.", ["Rosa"])],
  };
  const key = { "idempotency-key": "template-key-1" };
  const created = await app.api.post<TemplateView>("/templates", template, key);
  expect([created.status, created.body.data.status]).toEqual([200, "PENDING"]);
  expect((await app.api.post<TemplateView>("/templates", template, key)).body.data.id).toBe(created.body.data.id);
  const approved = await until(async () => {
    const one = await find(app, "pedido_listo");
    return one?.status === "APPROVED" ? one : null;
  });
  const at = `/templates/${approved.id}`;
  const edited = await app.api.patch<TemplateView>(at, { components: [body("Hola {{1}}, ya puedes recogerlo.", ["Rosa"])] });
  expect([edited.status, edited.body.data.status, edited.body.data.body]).toEqual([
    200,
    "PENDING",
    "Hola {{1}}, ya puedes recogerlo.",
  ]);
  expect(await remove(app, at)).toBe(200);
  expect((await app.api.get(at)).status).toBe(404);
  await app.api.post("/templates/sync");
  expect(await find(app, "pedido_listo")).toBeUndefined();
});

test("a rejected template shows as rejected, with its reason, and cannot be sent", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "text", text: "hola" });
  await app.api.post("/templates", {
    channel: await channelOf(app),
    name: "please_reject",
    language: "es",
    category: "MARKETING",
    components: [body("Compra ya.")],
  });
  const rejected = await until(async () => {
    const one = await find(app, "please_reject");
    return one?.status === "REJECTED" ? one : null;
  });
  expect(rejected.rejectedReason).toBe("INVALID_FORMAT");
  const sent = await app.send({ type: "template", template: { name: "please_reject", language: "es" } });
  expect([sent.status, sent.body.code]).toEqual([409, "template.not-approved"]);
});

describe("definitions WhatsApp would refuse are told with the place, and never reach it", () => {
  test.each([
    ["a variable without example", [body("Hola {{1}}, gracias.")], "body.components.0.example"],
    ["variables out of order", [body("Hola {{2}} y {{1}}, gracias.", ["a", "b"])], "body.components.0.text"],
    ["a variable at the end", [body("Hola {{1}}", ["a"])], "body.components.0.text"],
    ["no body", [{ type: "FOOTER", text: "adiós" }], "body.components"],
    ["two bodies", [body("uno."), body("dos.")], "body.components.1.type"],
    ["a footer with a variable", [body("uno."), { type: "FOOTER", text: "de {{1}}" }], "body.components.1.text"],
    [
      "three addresses",
      [
        body("uno."),
        { type: "BUTTONS", buttons: ["a", "b", "c"].map((text) => ({ type: "URL", text, url: "https://example.com" })) },
      ],
      "body.components.1.buttons",
    ],
    ["a picture without example", [{ type: "HEADER", format: "IMAGE" }, body("uno.")], "body.components.0.example.header_handle"],
    ["a text that is too long", [body("x".repeat(1_025))], "body.components.0.text"],
    ["a field nobody knows", [{ ...body("uno."), colour: "red" }], "body.components.0.colour"],
    ["a kind nobody knows", [{ type: "SIDEBAR", text: "uno" }], "body.components.0.type"],
  ])("%s", async (_, components, path) => {
    const channel = await channelOf(world);
    const definition = { channel, name: "probe", language: "es", category: "UTILITY", components };
    const answer = await world.api.post("/templates", definition);
    expect(answer.status).toBe(422);
    const details = (answer.body as unknown as { details: { path: string }[] }).details;
    expect(details.map((one) => one.path)).toContain(path);
  });
});

describe("values that do not fit are told before anything is sent", () => {
  const greeting = { name: "saludo_inicial", language: "es" };
  test.each([
    ["too few", { ...greeting, body: ["Rosa"] }, "body.template.body"],
    ["too many", { ...greeting, body: ["Rosa", "x", "y"] }, "body.template.body"],
    ["none", greeting, "body.template.body"],
    ["by name where numbers are", { ...greeting, body: { nombre: "Rosa" } }, "body.template.body.1"],
    [
      "a header that is not there",
      { ...greeting, body: ["a", "b"], header: { type: "text", value: "x" } },
      "body.template.header",
    ],
    [
      "a button that is not there",
      { ...greeting, body: ["a", "b"], buttons: [{ type: "url", index: 0, suffix: "x" }] },
      "body.template.buttons.0.index",
    ],
    ["by number where names are", { name: "order_shipped", language: "en_US", body: ["Ana", "A-1"] }, "body.template.body"],
  ])("%s", async (_, template, path) => {
    const answer = await world.send({ type: "template", template });
    expect([answer.status, answer.body.code]).toEqual([422, "template.parameters"]);
    const details = (answer.body as unknown as { details: { path: string }[] }).details;
    expect(details.map((one) => one.path)).toContain(path);
  });

  test("a template that is not there", async () => {
    const answer = await world.send({ type: "template", template: { name: "ghost", language: "es" } });
    expect([answer.status, answer.body.code]).toEqual([404, "template.not-found"]);
  });
});

test("outside the 24 hours a template arrives where free text is refused", async () => {
  await using app = await createSandboxApp();
  await app.plays({
    type: "raw",
    item: { type: "text", text: { body: "hace dos días" }, timestamp: String(Math.floor(Date.now() / 1000) - 2 * 86_400) },
  });
  await until(() => find(app, "saludo_inicial"));
  const free = await app.send({ text: "¿sigue ahí?" });
  expect([free.status, free.body.code]).toEqual([409, "conversation.window-closed"]);
  const sent = await app.send({
    type: "template",
    template: { name: "saludo_inicial", language: "es", body: ["Rosa", "tu consulta"] },
  });
  expect(sent.status).toBe(200);
  const message = await until(async () => {
    const one = await app.api.data<MessageView>(`/messages/${(sent.body.data as MessageView).id}`);
    return ["delivered", "read", "failed"].includes(one.delivery?.state ?? "") ? one : null;
  });
  expect(message).toMatchObject({
    type: "template",
    content: "Hola Rosa, seguimos con tu consulta sobre tu consulta. ¿Te viene bien ahora?",
    delivery: { error: null },
  });
  expect((await app.thread()).at(-1)?.content.text).toBe(message.content);
});

test("a customer who said STOP gets no marketing template, and still the others", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "text", text: "hola" });
  const channel = await channelOf(app);
  const components = [body("Rebajas de otoño.")];
  await app.api.post("/templates", { channel, name: "rebajas", language: "es", category: "MARKETING", components });
  await until(async () => (await find(app, "rebajas"))?.status === "APPROVED");
  await app.plays({ type: "preference", value: "stop" });
  const { contact } = await app.conversation();
  await until(async () => (await app.api.data<{ optedOutAt: string | null }>(`/contacts/${contact.id}`)).optedOutAt);
  const refused = await app.send({ type: "template", template: { name: "rebajas", language: "es" } });
  expect([refused.status, refused.body.code]).toEqual([409, "contact.opted-out"]);
  await app.api.post("/templates/sync");
  const greeting = { name: "saludo_inicial", language: "es", body: ["Rosa", "algo"] };
  expect((await app.send({ type: "template", template: greeting })).status).toBe(200);
});

/** One world for the tables: nothing in them is ever stored. */
let world: SandboxApp;
beforeAll(async () => {
  world = await createSandboxApp();
  await world.plays({ type: "text", text: "hola" });
  await world.api.post("/templates/sync");
});
afterAll(() => world[Symbol.asyncDispose]());
