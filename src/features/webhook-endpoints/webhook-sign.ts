/** The signature of what is sent, as the Standard Webhooks specification has it, so that its libraries can check it. Pure. */
import { createHmac, randomBytes } from "node:crypto";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

export const newSigningSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString("base64");

/** Base64 of the HMAC-SHA256 over id, time and body, once for each secret that counts at the moment. */
export function signatures(secrets: readonly string[], id: string, seconds: number, body: string): string {
  const text = `${id}.${seconds}.${body}`;
  return secrets
    .map((secret) => Buffer.from(secret.slice(PREFIX.length), "base64"))
    .map((key) => `v1,${createHmac("sha256", key).update(text).digest("base64")}`)
    .join(" ");
}
