/** Locks credentials before they are stored: AES-256-GCM, bound to the document they belong to, so none can be moved to another. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface CredentialBox {
  /** The value as text that says nothing without the key; `owner` must be given again to open it. */
  lock(value: object, owner: string): string;
  /** Null when the key is another one, the owner is another one, or the text was changed. */
  open(locked: string, owner: string): unknown;
}

/** `key` has 32 bytes. */
export function createCredentialBox(key: Uint8Array): CredentialBox {
  return {
    lock(value, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
      return [VERSION, ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString("base64url"))].join(".");
    },
    open(locked, owner) {
      const [version, ...parts] = locked.split(".");
      const [nonce, tag, sealed] = parts.map((part) => Buffer.from(part, "base64url"));
      if (version !== VERSION || !nonce || !tag || !sealed || tag.length !== TAG_BYTES) return null;
      try {
        const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(owner))
          .setAuthTag(tag);
        return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8"));
      } catch {
        // The tag does not fit: another key, another owner, or a changed text. What fits is always JSON of ours.
        return null;
      }
    },
  };
}
