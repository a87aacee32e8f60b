/** A session transaction as the engine, the queue and the views know it. */
import { commandError, TRANSIENT } from "../command-error";

export interface Transaction {
  readonly id: string;
  /** The session: one whose transaction has to keep the writer says so for its next one. */
  readonly session: string;
  state: "waiting" | "open" | "committing" | "committed" | "aborted";
}

export function noSuchTransaction(transaction: Transaction | null): Error {
  const gone = transaction?.state === "aborted" ? "has been aborted" : "does not match any in-progress transactions";
  return commandError("NoSuchTransaction", `Given transaction number ${gone}.`).withLabel(TRANSIENT);
}
