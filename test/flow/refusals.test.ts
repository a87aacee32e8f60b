/** What a refusal of WhatsApp changes besides its message: the window, the opt-out, the number; and how long others wait for it. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView, ContactView, ConversationView, MessageView } from "../../src/events/view";
import { graphFailure } from "../helpers/graph-recorder";
import { ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp, NUMBER, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const ROSA = "51987650911";
const LUIS = "51987650912";

let clock: ManualClock;
let app: TestApp;
let conversations: Map<string, string>;
beforeEach(async () => {
  clock = new ManualClock();
  app = await createTestApp({ clock, env: { ASSISTANT: "off", WHATSAPP_BUSINESS_ACCOUNT_ID: "330011223344556" } });
  conversations = new Map();
  for (const from of [ROSA, LUIS]) {
    await app.receive({ from, id: `wamid.${from}`, text: "hola" });
    const id = await until(async () => (await conversationOf(from))?.id);
    conversations.set(from, id);
  }
});
afterEach(() => app[Symbol.asyncDispose]());

async function conversationOf(from: string): Promise<ConversationView | undefined> {
  const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${from}`);
  return contact ? (await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0] : undefined;
}
const send = (to: string, text: string) =>
  app.api.post<MessageView>(`/conversations/${conversations.get(to)}/messages`, { text });
const reply = async (to: string, text: string) => (await send(to, text)).body.data.id;
const message = (id: string) => app.api.data<MessageView>(`/messages/${id}`);
const inState = (id: string, state: string) => async () => (await message(id)).delivery?.state === state;
const sentTexts = () => app.graph.sent.map(({ text }) => text);

test("131047: the window is closed for us too, and free text is refused before the next call", async () => {
  app.graph.failures.push(graphFailure(131_047));
  const refused = await reply(ROSA, "¿sigue ahí?");
  await until(inState(refused, "failed"), { what: "the refusal" });
  expect((await conversationOf(ROSA))?.windowExpiresAt).toBe(new Date(clock.now()).toISOString());
  const calls = app.graph.tried.length;
  expect((await send(ROSA, "otra vez")).body).toMatchObject({ code: "conversation.window-closed" });
  expect(app.graph.tried).toHaveLength(calls);
  await app.receive({ from: ROSA, id: "wamid.again", text: "sí, aquí", at: clock.now() });
  await until(async () => Date.parse((await conversationOf(ROSA))?.windowExpiresAt ?? "") > clock.now());
  await reply(ROSA, "¡bien!");
  await until(() => sentTexts().includes("¡bien!"), { what: "the next text" });
});

test("131050: the customer counts as opted out", async () => {
  app.graph.failures.push(graphFailure(131_050));
  await until(inState(await reply(ROSA, "oferta"), "failed"), { what: "the refusal" });
  const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${ROSA}`);
  expect(contact?.optedOutAt).not.toBeNull();
});

test("131056: 1, 4, 16 and 64 seconds between the tries to this person, and nobody else waits", async () => {
  let refusals = 4;
  const tries: number[] = [];
  app.graph.judge = ({ text }) => {
    if (text !== "rosa") return null;
    tries.push(clock.monotonic());
    return refusals-- > 0 ? graphFailure(131_056) : null;
  };
  const id = await reply(ROSA, "rosa");
  await until(() => tries.length === 1, { what: "the first try" });
  await reply(LUIS, "luis");
  await until(() => sentTexts().includes("luis"), { what: "the other customer's message" });
  await untilAdvancing(clock, inState(id, "sent"), { step: 100, limit: 120_000, what: "the message" });
  const waits = tries.slice(1).map((at, index) => (at - (tries[index] ?? 0)) / 1_000);
  for (const [index, least] of [1, 4, 16, 64].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(least);
    expect(waits[index]).toBeLessThan(least * 2 + 2);
  }
  // Too fast is no fault of the message: it keeps its tries.
  expect((await message(id)).delivery?.attempts).toBe(1);
});

test("Retry-After is waited for as long as it asks, and no try is lost", async () => {
  const asked = Response.json(
    { error: { message: "(#80007) on command", code: 80_007 } },
    { status: 429, headers: { "retry-after": "1800" } },
  );
  app.graph.failures.push(asked);
  const started = clock.monotonic();
  const id = await reply(ROSA, "rosa");
  await until(() => app.graph.tried.length === 1, { what: "the first try" });
  await untilAdvancing(clock, inState(id, "sent"), { step: 10_000, limit: 3_600_000, what: "the message" });
  expect(clock.monotonic() - started).toBeGreaterThanOrEqual(1_800_000);
  expect((await message(id)).delivery?.attempts).toBe(1);
  expect(app.graph.tried).toHaveLength(2);
});

test("131049 waits a day, so a person decides, and the customer's other messages do not wait with it", async () => {
  app.graph.failures.push(graphFailure(131_049));
  const held = await reply(ROSA, "oferta");
  await reply(ROSA, "su pedido llegó");
  await until(() => sentTexts().includes("su pedido llegó"), { what: "the next message" });
  expect((await message(held)).delivery).toMatchObject({ state: "failed", error: { code: 131_049 } });
  const [failed] = await app.api.data<MessageView[]>("/deliveries?state=failed");
  expect(failed?.id).toBe(held);
  await app.api.post(`/deliveries/${held}/resend`);
  await until(() => sentTexts().includes("oferta"), { what: "what a person sent again" });
});

describe("a token that is not taken any more", () => {
  test("costs one message; the others wait, people are told, and all leave once it is taken again", async () => {
    let isExpired = true;
    app.graph.judge = () => (isExpired ? graphFailure(190, 401) : null);
    const first = await reply(ROSA, "uno");
    await until(inState(first, "failed"), { what: "the refusal" });
    const waiting = [await reply(ROSA, "dos"), await reply(LUIS, "tres")];
    await app.api.data("/deliveries/counts");
    expect(app.graph.tried).toHaveLength(1);
    for (const id of waiting) expect((await message(id)).delivery?.state).toBe("queued");
    const [channel] = await until(async () => {
      const list = await app.api.data<ChannelView[]>("/channels");
      return list[0]?.alerts.length ? list : null;
    });
    expect(channel?.alerts[0]).toMatchObject({ kind: "sending-refused", severity: "critical" });
    expect(channel?.alerts[0]?.text).toContain("The access token has expired or is not valid.");
    isExpired = false;
    await untilAdvancing(clock, () => sentTexts().length === 2, { what: "the others" });
    expect(sentTexts().sort()).toEqual(["dos", "tres"]);
  });
});

describe("the throughput of the number", () => {
  const burst = async () => {
    const texts = Array.from({ length: 42 }, (_, index) => index);
    for (const index of texts) await Promise.all([reply(ROSA, `rosa ${index}`), reply(LUIS, `luis ${index}`)]);
    await app.api.data("/deliveries/counts");
  };
  const upgrade = (event: string) =>
    app.post({
      object: "whatsapp_business_account",
      entry: [
        {
          id: "330011223344556",
          time: Math.floor(clock.now() / 1_000),
          changes: [
            {
              field: "phone_number_quality_update",
              value: { display_phone_number: "5115550177", event, current_limit: "TIER_UNLIMITED" },
            },
          ],
        },
      ],
    });

  test("is 80 a second until Meta says more: the rest of a burst waits for the next second", async () => {
    await burst();
    await until(() => app.graph.sent.length >= 70, { what: "what one second takes" });
    expect(app.graph.sent.length).toBeLessThanOrEqual(80);
    await untilAdvancing(clock, () => app.graph.sent.length === 84, { what: "the rest" });
  });

  test("rises with Meta's webhook: a THROUGHPUT_UPGRADE lets the whole burst leave within the second", async () => {
    await upgrade("THROUGHPUT_UPGRADE");
    await until(async () => (await app.api.data<ChannelView[]>("/channels"))[0]?.throughput === "HIGH");
    await burst();
    await until(() => app.graph.sent.length === 84, { what: "the whole burst" });
    expect((await app.api.data<ChannelView[]>(`/channels?phoneNumberId=${NUMBER}`))[0]?.messagingLimit).toBe("TIER_UNLIMITED");
  });
});
