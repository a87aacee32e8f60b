/** The key that protects stored credentials: from ENCRYPTION_KEY, or made at the first start and kept beside the data. */
import { hkdfSync } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../core/errors";
import { newSecret } from "../core/id";

const FILE = "encryption.key";
const LEAST_LENGTH = 32;

/**
 * 32 bytes for AES-256. Without a given text it comes from `DATA_DIR/encryption.key` (0600), which must exist and be ours
 * (see the data directory lock). Losing it means entering the credentials again.
 */
export function loadEncryptionKey(dataDir: string, given?: string): Uint8Array {
  return derive(given ?? ownKey(join(dataDir, FILE)));
}

function ownKey(file: string): string {
  if (existsSync(file)) {
    const text = readFileSync(file, "utf8").trim();
    if (text.length >= LEAST_LENGTH) return text;
    throw fail("config.invalid", {
      message: `${file} is damaged. Restore it from a backup, or delete it: stored credentials must then be entered again.`,
    });
  }
  const text = newSecret();
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
  return text;
}

const derive = (text: string): Uint8Array => new Uint8Array(hkdfSync("sha256", text, "chasqui", "credentials", 32));
