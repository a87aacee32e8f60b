/** `db`: the embedded database seen from outside: opened for MongoDB's tools, checked, backed up, moved. */
import { resolve } from "node:path";
import { loadConfig } from "../config/env";
import { fail } from "../core/errors";
import { type Command, readArguments } from "./command";
import { copyDatabase } from "./db/copy";
import { openDatabase } from "./db/open";
import { reachDatabase } from "./db/reach";

const HELP = `The embedded database, while the server runs or not.

  db                          lets MongoDB's tools in through a socket in the data directory, until Ctrl-C
  db --port 27017             on this machine's loopback address instead, with a password
     --password WORDS         that password (a generated one when left out)
     --replica-set NAME       as the primary of such a replica set, for clients that want one
  db check                    compares every document with every index; exit code 0 when all is well
  db backup FILE              a checked copy, taken while the server works
  db copy --to mongodb://...  the whole installation into an empty MongoDB database; repeat it to go on after an interruption
  db copy --from mongodb://...
`;

export const db: Command = {
  summary: "open, check, back up or move the embedded database",
  async run(args) {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: {
        port: { type: "string" },
        password: { type: "string" },
        "replica-set": { type: "string" },
        to: { type: "string" },
        from: { type: "string" },
        help: { type: "boolean" },
      },
    });
    const [task = "open", file, ...more] = positionals;
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    if (more.length > 0 || (file !== undefined && task !== "backup")) return usage();
    const config = loadConfig();
    switch (task) {
      case "open":
        return openDatabase(config, {
          port: portOf(values.port),
          password: values.password,
          replicaSet: values["replica-set"],
        });
      case "check":
        return check(config);
      case "backup":
        return file === undefined ? usage() : backup(config, resolve(file));
      case "copy":
        return copyDatabase(config, values);
      default:
        return usage();
    }
  },
};

function usage(): number {
  console.log(HELP);
  return 1;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (text === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw fail("request.invalid", { message: `--port takes a number from 0 to 65535, not "${text}".` });
  return port;
}

async function check(config: ReturnType<typeof loadConfig>): Promise<number> {
  await using database = await reachDatabase(config);
  const found = await database.check();
  for (const sentence of found) console.log(sentence);
  console.log(found.length === 0 ? "The database is sound." : `${found.length} faults. Restore a backup.`);
  return found.length === 0 ? 0 : 1;
}

async function backup(config: ReturnType<typeof loadConfig>, file: string): Promise<number> {
  await using database = await reachDatabase(config);
  await database.backup(file);
  console.log(`Backup written and checked: ${file} (${Math.ceil(Bun.file(file).size / 1024).toLocaleString("en")} KiB)`);
  return 0;
}
