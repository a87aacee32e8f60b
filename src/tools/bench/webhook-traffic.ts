/** Signed webhook requests as WhatsApp sends them: one text message each, every wamid unique, about 800 bytes of body. */

export interface TrafficOptions {
  count: number;
  /** Makes the wamids of this round unlike those of every other round. */
  round: string;
  path: string;
  appSecret: string;
  phoneNumberId: string;
  businessAccountId: string;
  /** How many customers write; messages go round among them. */
  customers: number;
}

const FIRST_CUSTOMER = 5_215_500_000_000;
const FIRST_TIMESTAMP = 1_790_000_000;
const WORDS =
  "¿Tienen en existencia el modelo azul en talla mediana y cuánto tarda el envío a Guadalajara? Es para un regalo, gracias por la ayuda. ";

/** The text of message number `index` of a round: what the benchmark looks for in the store afterwards. */
export const textOf = (round: string, index: number): string => `${round}-${index} ${WORDS}`.repeat(2).trim();
export const wamidOf = (round: string, index: number): string =>
  `wamid.${Buffer.from(`bench-${round}-${String(index).padStart(8, "0")}`).toString("base64")}`;

/** Whole HTTP requests, ready to be written to a socket. */
export function webhookRequests({
  count,
  round,
  path,
  appSecret,
  phoneNumberId,
  businessAccountId,
  customers,
}: TrafficOptions): Uint8Array[] {
  const hmac = new Bun.CryptoHasher("sha256", appSecret);
  return Array.from({ length: count }, (_, index) => {
    const from = String(FIRST_CUSTOMER + (index % customers));
    const body = JSON.stringify({
      object: "whatsapp_business_account",
      entry: [
        {
          id: businessAccountId,
          changes: [
            {
              field: "messages",
              value: {
                messaging_product: "whatsapp",
                metadata: { display_phone_number: "15550001111", phone_number_id: phoneNumberId },
                contacts: [{ profile: { name: `Customer ${index % customers}` }, wa_id: from }],
                messages: [
                  {
                    from,
                    id: wamidOf(round, index),
                    timestamp: String(FIRST_TIMESTAMP + Math.floor(index / 1_000)),
                    type: "text",
                    text: { body: textOf(round, index) },
                  },
                ],
              },
            },
          ],
        },
      ],
    });
    const signature = hmac.copy().update(body).digest("hex");
    const head =
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: facebookexternalua\r\nContent-Type: application/json\r\n` +
      `X-Hub-Signature-256: sha256=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    return Buffer.from(head + body);
  });
}
