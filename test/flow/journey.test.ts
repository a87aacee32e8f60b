/** The main job over HTTP against a real server process: a signed webhook becomes one delivered reply, whatever happens in between. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { until } from "../helpers/until";
import { type Journey, NUMBER, startJourneyOn } from "./journey";
import { JOURNEY_STORES } from "./journey-store";

setDefaultTimeout(60_000);

const status = (wamid: string, name: string, callbackData: string, to: string) => ({
  object: "whatsapp_business_account",
  entry: [
    {
      id: "330011223344556",
      changes: [
        {
          field: "messages",
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: "5115550177", phone_number_id: NUMBER },
            statuses: [
              {
                id: wamid,
                status: name,
                timestamp: String(Math.floor(Date.now() / 1000)),
                recipient_id: to,
                biz_opaque_callback_data: callbackData,
              },
            ],
          },
        },
      ],
    },
  ],
});

const thread = async ({ api }: Journey, waId: string): Promise<MessageView[]> => {
  const [contact] = await api.data<ContactView[]>(`/contacts?identity=${waId}`);
  if (!contact) return [];
  const [conversation] = await api.data<ConversationView[]>(`/conversations?contact=${contact.id}`);
  return conversation ? (await api.data<MessageView[]>(`/conversations/${conversation.id}/messages`)).reverse() : [];
};

/** Long enough for a second reply to have been batched, thought about and sent. */
const QUIET_MS = 1_500;

