/** Proof that a webhook body comes from Meta: HMAC-SHA256 over the raw bytes with the app secret (facts §2.2). */
import { timingSafeEqual } from "node:crypto";

const HEADER = /^sha256=[0-9a-fA-F]{64}$/;
const PREFIX_LENGTH = "sha256=".length;

export type SignatureCheck = (raw: Uint8Array, header: string | null) => boolean;

/** The secret a body was signed with; null when it was none of ours. */
export type FindSigner = (raw: Uint8Array, header: string | null) => string | null;

/** A check against every secret in use at the moment of the call. Without any secret nothing is valid. */
export function createSignatureCheck(secrets: () => readonly string[]): SignatureCheck {
  const findSigner = createFindSigner(secrets);
  return (raw, header) => findSigner(raw, header) !== null;
}

/** Tries the secrets in their order. The keyed hasher of a secret is built once and copied per request. */
export function createFindSigner(secrets: () => readonly string[]): FindSigner {
  const hashers = new Map<string, Bun.CryptoHasher>();
  const hasherOf = (secret: string) => {
    let hasher = hashers.get(secret);
    if (!hasher) {
      if (hashers.size >= 64) hashers.clear(); // secrets rotate: do not keep every one there ever was
      hasher = new Bun.CryptoHasher("sha256", secret);
      hashers.set(secret, hasher);
    }
    return hasher;
  };
  return (raw, header) => {
    if (header === null || !HEADER.test(header)) return null;
    const given = Buffer.from(header.slice(PREFIX_LENGTH), "hex");
    for (const secret of secrets()) {
      if (secret !== "" && timingSafeEqual(given, hasherOf(secret).copy().update(raw).digest())) return secret;
    }
    return null;
  };
}

/** The value of `X-Hub-Signature-256` for a body. */
export function signBody(secret: string, raw: Uint8Array | string): string {
  return `sha256=${new Bun.CryptoHasher("sha256", secret).update(raw).digest("hex")}`;
}
