/** argv -> command. */
import type { Command } from "./commands/command";
import { AppError } from "./core/errors";

/** Each is loaded when it is asked for: a health check needs no store, and a server no torture. */
const commands: Record<string, () => Promise<Command>> = {
  serve: async () => (await import("./commands/serve")).serve,
  simulate: async () => (await import("./commands/simulate")).simulate,
  torture: async () => (await import("./commands/torture")).torture,
  admin: async () => (await import("./commands/admin")).admin,
  db: async () => (await import("./commands/db")).db,
  search: async () => (await import("./commands/search")).search,
  reports: async () => (await import("./commands/reports")).reports,
  replay: async () => (await import("./commands/replay")).replay,
  health: async () => (await import("./commands/health")).health,
};

async function main([name = "serve", ...args]: string[]): Promise<number> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load) return (await load()).run(args);
  console.log(`Chasqui: a WhatsApp bot with CRM in one executable\n`);
  for (const [word, one] of Object.entries(commands)) console.log(`  ${word.padEnd(10)} ${(await one()).summary}`);
  return name === "help" || name === "--help" ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    // What a person can mend is told in words; anything else is a defect and shows where it happened.
    console.error(
      error instanceof AppError || (error as { code?: unknown })?.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION"
        ? `\n${(error as Error).message}\n`
        : error,
    );
    process.exit(1);
  },
);
