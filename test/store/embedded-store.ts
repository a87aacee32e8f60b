/** A throw-away embedded store for one test. */

import { type Clock, systemClock } from "../../src/core/clock";
import { type Log, silentLog } from "../../src/core/log";
import { openStore, type Store } from "../../src/store/connect";
import type { Engine } from "../../src/store/embedded/engine";
import { tempDir } from "../helpers/temp-dir";

export interface TestStore extends AsyncDisposable {
  store: Store;
  engine: Engine;
  dir: string;
  db: NonNullable<Store["connection"]["db"]>;
}

export interface TestStoreOptions {
  clock?: Clock;
  log?: Log;
  failScansOver?: number;
}

export async function openTestStore({
  clock = systemClock,
  log = silentLog,
  failScansOver,
}: TestStoreOptions = {}): Promise<TestStore> {
  const dir = tempDir();
  const store = await openStore({ dataDir: dir.path, log, clock, failScansOver });
  return {
    store,
    engine: store.engine!,
    dir: dir.path,
    db: store.connection.db!,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      dir[Symbol.dispose]();
    },
  };
}
