/** What a test needs of the REST API: a signed-in agent, signed webhooks, and lists read to the end. */
import { signBody } from "../../src/channels/whatsapp/signature";

export interface Answer<T = unknown> {
  status: number;
  body: {
    success: boolean;
    data: T;
    code?: string;
    error?: string;
    details?: { path: string; message: string }[];
    page?: { next: string | null };
  };
}

export class ApiClient {
  token = "";

  constructor(readonly url: string) {}

  async signIn({ email, password }: { email: string; password: string }): Promise<this> {
    const { status, body } = await this.post<{ accessToken: string }>("/auth/sign-in", { email, password });
    if (status !== 200) throw new Error(`sign-in answered ${status}: ${body.error}`);
    this.token = body.data.accessToken;
    return this;
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.call<T>("GET", path);
  }

  post<T>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.call<T>("POST", path, body, headers);
  }

  patch<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.call<T>("PATCH", path, body);
  }

  put<T>(path: string, body?: unknown): Promise<Answer<T>> {
    return this.call<T>("PUT", path, body);
  }

  delete<T>(path: string): Promise<Answer<T>> {
    return this.call<T>("DELETE", path);
  }

  /** The data of a list or object; fails loudly when the call did. */
  async data<T>(path: string): Promise<T> {
    const { status, body } = await this.get<T>(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
    return body.data;
  }

  async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(`${this.url}/api/v2${path}`, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer<T>["body"] };
  }
}

/** Posts bytes to the webhook with the signature of `secret`, as Meta does. */
export async function postWebhook(url: string, secret: string, payload: unknown): Promise<number> {
  const raw = typeof payload === "string" ? payload : JSON.stringify(payload);
  const response = await fetch(`${url}/api/v2/webhook`, {
    method: "POST",
    body: raw,
    headers: { "x-hub-signature-256": signBody(secret, raw), "content-type": "application/json" },
  });
  return response.status;
}

export interface TextMessage {
  from: string;
  id: string;
  text: string;
  at?: number;
  name?: string;
}

/** A webhook body with text messages, shaped like Meta's. */
export function webhookOf(phoneNumberId: string, messages: readonly TextMessage[]): unknown {
  return {
    object: "whatsapp_business_account",
    entry: [
      {
        id: "330011223344556",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "5115550177", phone_number_id: phoneNumberId },
              contacts: messages.map(({ from, name = `Customer ${from.slice(-3)}` }) => ({ profile: { name }, wa_id: from })),
              messages: messages.map(({ from, id, text, at = Date.now() }) => ({
                from,
                id,
                timestamp: String(Math.floor(at / 1000)),
                type: "text",
                text: { body: text },
              })),
            },
          },
        ],
      },
    ],
  };
}

/** A webhook body with one status of a message we sent. */
export function statusWebhook(
  phoneNumberId: string,
  status: string,
  { wamid, to, callbackData, ...more }: { wamid: string; to: string; callbackData?: string; errors?: unknown[] },
): unknown {
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "5115550177", phone_number_id: phoneNumberId },
    statuses: [
      {
        id: wamid,
        status,
        timestamp: String(Math.floor(Date.now() / 1000)),
        recipient_id: to.replace("+", ""),
        ...(callbackData ? { biz_opaque_callback_data: callbackData } : {}),
        ...more,
      },
    ],
  };
  return { object: "whatsapp_business_account", entry: [{ id: "330011223344556", changes: [{ field: "messages", value }] }] };
}
