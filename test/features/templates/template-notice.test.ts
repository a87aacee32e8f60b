/** What WhatsApp changes on its own about a template: told by webhook, seen at once, and what may not be sent any more is not sent. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView, TemplateView } from "../../../src/events/view";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

const WABA = "330011223344556";
const META_ID = "910000000000042";

let app: TestApp;
let graph: ReturnType<typeof Bun.serve>;
/** What WhatsApp has when it is asked. */
let text = "Hola, gracias.";
beforeAll(async () => {
  graph = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (!pathname.endsWith("/message_templates")) return Response.json({ data: [], success: true });
      const template = { id: META_ID, name: "gracias", language: "es", category: "UTILITY", status: "APPROVED" };
      return Response.json({ data: [{ ...template, components: [{ type: "BODY", text }] }] });
    },
  });
  app = await createTestApp({
    env: { ASSISTANT: "off", WHATSAPP_BUSINESS_ACCOUNT_ID: WABA, WHATSAPP_GRAPH_URL: `http://127.0.0.1:${graph.port}` },
  });
  await app.api.post("/templates/sync");
  second = Math.floor(Date.now() / 1_000);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await graph.stop(true);
});

/** WhatsApp's clock; what it tells later is newer than what was read when it was asked. */
let second = 0;
const tell = async (field: string, value: object, at = ++second) => {
  const about = { message_template_id: Number(META_ID), message_template_name: "gracias", message_template_language: "es" };
  const body = {
    object: "whatsapp_business_account",
    entry: [{ id: WABA, time: at, changes: [{ field, value: { ...about, ...value } }] }],
  };
  expect(await app.post(body)).toBe(200);
};
const template = async () => (await app.api.data<TemplateView[]>("/templates?name=gracias"))[0] as TemplateView;
const shows = (wanted: Partial<TemplateView>) =>
  until(
    async () => {
      const one = await template();
      return Object.entries(wanted).every(([key, value]) => one[key as keyof TemplateView] === value);
    },
    { what: JSON.stringify(wanted) },
  );

test("its quality falls, it is paused and cannot be sent, it comes back; old news changes nothing", async () => {
  await app.receive({ from: "51987650981", id: "wamid.t", text: "hola" });
  const [conversation] = await until(async () => {
    const list = await app.api.data<ConversationView[]>("/conversations");
    return list.length > 0 ? list : null;
  });
  const send = () =>
    app.api.post(`/conversations/${conversation?.id}/messages`, {
      type: "template",
      template: { name: "gracias", language: "es" },
    });
  await tell("message_template_quality_update", { previous_quality_score: "GREEN", new_quality_score: "RED" });
  await shows({ quality: "RED", status: "APPROVED" });
  await tell("message_template_status_update", { event: "PAUSED", reason: "NONE", other_info: { title: "FIRST_PAUSE" } });
  await shows({ status: "PAUSED" });
  const refused = await send();
  expect([refused.status, refused.body.code]).toEqual([409, "template.not-approved"]);
  await tell("message_template_status_update", { event: "REINSTATED", reason: null });
  await shows({ status: "APPROVED", rejectedReason: null });
  await tell("message_template_status_update", { event: "DISABLED" }, second - 3_600);
  await tell("template_category_update", { previous_category: "UTILITY", new_category: "MARKETING" });
  await shows({ category: "MARKETING" });
  expect((await template()).status).toBe("APPROVED");
});

test("a change of its texts is read from WhatsApp, and a deleted one is gone", async () => {
  text = "Hola, muchas gracias.";
  await tell("message_template_components_update", { message_template_element: text });
  await shows({ body: text });
  await tell("message_template_status_update", { event: "DELETED" });
  await until(async () => (await app.api.data<TemplateView[]>("/templates?name=gracias")).length === 0);
});
