/** What every command is. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** Gives the exit code. Throws AppError for what the person has to mend. */
  run(args: string[]): Promise<number>;
}
