/**
 * The least that can stand for WhatsApp's Graph API and the assistant's provider: they answer in the right shape, remember what
 * they were given, and cost a small part of what the server under test costs. They live in the generator's process, so that their
 * work is not counted as the server's.
 */
import { randomUUID } from "node:crypto";
import { marksIn } from "../../commands/torture/mark";
import { systemClock, wait } from "../../core/clock";
import { IDENTITY } from "./target";

/** A message that the Graph API was given, in the order of its calls. */
export interface SentMessage {
  wamid: string;
  to: string;
  phoneNumberId: string;
  text: string;
  callbackData: string | undefined;
  /** On the clock that never goes back. */
  at: number;
}

interface GraphBody {
  to?: string;
  status?: string;
  text?: { body: string };
  biz_opaque_callback_data?: string;
}

const NUMBER = {
  display_phone_number: "+1 555-000-1111",
  verified_name: "Bench",
  status: "CONNECTED",
  throughput: { level: "HIGH" },
};
/** The one of the environment and those behind it, more than a bench ever connects. */
const NUMBERS = Array.from({ length: 50 }, (_, index) => ({
  id: String(BigInt(IDENTITY.phoneNumberId) + BigInt(index)),
  ...NUMBER,
}));
const TOKEN = { is_valid: true, expires_at: 0, scopes: ["whatsapp_business_management", "whatsapp_business_messaging"] };

/** Takes every message and tells `onSent`; answers questions about the number as if all were well. */
export function startGraph(onSent: (message: SentMessage) => void): { url: string; stop(): Promise<void> } {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const path = request.url.slice(request.url.indexOf("/", 8));
      if (!path.endsWith("/messages")) return Response.json(answerAbout(path));
      const body = (await request.json()) as GraphBody;
      if (body.status === "read") return Response.json({ success: true });
      const wamid = `wamid.out.${randomUUID()}`;
      const to = (body.to ?? "").replace("+", "");
      const phoneNumberId = path.split("/").at(-2) ?? "";
      onSent({
        wamid,
        to,
        phoneNumberId,
        text: body.text?.body ?? "",
        callbackData: body.biz_opaque_callback_data,
        at: systemClock.monotonic(),
      });
      return Response.json({
        messaging_product: "whatsapp",
        contacts: [{ input: to, wa_id: to }],
        messages: [{ id: wamid }],
      });
    },
  });
  return { url: server.url.href.slice(0, -1), stop: () => server.stop(true) };
}

function answerAbout(path: string): object {
  const [, , id = ""] = path.split(/[/?]/);
  if (path.includes("debug_token")) return { data: TOKEN };
  if (path.includes("subscribed_apps")) return { success: true, data: [{ whatsapp_business_api_data: { id: "1" } }] };
  if (path.includes("phone_numbers")) return { data: NUMBERS };
  if (path.includes("message_templates") || id === IDENTITY.businessAccountId) return { data: [] };
  return { id, ...NUMBER };
}

/** Answers on /v1/responses after `latencyMs` by repeating the marks of the messages that wait for an answer. */
export function startModel(latencyMs: number): { url: string; stop(): Promise<void> } {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const { input } = (await request.json()) as { input: { role?: string; content?: unknown }[] };
      const asked = input.findLast(({ role }) => role === "user")?.content;
      if (latencyMs > 0) await wait(systemClock, latencyMs);
      return Response.json(modelAnswer(`Anotado: ${marksIn(String(asked)).join(" ")}`));
    },
  });
  return { url: `${server.url.href}v1`, stop: () => server.stop(true) };
}

const modelAnswer = (text: string): object => ({
  id: `resp_${randomUUID()}`,
  object: "response",
  status: "completed",
  error: null,
  incomplete_details: null,
  model: "gpt-6-luna",
  output: [
    {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text, annotations: [] }],
    },
  ],
  usage: {
    input_tokens: 900,
    input_tokens_details: { cached_tokens: 800 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 920,
  },
});
