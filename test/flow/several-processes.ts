/** Two whole servers on one store: the embedded engine behind its MongoDB front end, so that leases really contend. */
import { join } from "node:path";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { Engine } from "../../src/store/embedded/engine";
import { scramCredentials } from "../../src/store/embedded/front/scram";
import { serveWire } from "../../src/store/embedded/front/wire-server";
import { tempDir } from "../helpers/temp-dir";

export interface SharedStore extends AsyncDisposable {
  /** For MONGODB_URI. */
  uri: string;
}

export async function openSharedStore(): Promise<SharedStore> {
  const dir = tempDir();
  const engine = new Engine({ file: join(dir.path, "shared.db"), clock: systemClock, log: silentLog });
  const wire = await serveWire({
    engine,
    log: silentLog,
    address: { port: 0, credentials: scramCredentials("chasqui", "shared") },
    // Transactions need a replica set: that is what it passes for.
    replicaSet: "shared",
  });
  return {
    uri: `mongodb://chasqui:shared@${wire.host}/chasqui?authSource=admin&directConnection=true&replicaSet=shared`,
    async [Symbol.asyncDispose]() {
      await wire.close();
      await engine.close();
      dir[Symbol.dispose]();
    },
  };
}
