/** `db` without a task: lets MongoDB's tools in and shows how to come in, until it is told to stop. */
import { randomBytes } from "node:crypto";
import type { Config } from "../../config/env";
import { reachDatabase } from "./reach";

export interface OpenOptions {
  port: number | undefined;
  password: string | undefined;
}

export async function openDatabase(config: Config, { port, password: chosen }: OpenOptions): Promise<number> {
  await using database = await reachDatabase(config);
  const password = port === undefined ? undefined : (chosen ?? randomBytes(15).toString("base64url"));
  const opened = await database.open({
    ...(port === undefined ? {} : { port }),
    ...(password === undefined ? {} : { password }),
  });
  console.log(`\n  The database is open.  Ctrl-C closes it.\n\n  mongosh "${opened.uri}"`);
  if (password !== undefined) {
    console.log(`  Password     ${chosen === undefined ? `${password}      (shown only now)` : "the one you gave"}`);
  }
  console.log("");
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await opened.close();
  return 0;
}
