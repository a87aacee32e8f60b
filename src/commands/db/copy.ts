/** `db copy`: moves a whole installation between the embedded database and MongoDB, and can be interrupted at any time. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/env";
import { systemClock } from "../../core/clock";
import { fail } from "../../core/errors";
import { silentLog } from "../../core/log";
import { FILE, openMongodbForCopy, openStore } from "../../store/connect";
import { type CopyProgress, copyStore } from "../../store/copy";
import { lockDataDir } from "../../store/data-dir-lock";

const BAR = 30;
/** As shells count: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

export async function copyDatabase({ dataDir }: Config, { to, from }: { to?: string; from?: string }): Promise<number> {
  const uri = to ?? from;
  if (uri === undefined || (to !== undefined && from !== undefined))
    throw fail("request.invalid", { message: "db copy needs --to mongodb://... or --from mongodb://..." });
  if (!/^mongodb(\+srv)?:\/\//.test(uri))
    throw fail("request.invalid", { message: `"${uri}" is not a MongoDB address: it begins with mongodb:// or mongodb+srv://.` });
  if (to !== undefined && !existsSync(join(dataDir, FILE)))
    throw fail("store.no-database", { message: `There is no database in ${dataDir}.` });

  // The lock keeps the server out: nobody may write to either end meanwhile.
  const lock = lockDataDir(dataDir);
  try {
    const embedded = await openStore({ dataDir, log: silentLog, clock: systemClock });
    try {
      const remote = await openMongodbForCopy(uri);
      try {
        const ends = to === undefined ? { from: remote, to: embedded.connection } : { from: embedded.connection, to: remote };
        return await run(ends);
      } finally {
        await remote.close();
      }
    } finally {
      await embedded.close();
    }
  } finally {
    lock.release();
  }
}

async function run(ends: Pick<Parameters<typeof copyStore>[0], "from" | "to">): Promise<number> {
  const interruption = new AbortController();
  const stop = () => interruption.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  const report = await copyStore({ ...ends, onProgress: showProgress, signal: interruption.signal });
  if (report === null) {
    console.log("Interrupted. The same command goes on where it stopped.");
    return INTERRUPTED;
  }
  const documents = report.reduce((sum, collection) => sum + collection.documents, 0);
  for (const { name, documents: count, hash } of report) console.log(`${name.padEnd(24)} ${String(count).padStart(10)}  ${hash}`);
  console.log(`Copied ${documents} documents in ${report.length} collections; both sides have the same counts and hashes.`);
  return 0;
}

let shown = "";

/** One bar a collection, rewritten in place where somebody watches. */
function showProgress({ collection, phase, done, total }: CopyProgress): void {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const bar = "#".repeat(Math.round(share * BAR)).padEnd(BAR, ".");
  const line = `${collection.padEnd(24)} [${bar}] ${done}/${total} ${phase}`;
  if (process.stderr.isTTY) {
    const isNew = shown !== "" && shown !== collection;
    process.stderr.write(`${isNew ? "\n" : ""}\r\x1b[2K${line}${phase === "verified" ? "\n" : ""}`);
    shown = phase === "verified" ? "" : collection;
    return;
  }
  // Where nobody watches, ten lines a collection.
  const step = `${collection} ${phase} ${Math.floor(share * 10)}`;
  if (step !== shown) process.stderr.write(`${line}\n`);
  shown = step;
}
