/** Keys that nobody has to invent: made at the first start and kept in DATA_DIR, readable by the owner only. */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { fail } from "../core/errors";
import { newSecret } from "../core/id";

const Secrets = t.Object({
  accessSecret: t.String({ minLength: 32 }),
  refreshSecret: t.String({ minLength: 32 }),
  sandboxAppSecret: t.String({ minLength: 32 }),
  sandboxVerifyToken: t.String({ minLength: 16 }),
  sandboxAccessToken: t.String({ minLength: 16 }),
});
export type Secrets = Readonly<Static<typeof Secrets>>;

const fresh = (): Secrets => ({
  accessSecret: newSecret(),
  refreshSecret: newSecret(),
  sandboxAppSecret: newSecret(),
  sandboxVerifyToken: newSecret(16),
  sandboxAccessToken: newSecret(24),
});

/** The secrets of this data directory. The directory must exist and be ours (see the data directory lock). */
export function loadSecrets(dataDir: string): Secrets {
  const file = join(dataDir, "secrets.json");
  if (existsSync(file)) {
    const secrets: unknown = readSecrets(file);
    if (Value.Check(Secrets, secrets)) return secrets;
    throw fail("config.invalid", {
      message: `${file} is damaged. Restore it from a backup, or delete it: everybody will have to sign in again.`,
    });
  }
  const secrets = fresh();
  writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
  return secrets;
}

function readSecrets(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Not JSON: the caller reports it as damaged.
    return null;
  }
}
