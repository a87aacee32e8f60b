/** Every kind of message an agent can send, over HTTP to the customer's phone; and what WhatsApp would refuse, told with its place. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { MessageView } from "../../../src/events/view";
import { until } from "../../helpers/until";
import { createSandboxApp, type SandboxApp } from "./sandbox-app";

setDefaultTimeout(60_000);

let app: SandboxApp;
beforeAll(async () => {
  app = await createSandboxApp();
  await app.chaos({ pairRate: false });
  await app.plays({ type: "text", text: "hola" });
  await app.conversation();
});
afterAll(() => app[Symbol.asyncDispose]());

const settled = (id: string): Promise<MessageView> =>
  until(async () => {
    const message = await app.api.data<MessageView>(`/messages/${id}`);
    const isReaction = message.type === "reaction" && message.delivery?.state === "sent";
    return isReaction || ["delivered", "read", "failed"].includes(message.delivery?.state ?? "") ? message : null;
  });

const link = "https://example.com/a.png";
const frame = { header: { type: "text", text: "Menú" }, body: "Elija", footer: "Gracias" };

describe("arrives", () => {
  test.each([
    ["a text without a type", { text: "sin tipo" }, "text", "sin tipo"],
    ["a text", { type: "text", text: "con tipo" }, "text", "con tipo"],
    ["a picture by link", { type: "image", image: { link, caption: "foto" } }, "image", "foto"],
    ["a film by link", { type: "video", video: { link } }, "video", ""],
    ["a sound by link", { type: "audio", audio: { link } }, "audio", ""],
    ["a document by link", { type: "document", document: { link, filename: "lista.pdf" } }, "document", "lista.pdf"],
    ["a sticker by link", { type: "sticker", sticker: { link } }, "sticker", ""],
    ["a place", { type: "location", location: { latitude: -12.05, longitude: -77.04, name: "Tienda" } }, "location", "Tienda"],
    [
      "a contact card",
      { type: "contacts", contacts: [{ formattedName: "Luis Rojas", phones: [{ phone: "+51987000999" }] }] },
      "contacts",
      "Luis Rojas",
    ],
    [
      "buttons",
      { type: "interactive", interactive: { kind: "buttons", ...frame, buttons: [{ id: "a", title: "Sí" }] } },
      "interactive",
      "Elija",
    ],
    [
      "a list",
      {
        type: "interactive",
        interactive: { kind: "list", ...frame, button: "Ver", sections: [{ rows: [{ id: "1", title: "Uno" }] }] },
      },
      "interactive",
      "Elija",
    ],
    [
      "a link button",
      { type: "interactive", interactive: { kind: "cta_url", body: "Mire", title: "Abrir", url: "https://example.com" } },
      "interactive",
      "Mire",
    ],
    [
      "a flow",
      {
        type: "interactive",
        interactive: { kind: "flow", body: "Cita", flow: { flowId: "1", title: "Pedir cita", screen: "A" } },
      },
      "interactive",
      "Cita",
    ],
    [
      "a product",
      { type: "interactive", interactive: { kind: "product", body: "Este", catalogId: "c1", productId: "p1" } },
      "interactive",
      "Este",
    ],
    [
      "products",
      {
        type: "interactive",
        interactive: {
          kind: "product_list",
          header: "Oferta",
          body: "Estos",
          catalogId: "c1",
          sections: [{ productIds: ["p1"] }],
        },
      },
      "interactive",
      "Estos",
    ],
    ["the catalogue", { type: "interactive", interactive: { kind: "catalog", body: "Todo" } }, "interactive", "Todo"],
    [
      "a request for the location",
      { type: "interactive", interactive: { kind: "location_request", body: "¿Dónde?" } },
      "interactive",
      "¿Dónde?",
    ],
    [
      "a request for an address",
      { type: "interactive", interactive: { kind: "address", body: "¿Adónde?", form: { country: "IN" } } },
      "interactive",
      "¿Adónde?",
    ],
    [
      "a request for the phone number",
      { type: "interactive", interactive: { kind: "contact_info_request", body: "¿Su número?" } },
      "interactive",
      "¿Su número?",
    ],
    [
      "a request for the permission to call",
      { type: "interactive", interactive: { kind: "call_permission_request", body: "¿Le llamamos?" } },
      "interactive",
      "¿Le llamamos?",
    ],
    [
      "a call button",
      { type: "interactive", interactive: { kind: "voice_call", body: "Llámenos", title: "Llamar", ttlMinutes: 60 } },
      "interactive",
      "Llámenos",
    ],
    [
      "a carousel of pictures with links",
      {
        type: "interactive",
        interactive: {
          kind: "carousel",
          body: "Mantas",
          cards: ["uno", "dos"].map((body) => ({
            header: { type: "image", link },
            body,
            button: { title: "Ver", url: "https://example.com" },
          })),
        },
      },
      "interactive",
      "Mantas",
    ],
    [
      "a carousel of films with replies",
      {
        type: "interactive",
        interactive: {
          kind: "carousel",
          body: "Talleres",
          cards: ["1", "2", "3"].map((id) => ({ header: { type: "video", link }, button: [{ id, title: `Taller ${id}` }] })),
        },
      },
      "interactive",
      "Talleres",
    ],
    [
      "a carousel of products",
      {
        type: "interactive",
        interactive: {
          kind: "carousel",
          body: "Novedades",
          cards: ["p1", "p2"].map((productId) => ({ catalogId: "c1", productId })),
        },
      },
      "interactive",
      "Novedades",
    ],
  ])("%s", async (_, message, type, content) => {
    const sent = await app.send(message);
    expect([sent.status, sent.body.code]).toEqual([200, undefined]);
    const done = await settled((sent.body.data as MessageView).id);
    expect([done.type, done.content, done.delivery?.error]).toEqual([type, content, null]);
    const shown = (await app.thread()).find(({ id }) => id === done.wamid);
    expect(shown?.content.type).toBe(type);
  });

  test("a text above 4,096 characters comes in parts, whole words each, and a preview can be left out", async () => {
    const word = "manta de alpaca ";
    const text = `https://example.com ${word.repeat(290)}`.trim();
    const sent = await app.send({ text, previewUrl: false });
    expect(sent.status).toBe(200);
    await settled((sent.body.data as MessageView).id);
    const parts = await until(async () => {
      const shown = (await app.thread()).slice(-2).map(({ content }) => content.body as { body: string; preview_url?: boolean });
      return shown[1]?.body.endsWith("alpaca") ? shown : null;
    });
    expect(parts.map(({ body }) => body).join(" ")).toBe(text);
    for (const { body } of parts) expect(body.length).toBeLessThanOrEqual(4_096);
    expect(parts.map(({ preview_url }) => preview_url)).toEqual([false, undefined]);
  });

  test("an answer quotes the customer's message", async () => {
    const asked = await app.plays({ type: "text", text: "¿Y el precio?" });
    const message = await until(async () => (await app.messages()).find(({ wamid }) => wamid === asked.wamid));
    const sent = await app.send({ text: "Son 40", replyTo: message.id });
    const done = await settled((sent.body.data as MessageView).id);
    expect(done.context).toEqual({ wamid: asked.wamid, forwarded: false });
    expect((await app.thread()).find(({ id }) => id === done.wamid)?.replyTo).toBe(asked.wamid);
  });

  test("a reaction appears on the message it belongs to, goes away again, and takes nothing over", async () => {
    const asked = await app.plays({ type: "text", text: "¡gracias!" });
    const target = await until(async () => (await app.messages()).find(({ wamid }) => wamid === asked.wamid));
    const before = await app.conversation();
    for (const emoji of ["👍", ""]) {
      const sent = await app.send({ type: "reaction", reaction: { messageId: target.id, emoji } });
      expect(sent.status).toBe(200);
      await settled((sent.body.data as MessageView).id);
      const expected = emoji === "" ? [] : [{ by: "business", emoji }];
      const { reactions } = await app.api.data<MessageView>(`/messages/${target.id}`);
      expect(reactions.map(({ by, emoji }) => ({ by, emoji }))).toEqual(expected as never);
      const shown = (await app.thread()).find(({ id }) => id === asked.wamid);
      expect(shown?.reactions.business).toBe(emoji === "" ? undefined : (emoji as never));
    }
    const after = await app.conversation();
    expect([after.epoch, after.lastMessage, after.assignedAgent]).toEqual([
      before.epoch,
      before.lastMessage,
      before.assignedAgent,
    ]);
  });
});

describe("is refused with its place, and nothing is queued", () => {
  test.each([
    ["a title above 20", { kind: "buttons", body: "x", buttons: [{ id: "a", title: "x".repeat(21) }] }, "buttons.0.title"],
    ["four buttons", { kind: "buttons", body: "x", buttons: ["a", "b", "c", "d"].map((id) => ({ id, title: id })) }, "buttons"],
    [
      "eleven rows",
      {
        kind: "list",
        body: "x",
        button: "y",
        sections: [{ rows: Array.from({ length: 11 }, (_, at) => ({ id: `${at}`, title: `${at}` })) }],
      },
      "sections",
    ],
    ["a link that is none", { kind: "cta_url", body: "x", title: "y", url: "javascript:alert(1)" }, "url"],
    ["an empty body", { kind: "location_request", body: " " }, "body"],
    ["a call button for too long", { kind: "voice_call", body: "x", ttlMinutes: 50_000 }, "ttlMinutes"],
    ["one card", { kind: "carousel", body: "x", cards: [{ catalogId: "c", productId: "p" }] }, "cards"],
    [
      "a card with a long text",
      {
        kind: "carousel",
        body: "x",
        cards: ["a", "x".repeat(161)].map((body) => ({
          header: { type: "image", link },
          body,
          button: { title: "y", url: "https://example.com" },
        })),
      },
      "cards.1.body",
    ],
    [
      "products without a heading",
      {
        kind: "product_list",
        header: "h",
        body: "x",
        catalogId: "c",
        sections: [{ productIds: ["a"] }, { productIds: ["b"] }],
      },
      "sections.0.title",
    ],
    ["a flow that names none", { kind: "flow", body: "x", flow: { title: "y" } }, "flow"],
  ])("%s", async (_, interactive, path) => {
    const before = (await app.messages()).length;
    const answer = await app.send({ type: "interactive", interactive });
    expect([answer.status, answer.body.code]).toEqual([422, "compose.limit"]);
    expect((answer.body as unknown as { details: { path: string }[] }).details[0]?.path).toBe(`body.interactive.${path}`);
    expect(await app.messages()).toHaveLength(before);
  });

  test.each([
    ["neither id nor link", { type: "image", image: {} }, "body.image", "compose.limit"],
    [
      "a caption above 1,024",
      { type: "image", image: { link, caption: "x".repeat(1_025) } },
      "body.image.caption",
      "compose.limit",
    ],
    [
      "a place that is none",
      { type: "location", location: { latitude: 91, longitude: 0 } },
      "body.location.latitude",
      "compose.limit",
    ],
    [
      "a quoted message of nobody",
      { type: "image", image: { link }, replyTo: "000000000000000000000000" },
      "body.replyTo",
      "message.reply-target",
    ],
    ["a kind nobody knows", { type: "hologram", text: "x" }, "body.type", "request.invalid"],
    ["a field nobody knows", { type: "image", image: { link, colour: 1 } }, "body.image.colour", "request.invalid"],
    ["the fields of another kind", { type: "image", text: "x" }, "body.image", "request.invalid"],
    [
      "an interactive kind nobody knows",
      { type: "interactive", interactive: { kind: "maze", body: "x" } },
      "body.interactive.kind",
      "request.invalid",
    ],
    [
      "a reaction to a message of nobody",
      { type: "reaction", reaction: { messageId: "000000000000000000000000", emoji: "👍" } },
      "body.reaction.messageId",
      "message.reply-target",
    ],
  ])("%s", async (_, message, path, code) => {
    const answer = await app.send(message);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
    const details = (answer.body as unknown as { details: { path: string }[] }).details;
    expect(details.map((one) => one.path)).toContain(path);
  });
});
