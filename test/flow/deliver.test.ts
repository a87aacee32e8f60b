/** Sending: in order per customer, never twice, and what nobody can know is settled by proof or by a person. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { statusWebhook } from "../helpers/api-client";
import { graphFailure, type SentMessage } from "../helpers/graph-recorder";
import { breathe, ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp, NUMBER, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const ROSA = "51987650901";
const LUIS = "51987650902";
/** When the Graph client gives up on an answer. */
const TIMEOUT_MS = 20_000;
const SETTLE_MS = 60_000;

let clock: ManualClock;
let app: TestApp;
const conversations = new Map<string, string>();
beforeEach(async () => {
  clock = new ManualClock();
  app = await createTestApp({ clock, env: { ASSISTANT: "off", SETTLE_MS: String(SETTLE_MS) } });
  conversations.clear();
  for (const from of [ROSA, LUIS]) {
    await app.receive({ from, id: `wamid.${from}`, text: "hola" });
    const conversation = await until(async () => {
      const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${from}`);
      return contact ? (await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0] : null;
    });
    conversations.set(from, conversation.id);
  }
});
afterEach(() => app[Symbol.asyncDispose]());

async function reply(to: string, text: string): Promise<string> {
  const answer = await app.api.post<MessageView>(`/conversations/${conversations.get(to)}/messages`, { text });
  expect(answer.status).toBe(200);
  return answer.body.data.id;
}
const message = (id: string) => app.api.data<MessageView>(`/messages/${id}`);
const stateOf = async (id: string) => (await message(id)).delivery?.state;
const inState = (id: string, state: string) => async () => (await stateOf(id)) === state;
const outboundStates = async (to: string) =>
  (await app.api.data<MessageView[]>(`/conversations/${conversations.get(to)}/messages`))
    .filter(({ direction }) => direction === "outbound")
    .map(({ delivery }) => delivery?.state);
const sentTo = (to: string) => app.graph.sent.filter((one) => one.to === `+${to}`).map(({ text }) => text);
const triedTexts = () => app.graph.tried.map(({ text }) => text);
const tell = async (status: string, { wamid, to, callbackData }: SentMessage, more: object = {}) =>
  expect(await app.post(statusWebhook(NUMBER, status, { wamid, to, callbackData, ...more }))).toBe(200);
const never = () => new Promise<Response>(() => {});
/** Lets time pass and the work it causes happen. */
async function pass(ms: number, step = 1_000): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(Math.min(step, ms - passed));
    await breathe(step);
  }
}

describe("order", () => {
  test("a customer's messages leave one after the other; others do not wait for them", async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<null>();
    app.graph.judge = ({ text }) =>
      text === "rosa 1" ? held.then(() => Response.json({ messages: [{ id: "wamid.HELD" }] })) : null;
    const first = await reply(ROSA, "rosa 1");
    await reply(ROSA, "rosa 2");
    await reply(ROSA, "rosa 3");
    await reply(LUIS, "luis 1");
    await until(() => sentTo(LUIS).length === 1, { what: "Luis's message" });
    expect(triedTexts()).toEqual(["rosa 1", "luis 1"]);
    expect(await stateOf(first)).toBe("sending");
    release(null);
    await until(() => sentTo(ROSA).length === 2, { what: "Rosa's other messages" });
    expect(triedTexts()).toEqual(["rosa 1", "luis 1", "rosa 2", "rosa 3"]);
    expect((await message(first)).wamid).toBe("wamid.HELD");
  });

  test("many messages to two customers: nothing is lost, doubled, swapped or sent to the other", async () => {
    const texts = (name: string) => Array.from({ length: 15 }, (_, index) => `${name} ${index}`);
    for (let index = 0; index < 15; index++) await Promise.all([reply(ROSA, `rosa ${index}`), reply(LUIS, `luis ${index}`)]);
    await untilAdvancing(clock, () => app.graph.sent.length >= 30, { what: "all messages" });
    expect(sentTo(ROSA)).toEqual(texts("rosa"));
    expect(sentTo(LUIS)).toEqual(texts("luis"));
  });
});

describe("an answer that is an error", () => {
  test("that passes: tried again after a while, sent once, and the next one waits for it", async () => {
    app.graph.failures.push(graphFailure(131_000, 500), graphFailure(130_429, 429));
    const first = await reply(ROSA, "rosa 1");
    await reply(ROSA, "rosa 2");
    await until(() => app.graph.tried.length === 1, { what: "the first try" });
    await Bun.sleep(50);
    expect(app.graph.tried).toHaveLength(1);
    await untilAdvancing(clock, () => sentTo(ROSA).length === 2, { what: "both messages" });
    expect(triedTexts()).toEqual(["rosa 1", "rosa 1", "rosa 1", "rosa 2"]);
    expect((await message(first)).delivery).toMatchObject({ state: "sent", error: null });
  });

  test("that stays: failed with its code and reason at once, and the next one goes out", async () => {
    app.graph.failures.push(graphFailure(131_026));
    const first = await reply(ROSA, "rosa 1");
    await reply(ROSA, "rosa 2");
    await until(() => sentTo(ROSA).length === 1, { what: "the next message" });
    expect(sentTo(ROSA)).toEqual(["rosa 2"]);
    expect((await message(first)).delivery).toMatchObject({
      state: "failed",
      attempts: 1,
      error: { code: 131_026, message: "(#131026) of the test" },
    });
  });

  test("that comes again and again: given up after four tries, with its reason", async () => {
    app.graph.judge = ({ text }) => (text === "rosa 1" ? graphFailure(131_057) : null);
    const first = await reply(ROSA, "rosa 1");
    await untilAdvancing(clock, inState(first, "failed"), { what: "the failure" });
    expect(triedTexts()).toEqual(["rosa 1", "rosa 1", "rosa 1", "rosa 1"]);
    expect((await message(first)).delivery?.error?.code).toBe(131_057);
  });
});

describe("no answer", () => {
  let lost: string;
  beforeEach(async () => {
    app.graph.judge = ({ text }) => (text === "rosa 1" ? never() : null);
    lost = await reply(ROSA, "rosa 1");
    await reply(ROSA, "rosa 2");
    await until(() => app.graph.tried.length === 1, { what: "the lost call" });
    await pass(TIMEOUT_MS, 5_000);
    await until(inState(lost, "unknown"), { what: "the unknown outcome" });
    // From here on the line works again.
    app.graph.judge = null;
  });

  test("is unknown: not repeated, and the next message of this customer waits", async () => {
    await pass(SETTLE_MS / 2);
    expect(triedTexts()).toEqual(["rosa 1"]);
    expect(await stateOf(lost)).toBe("unknown");
    await reply(LUIS, "luis 1");
    await until(() => sentTo(LUIS).length === 1, { what: "another customer's message" });
  });

  test("its status settles it, and the next one follows", async () => {
    await tell("delivered", { wamid: "wamid.LATE", to: ROSA, callbackData: lost, text: "", at: 0 });
    await untilAdvancing(clock, () => sentTo(ROSA).length === 1, { what: "the next message" });
    expect(triedTexts()).toEqual(["rosa 1", "rosa 2"]);
    expect(await message(lost)).toMatchObject({ wamid: "wamid.LATE", delivery: { state: "delivered", error: null } });
  });

  test("no status, but one of a later send: it never left and is sent once more, before what follows", async () => {
    await reply(LUIS, "luis 1");
    await until(() => sentTo(LUIS).length === 1);
    await tell("delivered", app.graph.sent[0] as SentMessage);
    await untilAdvancing(clock, () => sentTo(ROSA).length === 2, { step: 500, what: "the second try" });
    expect(sentTo(ROSA)).toEqual(["rosa 1", "rosa 2"]);
    await pass(SETTLE_MS * 2, 5_000);
    expect(triedTexts()).toEqual(["rosa 1", "luis 1", "rosa 1", "rosa 2"]);
    expect(await stateOf(lost)).toBe("sent");
  });

  test("no proof at all: left to a person, counted, not repeated; what follows goes out", async () => {
    await untilAdvancing(clock, () => sentTo(ROSA).length === 1, { step: 1_000, limit: SETTLE_MS * 3, what: "the next message" });
    expect(triedTexts()).toEqual(["rosa 1", "rosa 2"]);
    expect(await stateOf(lost)).toBe("unknown");
    const open = await app.api.data<MessageView[]>("/deliveries?state=unknown");
    expect(open.map(({ id }) => id)).toEqual([lost]);
    await pass(SETTLE_MS * 2, 5_000);
    expect(triedTexts()).toEqual(["rosa 1", "rosa 2"]);
    // A status that comes after all still settles it.
    await tell("read", { wamid: "wamid.LATE", to: ROSA, callbackData: lost, text: "", at: 0 });
    await until(inState(lost, "read"));
    expect(await app.api.data<MessageView[]>("/deliveries?state=unknown")).toEqual([]);
  });
});

describe("WhatsApp cannot be reached", () => {
  test("nothing is lost or failed meanwhile; once it is back everything leaves in order", async () => {
    await app.graph.goDown();
    for (const index of [1, 2, 3]) await reply(ROSA, `rosa ${index}`);
    for (const index of [1, 2]) await reply(LUIS, `luis ${index}`);
    for (let passed = 0; passed < 5 * 60_000; passed += 5_000) {
      clock.advance(5_000);
      // A try that is just being made ends refused while the clock stands still; by a jump it would time out, and be unknown.
      await until(async () => (await outboundStates(ROSA)).every((state) => state === "queued"), {
        what: "three queued messages",
      });
    }
    expect(await outboundStates(ROSA)).toHaveLength(3);
    app.graph.comeBack();
    await untilAdvancing(clock, () => app.graph.sent.length === 5, { step: 500, what: "all messages" });
    expect(sentTo(ROSA)).toEqual(["rosa 1", "rosa 2", "rosa 3"]);
    expect(sentTo(LUIS)).toEqual(["luis 1", "luis 2"]);
  });

  test("until the customer's 24 hours are over: failed with the reason, and never tried", async () => {
    await app.graph.goDown();
    const late = await reply(ROSA, "demasiado tarde");
    await pass(2_000);
    // A call in flight would time out by the jump, and then nobody could say whether it had left.
    await until(inState(late, "queued"));
    clock.advance(25 * 3_600_000);
    app.graph.comeBack();
    await untilAdvancing(clock, inState(late, "failed"), { step: 1_000, what: "the failure" });
    expect((await message(late)).delivery?.error?.code).toBe("conversation.window-closed");
    expect(app.graph.tried).toEqual([]);
  });
});

describe("statuses", () => {
  let id: string;
  let sent: SentMessage;
  beforeEach(async () => {
    id = await reply(ROSA, "rosa 1");
    sent = await until(() => app.graph.sent[0]);
    await until(inState(id, "sent"));
  });

  test("move forward only, whatever their order and however often they come", async () => {
    for (const [status, expected] of [
      ["delivered", "delivered"],
      ["sent", "delivered"],
      ["read", "read"],
      ["delivered", "read"],
      ["failed", "read"],
      ["read", "read"],
    ] as const) {
      await tell(status, sent);
      await until(inState(id, expected));
    }
    expect((await message(id)).delivery?.error).toBeNull();
  });

  test("may skip: read without delivered", async () => {
    await tell("read", sent);
    await until(inState(id, "read"));
  });

  test("told once more by another request, a second later, it is ignored, and what comes next is not held up", async () => {
    const second = Math.floor(Date.now() / 1_000);
    await tell("delivered", sent, { timestamp: String(second) });
    await until(inState(id, "delivered"));
    await tell("delivered", sent, { timestamp: String(second + 1) });
    await tell("read", sent, { timestamp: String(second + 2) });
    await until(inState(id, "read"));
  });

  test("failed carries WhatsApp's code and words", async () => {
    await tell("failed", sent, {
      errors: [{ code: 131_049, title: "Not delivered", error_data: { details: "Healthy ecosystem." } }],
    });
    await until(inState(id, "failed"));
    expect((await message(id)).delivery?.error).toEqual({
      code: 131_049,
      message: "Not delivered",
      details: "Healthy ecosystem.",
    });
  });

  test("of messages we do not know are kept without harm", async () => {
    await tell("read", { ...sent, wamid: "wamid.STRANGER", callbackData: "" });
    await tell("read", { ...sent, wamid: "wamid.STRANGER2", callbackData: "not-an-id" });
    await tell("delivered", sent);
    await until(inState(id, "delivered"));
  });
});

test("a status that overtakes the answer of its own send is applied once the message is known", async () => {
  app.graph.judge = async ({ to }) => {
    // Without our own id in it: only the wamid tells which message it is, and nobody knows that yet.
    expect(await app.post(statusWebhook(NUMBER, "delivered", { wamid: "wamid.EARLY", to }))).toBe(200);
    await Bun.sleep(100);
    return Response.json({ messaging_product: "whatsapp", messages: [{ id: "wamid.EARLY" }] });
  };
  const id = await reply(ROSA, "rosa 1");
  await until(inState(id, "delivered"), { what: "the early status" });
  expect(app.graph.tried).toHaveLength(1);
});
