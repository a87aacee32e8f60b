/** `admin rotate-encryption-key`: through the server while it runs, else on the files. Interrupted, the next run or start goes on. */
import { openModels } from "../app-models";
import { sealedFields } from "../app-sealed";
import { loadKeyRing } from "../config/encryption-key";
import type { Config } from "../config/env";
import { systemClock } from "../core/clock";
import { AppError } from "../core/errors";
import { createLog } from "../core/log";
import { createAuditService } from "../features/audit/audit.service";
import { MACHINE } from "../features/auth/password.service";
import { createCredentialBox } from "../features/channels/credential-box";
import { createKeyRotation, type RotationResult } from "../features/data-protection/key-rotation.service";
import { openStore } from "../store/connect";
import { lockDataDir } from "../store/data-dir-lock";
import { callControl } from "./control-client";

export async function rotateEncryptionKey(config: Config): Promise<number> {
  const { changed, total, unreadable } = (await throughServer(config)) ?? (await onFiles(config));
  console.log(`${changed} of ${total} stored credentials were encrypted with the new key. The old key is gone.`);
  console.log("Backups from before need the old key: credentials in them must be entered again.");
  if (unreadable > 0) console.log(`${unreadable} cannot be read with any key. Enter them again.`);
  return unreadable > 0 ? 1 : 0;
}

/** Null when no server runs there. */
async function throughServer({ dataDir }: Config): Promise<RotationResult | null> {
  try {
    const answer = await callControl(dataDir, "/admin/rotate-encryption-key", {});
    return ((await answer.json()) as { data: RotationResult }).data;
  } catch (error) {
    if (error instanceof AppError && error.code === "control.not-running") return null;
    throw error;
  }
}

async function onFiles(config: Config): Promise<RotationResult> {
  const { dataDir, mongodbUri } = config;
  const lock = lockDataDir(dataDir);
  // Timers of the clock let a program end that has nothing else to do.
  const alive = setInterval(() => {}, 60_000);
  try {
    const log = createLog({ level: "warn", write: (line) => void process.stderr.write(line) });
    const store = await openStore({ dataDir, log, clock: systemClock, ...(mongodbUri ? { mongodbUri } : {}) });
    try {
      const models = openModels(store.connection);
      const keys = loadKeyRing(dataDir, config);
      const audit = createAuditService({ entries: models.auditEntries, clock: systemClock });
      const box = createCredentialBox(keys);
      return await createKeyRotation({ keys, box, fields: sealedFields(models), audit, clock: systemClock, log }).rotate(MACHINE);
    } finally {
      await store.close();
    }
  } finally {
    clearInterval(alive);
    lock.release();
  }
}