describe.each(JOURNEY_STORES)("the main job on $name", (store) => {
  const startJourney = (env?: Record<string, string>) => startJourneyOn(store, env);

  test("a text becomes one reply, and its statuses come back", async () => {
    await using journey = await startJourney();
    expect(await journey.receive([{ from: "51987650111", id: "wamid.in.1", text: "Hola, ¿tienen stock?" }])).toBe(200);
    const [reply] = await until(() => (journey.graph.sent.length > 0 ? journey.graph.sent : null), { what: "a reply" });
    expect(reply?.to).toBe("+51987650111");
    expect(reply?.text).toContain("stock");
    for (const name of ["sent", "delivered", "read", "delivered"])
      expect(await journey.post(status(reply?.wamid ?? "", name, reply?.callbackData ?? "", "51987650111"))).toBe(200);
    const messages = await until(async () => {
      const found = await thread(journey, "51987650111");
      return found.at(-1)?.delivery?.state === "read" ? found : null;
    });
    expect(messages.map(({ role, direction }) => [role, direction])).toEqual([
      ["user", "inbound"],
      ["assistant", "outbound"],
    ]);
    expect(messages[1]?.aiRun?.model).toBe("chasqui-sandbox");
    expect(messages[1]?.wamid).toBe(reply?.wamid ?? "");
    expect(journey.graph.sent).toHaveLength(1);
  });

  test("the same wamid is answered once: at the same moment, a moment later, and after the in-memory check has forgotten it", async () => {
    await using journey = await startJourney({ DEDUP_TTL_MS: "50" });
    const message = [{ from: "51987650112", id: "wamid.twice", text: "¿Cuánto cuesta?" }];
    expect(await Promise.all([journey.receive(message), journey.receive(message), journey.receive(message)])).toEqual([
      200, 200, 200,
    ]);
    expect(await journey.receive(message)).toBe(200);
    await until(() => journey.graph.sent.length > 0, { what: "a reply" });
    expect(await journey.receive(message)).toBe(200);
    await Bun.sleep(QUIET_MS);
    expect(journey.graph.sent).toHaveLength(1);
    expect((await thread(journey, "51987650112")).filter(({ role }) => role === "user")).toHaveLength(1);
  });

  test("nine messages in one webhook are nine stored messages", async () => {
    await using journey = await startJourney();
    const nine = Array.from({ length: 9 }, (_, index) => ({
      from: "51987650113",
      id: `wamid.nine.${index}`,
      text: `mensaje ${index + 1}`,
    }));
    expect(await journey.receive(nine)).toBe(200);
    await until(() => journey.graph.sent.length > 0, { what: "a reply" });
    const texts = (await thread(journey, "51987650113")).filter(({ role }) => role === "user").map(({ content }) => content);
    expect(texts).toEqual(nine.map(({ text }) => text));
    expect(journey.graph.sent).toHaveLength(1);
  });

  test("kill -9 between the fragments: after the restart one reply answers all of them", async () => {
    await using journey = await startJourney({ BATCH_WAIT_MS: "2500", BATCH_MAX_WAIT_MS: "10000" });
    await journey.receive([{ from: "51987650114", id: "wamid.kill.1", text: "hola" }]);
    await journey.receive([{ from: "51987650114", id: "wamid.kill.2", text: "¿hacen envíos a Puno?" }]);
    await journey.killAndRestart();
    await journey.receive([{ from: "51987650114", id: "wamid.kill.3", text: "¿abren hoy?" }]);
    const [reply] = await until(() => (journey.graph.sent.length > 0 ? journey.graph.sent : null), {
      within: 15_000,
      what: "a reply",
    });
    for (const text of ["hola", "¿hacen envíos a Puno?", "¿abren hoy?"]) expect(reply?.text).toContain(text);
    await Bun.sleep(QUIET_MS);
    expect(journey.graph.sent).toHaveLength(1);
    const messages = await thread(journey, "51987650114");
    expect(messages.filter(({ role }) => role === "user")).toHaveLength(3);
    expect(messages.find(({ role }) => role === "assistant")?.aiRun?.fragments).toBe(3);
  });

  test("two customers at once: each gets the answer to their own question", async () => {
    await using journey = await startJourney();
    const first = { from: "51987650115", id: "wamid.cross.1", text: "¿Tienen mantas rojas?" };
    const second = { from: "5511976543210", id: "wamid.cross.2", text: "Vocês abrem no domingo?" };
    expect(await journey.receive([first, second])).toBe(200);
    await until(() => journey.graph.sent.length === 2, { what: "two replies" });
    const to = (number: string) => journey.graph.sent.filter((one) => one.to === `+${number}`);
    expect(to(first.from)).toHaveLength(1);
    expect(to(first.from)[0]?.text).toContain("mantas rojas");
    expect(to(first.from)[0]?.text).not.toContain("domingo");
    expect(to(second.from)).toHaveLength(1);
    expect(to(second.from)[0]?.text).toContain("domingo");
    expect(to(second.from)[0]?.text).not.toContain("mantas");
  });

  test("a person's reply beats the assistant: what it was thinking about is never sent", async () => {
    await using journey = await startJourney({ BATCH_WAIT_MS: "1200", BATCH_MAX_WAIT_MS: "2000" });
    await journey.receive([{ from: "51987650116", id: "wamid.person.1", text: "¿me ayudan?" }]);
    const [message] = await until(async () => {
      const found = await thread(journey, "51987650116");
      return found.length > 0 ? found : null;
    });
    const path = `/conversations/${message?.conversation}/messages`;
    const sent = await journey.api.post<MessageView>(
      path,
      { text: "Soy Lucía, le ayudo yo." },
      { "idempotency-key": "key-0001" },
    );
    expect(sent.status).toBe(200);
    const again = await journey.api.post<MessageView>(
      path,
      { text: "Soy Lucía, le ayudo yo." },
      { "idempotency-key": "key-0001" },
    );
    expect(again.body.data.id).toBe(sent.body.data.id);
    await until(() => journey.graph.sent.length > 0, { what: "the person's reply" });
    await Bun.sleep(QUIET_MS + 1_200);
    expect(journey.graph.sent.map(({ text }) => text)).toEqual(["Soy Lucía, le ayudo yo."]);
    expect((await journey.api.data<ConversationView>(`/conversations/${message?.conversation}`)).isAIEnabled).toBe(false);
  });
});
