/** What every command is, and how it reads what was typed behind its name. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { describeError, fail } from "../core/errors";

export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** Gives the exit code. Throws AppError for what the person has to mend. */
  run(args: string[]): Promise<number>;
}

/** Reads options and words as `parseArgs` does. Throws `request.invalid` with a sentence for what was mistyped. */
export function readArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // ERR_PARSE_ARGS_*: an option that does not exist, lacks its value, or has one too many.
    if (!String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS")) throw error;
    throw fail("request.invalid", { message: describeError(error), cause: error });
  }
}
