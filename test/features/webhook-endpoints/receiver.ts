/** Another system that hears of events: a real HTTP server that checks the signature as a Standard Webhooks library would. */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Received {
  id: string;
  /** Seconds since 1970. */
  sentAt: number;
  /** Which of the given secrets it was signed with. */
  signedBy: string[];
  body: { type: string; timestamp: string; sequence: number | null; data: Record<string, unknown> };
  raw: string;
}

export type Answer = (received: Received, request: Request) => Response | Promise<Response>;

export interface Receiver extends Disposable {
  url: string;
  host: string;
  received: Received[];
  /** Secrets it knows. */
  secrets: string[];
  /** How it answers from now on. */
  answer: Answer;
}

const isSigned = (secret: string, text: string, signature: string): boolean => {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(text).digest();
  return signature.split(" ").some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
};

export function startReceiver(answer: Answer = () => new Response("thanks")): Receiver {
  const receiver = { received: [] as Received[], secrets: [] as string[], answer };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    async fetch(request) {
      const raw = await request.text();
      const [id = "", seconds = "", signature = ""] = ["id", "timestamp", "signature"].map(
        (name) => request.headers.get(`webhook-${name}`) ?? "",
      );
      const signedBy = receiver.secrets.filter((secret) => isSigned(secret, `${id}.${seconds}.${raw}`, signature));
      const received = { id, sentAt: Number(seconds), signedBy, body: JSON.parse(raw), raw };
      receiver.received.push(received);
      return receiver.answer(received, request);
    },
  });
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${server.port}/hook`,
    host: `127.0.0.1:${server.port}`,
    [Symbol.dispose]: () => void server.stop(true),
  });
}
