/**
 * The keys that protect stored credentials: from ENCRYPTION_KEY, or made at the first start and kept beside the data. While a key is
 * replaced the one before it is kept as well, so that whatever moment the process dies at, everything can still be opened.
 */
import { hkdfSync } from "node:crypto";
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../core/errors";
import { newSecret } from "../core/id";

const FILE = "encryption.key";
const LEAST_LENGTH = 32;

export interface KeyRing {
  /** 32 bytes for AES-256: everything new is locked with it. */
  readonly current: Uint8Array;
  /** Keys before it: what they have locked can still be opened. */
  readonly previous: readonly Uint8Array[];
  /** Makes a new key current and keeps the old one. On disk when it returns. Throws `encryption-key.from-environment`. */
  begin(): void;
  /** Nothing is locked with the previous keys any more: they are forgotten. */
  end(): void;
}

export interface GivenKeys {
  encryptionKey?: string | undefined;
  previousEncryptionKey?: string | undefined;
}

/**
 * Without given texts the key comes from `DATA_DIR/encryption.key` (0600), which must exist and be ours (see the data directory lock):
 * the current one in the first line, one that is being replaced in the next. Losing it means entering the credentials again.
 */
export function loadKeyRing(dataDir: string, { encryptionKey, previousEncryptionKey }: GivenKeys = {}): KeyRing {
  const file = join(dataDir, FILE);
  const given = previousEncryptionKey === undefined ? [] : [previousEncryptionKey];
  // A key that moves from the file to the environment leaves what the file's key has locked.
  let texts = encryptionKey === undefined ? [...ownKeys(file), ...given] : [encryptionKey, ...given, ...keysIn(file)];
  let keys = texts.map(derive);
  const hold = (next: string[]) => {
    texts = [...new Set(next)];
    keys = texts.map(derive);
  };
  hold(texts);
  return {
    get current() {
      return keys[0] as Uint8Array;
    },
    get previous() {
      return keys.slice(1);
    },
    begin() {
      if (encryptionKey !== undefined) throw fail("encryption-key.from-environment");
      const next = [newSecret(), ...texts];
      write(file, next);
      hold(next);
    },
    end() {
      const [current = ""] = texts;
      if (encryptionKey === undefined) write(file, [current]);
      hold([current]);
    },
  };
}

function ownKeys(file: string): string[] {
  const known = keysIn(file);
  if (known.length > 0) return known;
  const made = newSecret();
  write(file, [made]);
  return [made];
}

function keysIn(file: string): string[] {
  if (!existsSync(file)) return [];
  const texts = readFileSync(file, "utf8").trim().split("\n");
  if (texts.every((text) => text.length >= LEAST_LENGTH)) return texts;
  throw fail("config.invalid", {
    message: `${file} is damaged. Restore it from a backup, or delete it: stored credentials must then be entered again.`,
  });
}

/** The whole file or the old one, also after a power cut: what is locked with a key that was lost is lost. */
function write(file: string, texts: readonly string[]): void {
  const fresh = openSync(`${file}.new`, "w", 0o600);
  try {
    writeSync(fresh, texts.join("\n"));
    fsyncSync(fresh);
  } finally {
    closeSync(fresh);
  }
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
  const directory = openSync(join(file, ".."), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

const derive = (text: string): Uint8Array => new Uint8Array(hkdfSync("sha256", text, "chasqui", "credentials", 32));
