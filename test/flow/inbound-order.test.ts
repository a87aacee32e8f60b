/** WhatsApp promises no order: whatever comes first, and however often, thread and ticks end up the same. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { MessageView } from "../../src/events/view";
import { until } from "../helpers/until";
import { change, createInboundWorld, DISPLAY_NUMBER, type InboundWorld, said, seconds, text, wamid } from "./inbound-world";

setDefaultTimeout(30_000);

let world: InboundWorld;
beforeAll(async () => {
  // Repetitions are told from new ones by the store alone, as they are days later.
  world = await createInboundWorld({ env: { ASSISTANT: "off", DEDUP_TTL_MS: "1" } });
});
afterAll(() => world[Symbol.asyncDispose]());

let people = 0;
const person = () => ({ wa_id: `5193${String(++people).padStart(7, "0")}` });
const now = () => Math.floor(Date.now() / 1000);
const reaction = (id: string, emoji: string | undefined, at: number) => ({
  type: "reaction",
  timestamp: String(at),
  reaction: { message_id: id, ...(emoji === undefined ? {} : { emoji }) },
});
const edit = (id: string, body: string, at: number) => ({
  type: "edit",
  timestamp: String(at),
  edit: { original_message_id: id, message: text(body) },
});
const revoke = (id: string) => ({ type: "revoke", revoke: { original_message_id: id } });
const unavailable = { type: "unsupported", errors: [{ code: 131060, title: "Message unavailable" }] };
const only = async (wa_id: string, matches: (message: MessageView) => boolean): Promise<MessageView> =>
  until(
    async () => {
      const thread = await world.threadOf(wa_id);
      return thread.length === 1 && thread[0] && matches(thread[0]) ? thread[0] : null;
    },
    { what: "one message that looks right" },
  );

describe("what is said about a message", () => {
  test("in the same delivery is shown on it", async () => {
    const me = person();
    const id = wamid();
    await world.post(said([me, { id, ...text("uno") }], [me, reaction(id, "👍", now())], [me, edit(id, "dos", now())]));
    const message = await only(me.wa_id, ({ editedAt }) => editedAt !== null);
    expect(message).toMatchObject({ content: "dos", reactions: [{ by: "customer", emoji: "👍" }] });
    expect((await world.conversationOf(me.wa_id))?.inboundSeq).toBe(1);
  });

  test("before it came is a message of its own until then, and is shown on it afterwards", async () => {
    const me = person();
    const id = wamid();
    await world.send(me, reaction(id, "🎉", now()));
    await world.send(me, edit(id, "corregido", now()));
    await world.send(me, revoke(id));
    await world.threadWith(me.wa_id, 3);
    await world.send(me, { id, ...text("original") });
    const message = await only(me.wa_id, ({ revokedAt }) => revokedAt !== null);
    expect(message).toMatchObject({ wamid: id, content: "corregido", reactions: [{ by: "customer", emoji: "🎉" }] });
    expect(message.editedAt).not.toBeNull();
  });

  test("is not undone by something older that comes later", async () => {
    const me = person();
    const id = wamid();
    const at = now();
    await world.send(me, { id, ...text("v0") });
    await world.send(me, edit(id, "v2", at + 20));
    await world.send(me, edit(id, "v1", at + 10));
    await world.send(me, reaction(id, undefined, at + 20));
    await world.send(me, reaction(id, "👎", at + 10));
    await world.send(me, reaction(id, "❤️", at + 30));
    const message = await only(me.wa_id, ({ reactions }) => reactions.length > 0);
    expect([message.content, message.reactions.map(({ emoji }) => emoji)]).toEqual(["v2", ["❤️"]]);
    await world.send(me, reaction(id, undefined, at + 40));
    await world.send(me, reaction(id, "🙈", at + 35));
    await only(me.wa_id, ({ reactions }) => reactions.length === 0);
  });

  test("keeps the ad it came from when a caption changes, and the file that is loaded already", async () => {
    const me = person();
    const id = wamid();
    const image = (caption: string) => ({ type: "image", image: { id: "771", mime_type: "image/jpeg", caption } });
    await world.send(me, { id, ...image("antes"), referral: { headline: "Oferta" } });
    await world.send(me, { type: "edit", edit: { original_message_id: id, message: image("después") } });
    const message = await only(me.wa_id, ({ editedAt }) => editedAt !== null);
    expect(message.payload).toEqual({ caption: "después", referral: { headline: "Oferta" } });
    expect(message.attachments).toMatchObject([{ type: "image", fileDescription: "después" }]);
  });

  test("changes neither the count of unread messages nor the 24 hours", async () => {
    const me = person();
    const id = wamid();
    const earlier = Date.now() - 3_600_000;
    await world.send(me, { id, ...text("hola"), timestamp: seconds(earlier) });
    const before = await until(() => world.conversationOf(me.wa_id));
    await world.post(said([me, edit(id, "holaa", now())], [me, reaction(id, "👍", now())], [me, revoke(id)]));
    await only(me.wa_id, ({ revokedAt }) => revokedAt !== null);
    const after = await world.conversationOf(me.wa_id);
    expect(after?.windowExpiresAt).toBe(before.windowExpiresAt);
    // A new reaction is something to look at; an edit and a withdrawal are seen where they happened.
    expect([before.unreadCount, after?.unreadCount]).toEqual([1, 2]);
  });
});

describe("a message that was unavailable", () => {
  test("gives way to the real one long after, once, and counts as one", async () => {
    const me = person();
    const id = wamid();
    await world.send(me, { id, ...unavailable });
    await only(me.wa_id, ({ type }) => type === "unsupported");
    await world.send(me, { id, ...unavailable });
    const real = { id, ...text("¿precio?"), referral: { headline: "Oferta" } };
    expect(await Promise.all([world.send(me, real), world.send(me, real), world.send(me, { id, ...unavailable })])).toEqual([
      200, 200, 200,
    ]);
    const message = await only(me.wa_id, ({ type }) => type === "text");
    expect(message).toMatchObject({ content: "¿precio?", payload: { referral: { headline: "Oferta" } } });
    await world.send(me, { id, ...text("otra cosa") });
    await world.send(me, text("y esto"));
    expect((await world.threadWith(me.wa_id, 2)).map(({ content }) => content)).toEqual(["¿precio?", "y esto"]);
    expect(await world.conversationOf(me.wa_id)).toMatchObject({ inboundSeq: 2, unreadCount: 2 });
  });

  test("and the real one in one delivery are the real one", async () => {
    const [first, second] = [person(), person()];
    const [one, two] = [wamid(), wamid()];
    await world.post(
      said(
        [first, { id: one, ...unavailable }],
        [first, { id: one, ...text("sí") }],
        [second, { id: two, ...text("sí") }],
        [second, { id: two, ...unavailable }],
      ),
    );
    for (const { wa_id } of [first, second]) await only(wa_id, ({ content }) => content === "sí");
  });

  test("moves to whoever the real one is from", async () => {
    const me = person();
    const id = wamid();
    await world.post(change({ messages: [{ id, timestamp: seconds(), ...unavailable }] }));
    await until(async () =>
      (await world.app.api.data<{ name: string }[]>("/contacts")).some(({ name }) => name === "Unknown sender"),
    );
    await world.send(me, { id, ...text("soy yo") });
    await only(me.wa_id, ({ content }) => content === "soy yo");
  });
});

describe("statuses", () => {
  const status = (id: string, word: string, more: Record<string, unknown> = {}) => ({
    id,
    status: word,
    timestamp: seconds(),
    ...more,
  });
  const echo = (to: string, id: string, more: Record<string, unknown> = text("desde el teléfono")) =>
    change({ message_echoes: [{ from: DISPLAY_NUMBER, to, id, timestamp: seconds(), ...more }] }, "smb_message_echoes");

  test("of what the owner writes on the phone are shown, also when they come first", async () => {
    const me = person();
    const id = wamid();
    await world.post(change({ statuses: [status(id, "delivered", { recipient_id: me.wa_id })] }));
    // Whoever writes after it is in the thread: so the status has been looked at, and nobody knew its message.
    const next = person();
    await world.send(next, text("después del aviso"));
    await world.threadWith(next.wa_id, 1);
    await world.post(echo(me.wa_id, id));
    await only(me.wa_id, ({ delivery }) => delivery?.state === "delivered");
    await world.post(
      change({
        statuses: [
          status(id, "read", {
            recipient_id: me.wa_id,
            pricing: { billable: false, pricing_model: "PMP", type: "regular", category: "service" },
          }),
          status(id, "sent"),
          status(id, "failed", { errors: [{ code: 131026, title: "Undeliverable", href: "/docs/errors" }] }),
        ],
      }),
    );
    const message = await only(me.wa_id, ({ delivery }) => delivery?.state === "read");
    expect(message.delivery).toMatchObject({ state: "read", error: null });
    expect(message.pricing).toEqual({ billable: false, model: "PMP", type: "regular", category: "service" });
    await world.post(change({ statuses: [status(id, "played")] }));
    await only(me.wa_id, ({ delivery }) => delivery?.state === "played");
  });

  test("failed replaces sent, delivered replaces failed, and words we do not know change nothing", async () => {
    const me = person();
    const id = wamid();
    await world.post(echo(me.wa_id, id));
    await world.post(
      change({
        statuses: [
          null,
          "x",
          status(id, "warning"),
          status(id, "constructor"),
          status(id, "cancelled"),
          status(id, "unknown"),
          status(id, "failed", { errors: [{ code: 131026, title: "Undeliverable", error_data: { details: "No WhatsApp." } }] }),
        ],
      }),
    );
    const failed = await only(me.wa_id, ({ delivery }) => delivery?.state === "failed");
    expect(failed.delivery?.error).toEqual({ code: 131026, message: "Undeliverable", details: "No WhatsApp." });
    await world.post(change({ statuses: [status(id, "sent"), status(id, "delivered")] }));
    const delivered = await only(me.wa_id, ({ delivery }) => delivery?.state === "delivered");
    expect(delivered.delivery?.error).toBeNull();
  });

  test("tell the user id of a customer known by number", async () => {
    const me = person();
    const userId = "PE.5500000000001";
    await world.send(me, text("hola"));
    await until(() => world.contactOf(me.wa_id));
    await world.post(
      change({
        contacts: [{ wa_id: me.wa_id, user_id: userId, profile: { name: "Marta", username: "marta.luz" } }],
        statuses: [status(wamid(), "delivered", { recipient_id: me.wa_id, recipient_user_id: userId })],
      }),
    );
    await until(() => world.contactOf(userId));
    await world.send({ user_id: userId }, text("ya sin número"));
    await world.threadWith(me.wa_id, 2);
    expect((await world.contactOf("@marta.luz"))?.id).toBe((await world.contactOf(me.wa_id))?.id ?? "");
  });
});

describe("messages of other times and owners", () => {
  test("a file of the past takes the place of its placeholder; reactions, quotes and kinds to come are kept", async () => {
    const me = person();
    const [photo, odd] = [wamid(), wamid()];
    const old = Date.now() - 3 * 86_400_000;
    const item = (message: Record<string, unknown>, at: number) => ({
      from: me.wa_id,
      timestamp: seconds(old + at),
      history_context: { status: "READ" },
      ...message,
    });
    const thread = [
      item({ id: photo, type: "media_placeholder" }, 0),
      item({ id: odd, type: "hologram", hologram: { depth: 1 }, context: { id: photo } }, 1_000),
      item({ ...text("sin id") }, 2_000),
      item({ id: wamid(), type: "reaction", reaction: { message_id: photo, emoji: "👀" } }, 3_000),
      null,
    ];
    await world.post(
      change({ history: [{ metadata: { phase: 0, chunk_order: 1 }, threads: [{ id: me.wa_id, messages: thread }] }] }, "history"),
    );
    const before = await world.threadWith(me.wa_id, 3);
    expect(before.map(({ type }) => type)).toEqual(["unknown", "unknown", "text"]);
    expect(before[1]).toMatchObject({
      context: { wamid: photo },
      payload: { name: "hologram", raw: { hologram: { depth: 1 } } },
    });
    expect(JSON.stringify(before[1]?.payload)).not.toContain("sin id");
    await world.post(
      change(
        { messages: [item({ id: photo, type: "image", image: { id: "9", mime_type: "image/png", caption: "vieja" } }, 0)] },
        "history",
      ),
    );
    const after = await until(async () => (await world.threadOf(me.wa_id)).find(({ type }) => type === "image"));
    expect(after).toMatchObject({ wamid: photo, content: "vieja", reactions: [{ by: "customer", emoji: "👀" }] });
    expect((await world.conversationOf(me.wa_id))?.unreadCount).toBe(0);
  });

  test("standby is shown and never waits for an answer, but its 24 hours count; its statuses are ticks", async () => {
    const me = person();
    const sent = wamid();
    const from = { from: me.wa_id, timestamp: seconds() };
    const messages = [
      { ...from, id: wamid(), ...text("hola agente"), context: { id: "wamid.q" }, referral: { headline: "Oferta" } },
    ];
    const echoes = [{ from: DISPLAY_NUMBER, to: me.wa_id, id: sent, timestamp: seconds(), ...text("responde el otro") }];
    await world.post(change({ standby: { messages, message_echoes: echoes, statuses: [readOf(sent)] } }, "standby"));
    const thread = await until(async () => {
      const found = await world.threadOf(me.wa_id);
      return found[1]?.delivery?.state === "read" ? found : null;
    });
    expect(thread[0]).toMatchObject({ context: { wamid: "wamid.q" }, payload: { referral: { headline: "Oferta" } } });
    const conversation = await world.conversationOf(me.wa_id);
    expect(conversation).toMatchObject({ inboundSeq: 0, isAIEnabled: false });
    expect(conversation?.windowExpiresAt).not.toBeNull();
  });

  const readOf = (id: string) => ({ id, status: "read", timestamp: seconds() });
});
