/** argv -> command. */
import { admin } from "./commands/admin";
import type { Command } from "./commands/command";
import { db } from "./commands/db";
import { health } from "./commands/health";
import { replay } from "./commands/replay";
import { reports } from "./commands/reports";
import { search } from "./commands/search";
import { serve } from "./commands/serve";
import { simulate } from "./commands/simulate";
import { torture } from "./commands/torture";
import { AppError } from "./core/errors";

const commands: Record<string, Command> = { serve, simulate, torture, admin, db, search, reports, replay, health };

async function main([name = "serve", ...args]: string[]): Promise<number> {
  const command = commands[name];
  if (command) return command.run(args);
  console.log(`Chasqui: a WhatsApp bot with CRM in one executable\n`);
  for (const [word, { summary }] of Object.entries(commands)) console.log(`  ${word.padEnd(10)} ${summary}`);
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
