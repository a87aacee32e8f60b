/** What everything else rests on: the locked data directory, its secrets, the store with its models, brought up to date. */
import { openModels } from "./app-models";
import type { Config } from "./config/env";
import { loadSecrets } from "./config/secrets";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import { openStore } from "./store/connect";
import { refuseHalfCopied } from "./store/copy";
import { lockDataDir } from "./store/data-dir-lock";
import { syncIndexes } from "./store/indexes";
import { migrate } from "./store/migrations";

export interface DataDeps {
  clock: Clock;
  log: Log;
  failScansOver: number | undefined;
  /** Told of each thing that has been opened, also when a later one fails. */
  onStop: (close: () => unknown) => void;
}

export async function openData({ dataDir, mongodbUri }: Config, { clock, log, failScansOver, onStop }: DataDeps) {
  const lock = lockDataDir(dataDir);
  onStop(() => lock.release());
  const secrets = loadSecrets(dataDir);
  const store = await openStore({ ...(mongodbUri ? { mongodbUri } : {}), dataDir, log, clock, failScansOver });
  onStop(() => store.close());
  const { connection } = store;
  const models = openModels(connection);
  await refuseHalfCopied(connection);
  await migrate({ connection, log, clock });
  await syncIndexes(connection);
  return { store, models, secrets };
}
