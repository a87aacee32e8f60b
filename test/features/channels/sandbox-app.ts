/** The product on its own sandbox: real WhatsApp wire protocol, fake phones, real files; driven through the REST API alone. */
import type { ContactView, ConversationView, MessageView } from "../../../src/events/view";
import type { ApiClient } from "../../helpers/api-client";
import { createTestApp, type TestApp, type TestAppOptions } from "../../helpers/test-app";
import { until } from "../../helpers/until";

/** Nothing of WhatsApp in the environment: the sandbox plays the number, with the product's own secrets. */
export const SANDBOX_ONLY = {
  WHATSAPP_PHONE_NUMBER_ID: "",
  WHATSAPP_ACCESS_TOKEN: "",
  WHATSAPP_APP_SECRET: "",
  WHATSAPP_VERIFY_TOKEN: "",
  WHATSAPP_GRAPH_URL: "",
};

export interface ThreadLine {
  id: string;
  from: "customer" | "business";
  content: { type: string; text: string; body: Record<string, unknown> };
  ticks: string;
  replyTo?: string;
  reactions: { customer?: string; business?: string };
}

export interface SandboxApp extends TestApp {
  phone: string;
  /** The customer does something on the phone. */
  plays(message: Record<string, unknown>): Promise<{ wamid: string }>;
  /** What the phone shows. */
  thread(): Promise<ThreadLine[]>;
  conversation(): Promise<ConversationView>;
  messages(): Promise<MessageView[]>;
  /** Sends as the agent; gives status and body. */
  send(body: unknown, headers?: Record<string, string>): ReturnType<ApiClient["post"]>;
  chaos(knobs: Record<string, unknown>): Promise<unknown>;
}

const WA_ID = "51987000111";

export async function createSandboxApp({ env = {}, ...options }: TestAppOptions = {}): Promise<SandboxApp> {
  const app = await createTestApp({ env: { ...SANDBOX_ONLY, ASSISTANT: "off", ...env }, ...options });
  const { api } = app;
  const { body } = await api.post<{ id: string }>("/sandbox/phones", { name: "Rosa", waId: WA_ID });
  const phone = body.data.id;
  const conversation = () =>
    until(async () => {
      const [contact] = await api.data<ContactView[]>(`/contacts?identity=${WA_ID}`);
      return contact ? (await api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0] : undefined;
    });
  return Object.assign(app, {
    phone,
    plays: async (message: Record<string, unknown>) => {
      const sent = await api.post<{ wamid: string }>(`/sandbox/phones/${phone}/messages`, message);
      if (sent.status !== 200) throw new Error(`the phone answered ${sent.status}: ${JSON.stringify(sent.body)}`);
      return sent.body.data;
    },
    thread: async () => (await api.data<{ messages: ThreadLine[] }>(`/sandbox/phones/${phone}/thread`)).messages,
    conversation,
    messages: async () => (await api.data<MessageView[]>(`/conversations/${(await conversation()).id}/messages`)).reverse(),
    send: async (message: unknown, headers: Record<string, string> = {}) =>
      api.post(`/conversations/${(await conversation()).id}/messages`, message, headers),
    chaos: async (knobs: Record<string, unknown>) => {
      const answer = await fetch(`${app.url}/api/v2/sandbox/chaos`, {
        method: "PUT",
        headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
        body: JSON.stringify(knobs),
      });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    },
  });
}

/** A PNG that decoders accept: one colour, `side` pixels square. */
export async function pngOf(side: number): Promise<Uint8Array<ArrayBuffer>> {
  const dot = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  return new Uint8Array(await new Bun.Image(dot).resize(side, side).png().bytes());
}
