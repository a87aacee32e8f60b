/** What comes in besides plain messages has its effect on contact, conversation and thread; what cannot have one is recorded. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView } from "../../src/events/view";
import type { TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { change, createInboundWorld, type InboundWorld, seconds, text, wamid } from "./inbound-world";

setDefaultTimeout(30_000);

let world: InboundWorld;
let app: TestApp;
beforeAll(async () => {
  world = await createInboundWorld();
  app = world.app;
});
afterAll(() => world[Symbol.asyncDispose]());

const send: InboundWorld["send"] = (person, message) => world.send(person, message);
const contactOf: InboundWorld["contactOf"] = (identity) => world.contactOf(identity);
const threadOf: InboundWorld["threadOf"] = (identity) => world.threadOf(identity);
const conversationOf = async (identity: string) => {
  await until(() => contactOf(identity));
  return world.conversationOf(identity);
};
let tick = 0;

describe("what is said about an earlier message is shown on it", () => {
  test("a reaction is added, replaced and taken away", async () => {
    const person = { wa_id: "51911000001" };
    const id = wamid();
    await send(person, { id, ...text("¿Llegó mi pedido?") });
    await send(person, { type: "reaction", reaction: { message_id: id, emoji: "👍" } });
    const reacted = async () => (await threadOf(person.wa_id)).find((one) => one.wamid === id)?.reactions ?? [];
    expect((await until(async () => ((await reacted()).length > 0 ? reacted() : null)))[0]).toMatchObject({
      by: "customer",
      emoji: "👍",
    });
    await send(person, { type: "reaction", reaction: { message_id: id, emoji: "❤️" } });
    await until(async () => (await reacted())[0]?.emoji === "❤️");
    expect(await reacted()).toHaveLength(1);
    await send(person, { type: "reaction", reaction: { message_id: id } });
    await until(async () => (await reacted()).length === 0);
    expect(await threadOf(person.wa_id)).toHaveLength(1);
  });

  test("a reaction to a message we do not have stays a message of its own", async () => {
    await send({ wa_id: "51911000002" }, { type: "reaction", reaction: { message_id: "wamid.never.seen", emoji: "🎉" } });
    const [only] = await until(async () => ((await threadOf("51911000002")).length > 0 ? threadOf("51911000002") : null));
    expect(only).toMatchObject({ type: "reaction", payload: { emoji: "🎉", messageId: "wamid.never.seen" } });
  });

  test("an edit changes the text, a withdrawal marks it, and neither is a new message", async () => {
    const person = { wa_id: "51911000003" };
    const id = wamid();
    await send(person, { id, ...text("Nos vemos a las 5") });
    await send(person, { type: "edit", edit: { original_message_id: id, message: text("Nos vemos a las 6") } });
    const first = async () => (await threadOf(person.wa_id))[0];
    await until(async () => (await first())?.content === "Nos vemos a las 6");
    expect((await first())?.editedAt).toEqual(expect.any(String));
    await send(person, { type: "revoke", revoke: { original_message_id: id } });
    await until(async () => (await first())?.revokedAt);
    expect(await threadOf(person.wa_id)).toHaveLength(1);
  });

  test("the real message after an unavailable one takes its place", async () => {
    const person = { wa_id: "51911000004" };
    const id = wamid();
    await send(person, {
      id,
      type: "unsupported",
      errors: [{ code: 131060, title: "Message unavailable" }],
      unsupported: { type: "unknown" },
    });
    await until(async () => (await threadOf(person.wa_id))[0]?.type === "unsupported");
    await send(person, { id, ...text("Vi su anuncio, ¿tienen talla M?") });
    await until(async () => (await threadOf(person.wa_id))[0]?.type === "text");
    const thread = await threadOf(person.wa_id);
    expect(thread.map(({ content }) => content)).toEqual(["Vi su anuncio, ¿tienen talla M?"]);
    expect((await conversationOf(person.wa_id))?.inboundSeq).toBe(1);
    await send(person, { id, ...text("una tercera entrega") });
    await Bun.sleep(300);
    expect((await threadOf(person.wa_id)).map(({ content }) => content)).toEqual(["Vi su anuncio, ¿tienen talla M?"]);
  });
});

describe("who the customer is", () => {
  test("a new number leads to the same contact, and the old one no longer does", async () => {
    await send({ wa_id: "51911000010", name: "Sofía" }, text("hola"));
    await until(() => contactOf("51911000010"));
    await send(
      { wa_id: "51911000010" },
      {
        from: "51911000010",
        type: "system",
        system: { type: "user_changed_number", body: "Sofía cambió de número", wa_id: "51911000011" },
      },
    );
    await send({ wa_id: "51911000011", name: "Sofía" }, text("ya con mi número nuevo"));
    const thread = await until(async () => ((await threadOf("51911000011")).length === 3 ? threadOf("51911000011") : null));
    expect(thread.map(({ type }) => type)).toEqual(["text", "system", "text"]);
    expect((await contactOf("51911000011"))?.phone).toBe("+51911000011");
    await send({ wa_id: "51911000010", name: "Otra persona" }, text("hola, soy otra"));
    const other = await until(async () =>
      (await app.api.data<ContactView[]>("/contacts?identity=51911000010")).find(({ name }) => name === "Otra persona"),
    );
    expect(other.id).not.toBe((await contactOf("51911000011"))?.id ?? "");
  });

  test("the same Mexican, Argentine and Brazilian number in its two forms is one customer", async () => {
    for (const [first, second] of [
      ["5215511110001", "525511110001"],
      ["5491122220001", "541122220001"],
      ["551188880001", "5511988880001"],
    ] as const) {
      await send({ wa_id: first }, text("uno"));
      await until(() => contactOf(first));
      await send({ wa_id: second }, text("dos"));
      const thread = await until(async () => ((await threadOf(first)).length === 2 ? threadOf(first) : null));
      expect(thread.map(({ content }) => content)).toEqual(["uno", "dos"]);
    }
  });

  test("a customer without a number is a customer; the number is learned when it comes", async () => {
    const user_id = "PE.13000000000000000001";
    await send({ user_id, name: "Luz" }, text("hola"));
    const contact = await until(() => contactOf(user_id));
    expect(contact.phone).toBeNull();
    await send({ user_id, wa_id: "51911000020", name: "Luz" }, text("mi número"));
    await until(async () => (await contactOf(user_id))?.phone === "+51911000020");
    expect(await threadOf("51911000020")).toHaveLength(2);
  });

  test("stop and resume set and clear the opt-out", async () => {
    const person = { wa_id: "51911000021" };
    await send(person, text("hola"));
    await until(() => contactOf(person.wa_id));
    const prefer = (value: string) =>
      app.post(
        change(
          {
            user_preferences: [
              { wa_id: person.wa_id, detail: "", category: "marketing_messages", value, timestamp: Number(seconds()) + tick++ },
            ],
          },
          "user_preferences",
        ),
      );
    await prefer("stop");
    await until(async () => (await contactOf(person.wa_id))?.optedOutAt);
    await prefer("resume");
    await until(async () => (await contactOf(person.wa_id))?.optedOutAt === null);
  });
});

describe("other owners and other times", () => {
  test("what the owner types on the phone is an operator's message and silences the assistant", async () => {
    const person = { wa_id: "51911000030" };
    await send(person, text("hola"));
    const before = await until(() => conversationOf(person.wa_id));
    await app.post(
      change(
        {
          message_echoes: [
            { from: "5115550177", to: person.wa_id, id: wamid(), timestamp: seconds(), ...text("Le atiendo desde el celular") },
          ],
        },
        "smb_message_echoes",
      ),
    );
    const thread = await until(async () => ((await threadOf(person.wa_id)).length === 2 ? threadOf(person.wa_id) : null));
    expect(thread[1]).toMatchObject({ role: "operator", direction: "outbound", content: "Le atiendo desde el celular" });
    const after = await conversationOf(person.wa_id);
    expect(after?.epoch).toBe((before?.epoch ?? 0) + 1);
    expect(after?.isAIEnabled).toBe(false);
  });

  test("history stands at its own time, unread by nobody and unanswered", async () => {
    const person = "51911000031";
    await send({ wa_id: person }, text("mensaje de hoy"));
    await until(() => contactOf(person));
    const old = Date.now() - 5 * 86_400_000;
    await app.post(
      change(
        {
          history: [
            {
              metadata: { phase: 0, chunk_order: 1, progress: 100 },
              threads: [
                {
                  id: person,
                  messages: [
                    {
                      from: person,
                      id: wamid(),
                      timestamp: seconds(old),
                      ...text("mensaje viejo"),
                      history_context: { status: "READ" },
                    },
                    {
                      from: "5115550177",
                      to: person,
                      id: wamid(),
                      timestamp: seconds(old + 60_000),
                      ...text("respuesta vieja"),
                      history_context: { status: "READ" },
                    },
                  ],
                },
              ],
            },
          ],
        },
        "history",
      ),
    );
    const thread = await until(async () => ((await threadOf(person)).length === 3 ? threadOf(person) : null));
    expect(thread.map(({ content, role }) => [content, role])).toEqual([
      ["mensaje viejo", "user"],
      ["respuesta vieja", "operator"],
      ["mensaje de hoy", "user"],
    ]);
    expect(thread[1]?.delivery?.state).toBe("read");
    expect((await conversationOf(person))?.unreadCount).toBe(1);
    expect((await conversationOf(person))?.lastMessage?.text).toBe("mensaje de hoy");
  });
});

describe("merging two contacts", () => {
  test("everything is in one place, new messages too, and it can be taken back", async () => {
    const [first, second] = ["51911000040", "51911000041"];
    await send({ wa_id: first, name: "Jorge" }, text("desde mi casa"));
    await send({ wa_id: second, name: "Jorge P." }, text("desde el trabajo"));
    const [target, source] = [await until(() => contactOf(first)), await until(() => contactOf(second))];
    const merged = await app.api.post<{ id: string; conversations: number }>(`/contacts/${target.id}/merge`, {
      contact: source.id,
    });
    expect([merged.status, merged.body.data?.conversations]).toEqual([200, 1]);
    expect((await contactOf(second))?.id).toBe(target.id);
    await send({ wa_id: second }, text("¿me leen?"));
    await until(async () => (await threadOf(first)).some(({ content }) => content === "¿me leen?"));

    const again = await app.api.post(`/contacts/${target.id}/merge`, { contact: source.id });
    expect([again.status, again.body.code]).toEqual([409, "contact.merged"]);
    const self = await app.api.post(`/contacts/${target.id}/merge`, { contact: target.id });
    expect([self.status, self.body.code]).toEqual([422, "contact.merge-self"]);

    expect((await app.api.post(`/contact-merges/${merged.body.data.id}/undo`)).status).toBe(200);
    expect((await contactOf(second))?.id).toBe(source.id);
    expect((await threadOf(second)).map(({ content }) => content)).toEqual(["desde el trabajo"]);
    expect((await app.api.post(`/contact-merges/${merged.body.data.id}/undo`)).status).toBe(409);
    await send({ wa_id: second }, text("sigo aquí"));
    await until(async () => (await threadOf(second)).length === 2);
  });
});
