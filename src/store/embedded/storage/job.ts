/** What waits for the writer: a write, or a transaction that wants to begin. */
import { type CommandError, commandError } from "../command-error";
import type { Transaction } from "./transaction";

export interface Job {
  transaction: Transaction | null;
  /** Changes of the catalog never share a group that stays open, so that readers see tables and catalog agree. */
  alone: boolean;
  run: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  since: number;
}

/** It has waited for as long as anything may: most likely for itself. */
export const stillLocked = (): CommandError =>
  commandError(
    "WriteConflict",
    "Waited 5 s for an open transaction. Was a write awaited inside a transaction without its session?",
  );
