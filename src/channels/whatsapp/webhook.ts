/**
 * The door Meta knocks at: GET answers the verification challenge, POST takes events. The 200 leaves only after `accept` has made
 * the body durable. A body whose signature holds is never answered with a 4xx because of its shape: Meta would send it for days.
 */
import { timingSafeEqual } from "node:crypto";
import { Elysia } from "elysia";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import type { Log } from "../../core/log";
import { requestIdOf } from "../../core/request-id";
import type { Knocks } from "./knocks";
import type { SignatureCheck } from "./signature";

/** Meta's batches reach 3 MB (facts §2.2). */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

export interface WebhookDeps {
  signatureIsValid: SignatureCheck;
  verifyTokens: () => readonly string[];
  /** Durable when it resolves; when it rejects, the answer is an error and Meta delivers again. */
  accept: (body: Uint8Array, meta: { requestId: string; receivedAt: number; signature: string }) => Promise<void>;
  knocks: Pick<Knocks, "note">;
  log: Log;
  clock: Clock;
}

/** Takes one POST to its end. Throws an AppError when it is not to be believed, or could not be made durable. */
export type Receive = (request: Request) => Promise<Response>;

/** Made once. Nobody's browser should see it, and if one does, it is no page. */
const TAKEN = {
  headers: {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  },
};

export function createReceive({ signatureIsValid, accept, knocks, log, clock }: Omit<WebhookDeps, "verifyTokens">): Receive {
  return async (request) => {
    const receivedAt = clock.now();
    const requestId = requestIdOf(request);
    const raw = await bytesOf(request);
    const signature = request.headers.get("x-hub-signature-256") ?? "";
    if (!signatureIsValid(raw, signature)) {
      knocks.note("wrong-signature");
      log.warn("webhook refused: signature missing or wrong", { requestId, bytes: raw.length });
      throw fail("webhook.bad-signature");
    }
    await accept(raw, { requestId, receivedAt, signature });
    knocks.note("received");
    return new Response("OK", TAKEN);
  };
}

export const webhookController = (receive: Receive, door: Pick<WebhookDeps, "verifyTokens" | "knocks">) =>
  new Elysia({ name: "whatsapp-webhook" })
    .get("/webhook", ({ request }) => challenge(new URL(request.url).searchParams, door), {
      detail: { summary: "Meta's verification of the webhook address", tags: ["webhook"] },
    })
    .post("/webhook", ({ request }) => receive(request), {
      parse: "none",
      detail: { summary: "Events from Meta, signed over the raw body", tags: ["webhook"] },
    });

function challenge(params: URLSearchParams, { verifyTokens, knocks }: Pick<WebhookDeps, "verifyTokens" | "knocks">): Response {
  const modes = params.getAll("hub.mode");
  const given = params.getAll("hub.verify_token");
  const challenges = params.getAll("hub.challenge");
  const single = modes.length === 1 && given.length === 1 && challenges.length === 1;
  if (!single || modes[0] !== "subscribe" || !verifyTokens().some((token) => token !== "" && isEqual(token, given[0]!))) {
    knocks.note("wrong-verify-token");
    throw fail("webhook.bad-verify-token");
  }
  knocks.note("verified");
  // The text goes back as it came, so it must never be taken for a page.
  return new Response(challenges[0], {
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}

/** Compares in constant time; hashing first makes the lengths equal. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The raw body, refused as soon as it is known to be too large. */
async function bytesOf(request: Request): Promise<Uint8Array> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > MAX_BODY_BYTES) throw fail("request.too-large");
    return request.bytes();
  }
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of request.body ?? []) {
    total += chunk.length;
    if (total > MAX_BODY_BYTES) throw fail("request.too-large");
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
