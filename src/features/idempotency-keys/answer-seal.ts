/**
 * First answers are kept for a day, and some show a secret once (an API key, an invitation). Only whoever knows the Idempotency-Key can
 * read them: the key of the cipher is made from it, and of it nothing but a hash is stored.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const keyOf = (secret: string) => new Uint8Array(hkdfSync("sha256", secret, "", "idempotent answer", 32));

export function sealAnswer(body: string, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(secret), nonce);
  const sealed = Buffer.concat([cipher.update(body, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

/** Throws when the text was changed, or was sealed for another request. */
export function openAnswer(text: string, secret: string): string {
  const bytes = Buffer.from(text, "base64");
  const decipher = createDecipheriv(ALGORITHM, keyOf(secret), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
}
