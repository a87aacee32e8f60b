/** A product that listens, and people who write to it in every shape WhatsApp has; what became of it is read through the API. */
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { createTestApp, NUMBER, type TestApp, type TestAppOptions } from "../helpers/test-app";
import { until } from "../helpers/until";

export const ACCOUNT = "330011223344556";
export const DISPLAY_NUMBER = "5115550177";

export interface Person {
  wa_id?: string;
  user_id?: string;
  name?: string;
  username?: string;
}

let count = 0;
export const wamid = () => `wamid.effect.${++count}`;
export const seconds = (at = Date.now()) => String(Math.floor(at / 1000));
export const text = (body: string) => ({ type: "text", text: { body } });

/** One change of one field on the number of the test. */
export const change = (value: Record<string, unknown>, field = "messages") => ({
  object: "whatsapp_business_account",
  entry: [
    {
      id: ACCOUNT,
      changes: [
        {
          field,
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: DISPLAY_NUMBER, phone_number_id: NUMBER },
            ...value,
          },
        },
      ],
    },
  ],
});

/** One change of an account-level field, which names no number by id. */
export const accountChange = (field: string, value: Record<string, unknown>, at = Date.now()) => ({
  object: "whatsapp_business_account",
  entry: [{ id: ACCOUNT, time: Math.floor(at / 1000), changes: [{ field, value }] }],
});

const contactEntry = ({ wa_id, user_id, name = "Marta", username }: Person) => ({
  profile: { name, ...(username ? { username } : {}) },
  ...(wa_id ? { wa_id } : {}),
  ...(user_id ? { user_id } : {}),
});

const written = ({ wa_id, user_id }: Person, message: Record<string, unknown>) => ({
  id: wamid(),
  timestamp: seconds(),
  ...(wa_id ? { from: wa_id } : {}),
  ...(user_id ? { from_user_id: user_id } : {}),
  ...message,
});

/** A value with what several people wrote, in this order. */
export const said = (...all: [Person, Record<string, unknown>][]) =>
  change({
    contacts: all.map(([person]) => contactEntry(person)),
    messages: all.map(([person, message]) => written(person, message)),
  });

export async function createInboundWorld(options: TestAppOptions = {}) {
  const app: TestApp = await createTestApp({ env: { ASSISTANT: "off", ...options.env }, ...options });
  const contactOf = async (identity: string) =>
    (await app.api.data<ContactView[]>(`/contacts?identity=${encodeURIComponent(identity)}`))[0];
  const conversationsOf = async (identity: string) => {
    const contact = await contactOf(identity);
    return contact ? await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`) : [];
  };
  /** Everything said with this person, oldest first. */
  async function threadOf(identity: string): Promise<MessageView[]> {
    const [conversation] = await conversationsOf(identity);
    return conversation ? (await app.api.data<MessageView[]>(`/conversations/${conversation.id}/messages`)).reverse() : [];
  }
  return {
    app,
    post: app.post,
    contactOf,
    conversationOf: async (identity: string) => (await conversationsOf(identity))[0],
    conversationsOf,
    threadOf,
    /** One message of a person, of any kind. */
    send: (person: Person, message: Record<string, unknown>) => app.post(said([person, message])),
    /** What a person and we have said, once it is this many messages. */
    threadWith: (identity: string, length: number) =>
      until(
        async () => {
          const thread = await threadOf(identity);
          return thread.length === length ? thread : null;
        },
        { what: `${length} messages with ${identity}` },
      ),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}
export type InboundWorld = Awaited<ReturnType<typeof createInboundWorld>>;
