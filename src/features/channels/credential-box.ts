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
  /** The same content locked with the current key; the text itself when it is already; null when it cannot be opened. */
  relock(locked: string, owner: string): string | null;
}

/** Keys of 32 bytes, asked for at every call: they are replaced while the server runs. */
export interface BoxKeys {
  readonly current: Uint8Array;
  readonly previous: readonly Uint8Array[];
}

export function createCredentialBox(keys: BoxKeys): CredentialBox {
  const box: CredentialBox = {
    lock(value, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keys.current, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
      return [VERSION, ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString("base64url"))].join(".");
    },
    open(locked, owner) {
      for (const key of [keys.current, ...keys.previous]) {
        const value = openWith(key, locked, owner);
        if (value !== null) return value;
      }
      return null;
    },
    relock(locked, owner) {
      if (openWith(keys.current, locked, owner) !== null) return locked;
      const value = box.open(locked, owner);
      return value === null ? null : box.lock(value as object, owner);
    },
  };
  return box;
}

/** Locked values are objects: null says that it cannot be opened. */
function openWith(key: Uint8Array, locked: string, owner: string): object | null {
  const [version, ...parts] = locked.split(".");
  const [nonce, tag, sealed] = parts.map((part) => Buffer.from(part, "base64url"));
  if (version !== VERSION || !nonce || !tag || !sealed || tag.length !== TAG_BYTES) return null;
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(owner))
      .setAuthTag(tag);
    return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8")) as object;
  } catch {
    // The tag does not fit: another key, another owner, or a changed text. What fits is always JSON of ours.
    return null;
  }
}
