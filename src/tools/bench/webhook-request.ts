/** Signed webhook requests as WhatsApp sends them, as the bytes that go through a socket. */
import { IDENTITY } from "./target";

export interface TextMessage {
  from: string;
  name: string;
  wamid: string;
  text: string;
  /** Seconds since 1970. */
  timestamp: number;
  phoneNumberId?: string;
}

export interface StatusReport {
  wamid: string;
  status: "sent" | "delivered" | "read";
  recipient: string;
  timestamp: number;
  callbackData?: string | undefined;
  phoneNumberId?: string;
}

const keyed = new Bun.CryptoHasher("sha256", IDENTITY.appSecret);

/** The body of a webhook with one text message of a customer: about 800 bytes with a text of 270. */
export const messageBody = ({ from, name, wamid, text, timestamp, phoneNumberId }: TextMessage): string =>
  bodyOf(phoneNumberId, {
    contacts: [{ profile: { name }, wa_id: from }],
    messages: [{ from, id: wamid, timestamp: String(timestamp), type: "text", text: { body: text } }],
  });

/** The body of a webhook with one status of a message we sent. */
export const statusBody = ({ wamid, status, recipient, timestamp, callbackData, phoneNumberId }: StatusReport): string =>
  bodyOf(phoneNumberId, {
    statuses: [
      {
        id: wamid,
        status,
        timestamp: String(timestamp),
        recipient_id: recipient,
        ...(callbackData === undefined ? {} : { biz_opaque_callback_data: callbackData }),
        ...(status === "read"
          ? {}
          : { pricing: { billable: false, pricing_model: "PMP", type: "free_customer_service", category: "service" } }),
      },
    ],
  });

const bodyOf = (phoneNumberId: string = IDENTITY.phoneNumberId, value: object): string =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: IDENTITY.businessAccountId,
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "15550001111", phone_number_id: phoneNumberId },
              ...value,
            },
          },
        ],
      },
    ],
  });

/** A whole HTTP request, ready to be written to a socket. */
export function signedRequest(path: string, body: string): Uint8Array {
  const signature = keyed.copy().update(body).digest("hex");
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: facebookexternalua\r\nContent-Type: application/json\r\n` +
      `X-Hub-Signature-256: sha256=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
