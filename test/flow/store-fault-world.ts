/** What the tests of a failing store share: a server's variables, a customer's message, and what the server knows of it. */
import { signBody } from "../../src/channels/whatsapp/signature";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { type ApiClient, webhookOf } from "../helpers/api-client";

export const NUMBER = "440055660077001";
export const SECRET = "an app secret of the test";

export const environmentWith = (graph: string): Record<string, string> => ({
  WHATSAPP_PHONE_NUMBER_ID: NUMBER,
  WHATSAPP_ACCESS_TOKEN: "a token of the test",
  WHATSAPP_APP_SECRET: SECRET,
  WHATSAPP_VERIFY_TOKEN: "verify-me",
  WHATSAPP_GRAPH_URL: graph,
  SANDBOX: "on",
  BATCH_WAIT_MS: "100",
  BATCH_MAX_WAIT_MS: "400",
});

/** Posts one text, signed. */
export async function postText(url: string, from: string, id: string, text: string): Promise<Response> {
  const body = JSON.stringify(webhookOf(NUMBER, [{ from, id, text }]));
  return fetch(`${url}/api/v2/webhook`, { method: "POST", body, headers: { "x-hub-signature-256": signBody(SECRET, body) } });
}

/** Everything this customer has said, as the server lists it. */
export async function saidBy(api: ApiClient, from: string): Promise<string[]> {
  const [contact] = await api.data<ContactView[]>(`/contacts?identity=${from}`);
  if (!contact) return [];
  const [conversation] = await api.data<ConversationView[]>(`/conversations?contact=${contact.id}`);
  if (!conversation) return [];
  const messages = await api.data<MessageView[]>(`/conversations/${conversation.id}/messages?limit=100`);
  return messages.filter(({ role }) => role === "user").map(({ content }) => content);
}
