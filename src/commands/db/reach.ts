/** The embedded database of a data directory: through the running server, or from the file when nothing runs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/env";
import { systemClock } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { createLog } from "../../core/log";
import { FILE, openStore } from "../../store/connect";
import { lockDataDir } from "../../store/data-dir-lock";
import { createDoor, type DatabaseDoor, type OpenWire } from "../../store/door";
import { callControl } from "../control-client";

export type Reached = DatabaseDoor & AsyncDisposable;

/** Fails with store.not-embedded or store.no-database. */
export async function reachDatabase(config: Config): Promise<Reached> {
  if (await isServerRunning(config.dataDir)) return throughServer(config.dataDir);
  if (config.mongodbUri !== undefined) throw fail("store.not-embedded");
  return fromFile(config.dataDir);
}

async function isServerRunning(dataDir: string): Promise<boolean> {
  try {
    await callControl(dataDir, "/status");
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "control.not-running") return false;
    throw error;
  }
}

function throughServer(dataDir: string): Reached {
  const data = async <T>(path: string, body: unknown): Promise<T> =>
    ((await (await callControl(dataDir, path, body)).json()) as { data: T }).data;
  return {
    check: async () => (await data<{ found: string[] }>("/database/check", {})).found,
    backup: (file) => data("/database/backup", { file }),
    open: async (request) => staysOpen(await callControl(dataDir, "/database/open", request)),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The server closes the door when this end hangs up. */
async function staysOpen(response: Response): Promise<OpenWire> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  const { uri } = JSON.parse(new TextDecoder().decode(value)) as { uri: string };
  return { uri, close: () => reader.cancel() };
}

async function fromFile(dataDir: string): Promise<Reached> {
  if (!existsSync(join(dataDir, FILE))) throw fail("store.no-database", { message: `There is no database in ${dataDir}.` });
  const lock = lockDataDir(dataDir);
  try {
    const log = createLog({ level: "warn", write: (line) => void process.stderr.write(line) });
    const store = await openStore({ dataDir, log, clock: systemClock });
    return {
      ...createDoor({ engine: store.engine!, dataDir, log }),
      [Symbol.asyncDispose]: async () => {
        await store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
