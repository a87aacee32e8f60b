/** `db` without a task: lets MongoDB's tools in and shows how to come in, until it is told to stop. */
import { randomBytes } from "node:crypto";
import type { Config } from "../../config/env";
import { fail } from "../../core/errors";
import type { WireRequest } from "../../store/door";
import { reachDatabase } from "./reach";

export interface OpenOptions {
  port: number | undefined;
  password: string | undefined;
  replicaSet: string | undefined;
}

export async function openDatabase(config: Config, { port, password: chosen, replicaSet }: OpenOptions): Promise<number> {
  if (port === undefined && (chosen ?? replicaSet) !== undefined)
    throw fail("request.invalid", { message: "--password and --replica-set go with --port." });
  await using database = await reachDatabase(config);
  const request: WireRequest = {};
  if (port !== undefined) Object.assign(request, { port, password: chosen ?? randomBytes(15).toString("base64url") });
  if (replicaSet !== undefined) request.replicaSet = replicaSet;
  const opened = await database.open(request);
  console.log(`\n  The database is open.  Ctrl-C closes it.\n\n  mongosh "${opened.uri}"`);
  if (port !== undefined)
    console.log(`  Password     ${chosen === undefined ? `${request.password}      (shown only now)` : "the one you gave"}`);
  console.log("");
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await opened.close();
  return 0;
}
