/** The transactions of client sessions: the newest one of each session, open or ended. */
import { Bin, Doc, isNumeric, type Value } from "./bson/value";
import type { Reply } from "./command/reply";
import { commandError } from "./command-error";
import { noSuchTransaction, type Transaction } from "./storage/transaction";

/** Answers to retryable writes that are remembered. */
const MOST_ANSWERS = 1_000;

/** Sessions remembered, so that a repeated commit still finds its transaction. */
const MOST_SESSIONS = 10_000;

export class SessionRegistry {
  readonly #answers = new Map<string, { number: bigint; answer: Promise<Reply> }>();
  readonly #newest = new Map<string, Transaction & { number: bigint }>();

  /** The transaction a command belongs to; `startTransaction: true` makes a new one. */
  transaction(body: Doc): { transaction: Transaction; isNew: boolean } {
    const session = sessionId(body);
    const number = transactionNumber(body.get("txnNumber"));
    const known = this.#newest.get(session);
    if (body.get("startTransaction") === true) {
      if (known && known.number >= number)
        throw commandError(
          "TransactionTooOld",
          `Cannot start transaction ${number} on session because a newer transaction ${known.number} has started.`,
        );
      const transaction = { id: `${session}:${number}`, session, number, state: "waiting" as const };
      this.#newest.delete(session);
      this.#newest.set(session, transaction);
      return { transaction, isNew: true };
    }
    if (known?.number !== number) throw noSuchTransaction(null);
    return { transaction: known, isNew: false };
  }

  /** The transaction that commit or abort names; null when it is not known. */
  existing(body: Doc): Transaction | null {
    const known = this.#newest.get(sessionId(body));
    return known?.number === transactionNumber(body.get("txnNumber")) ? known : null;
  }

  /**
   * A write that carries a number of its own may be sent again when its answer was lost on the way: it is then answered
   * as before and not done again. Null when the write carries none.
   */
  answered(body: Doc): { session: string; number: bigint; answer: Promise<Reply> | null } | null {
    if (!body.has("txnNumber") || body.has("autocommit")) return null;
    const session = sessionId(body);
    const number = transactionNumber(body.get("txnNumber"));
    const known = this.#answers.get(session);
    if (known && known.number > number)
      throw commandError(
        "TransactionTooOld",
        `Retryable write with txnNumber ${number} is prohibited on session because a newer retryable write with txnNumber ${known.number} has already started.`,
      );
    return { session, number, answer: known?.number === number ? known.answer : null };
  }

  remember(session: string, number: bigint, answer: Promise<Reply>): void {
    this.#answers.delete(session);
    this.#answers.set(session, { number, answer });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MOST_ANSWERS) break;
      this.#answers.delete(oldest);
    }
    // A failed write has not happened: it may be tried again.
    answer.catch(() => {
      if (this.#answers.get(session)?.answer === answer) this.#answers.delete(session);
    });
  }

  /** Forgets the sessions that were used longest ago. */
  trim(): void {
    for (const [session, { state }] of this.#newest) {
      if (this.#newest.size <= MOST_SESSIONS) return;
      if (state === "committed" || state === "aborted") this.#newest.delete(session);
    }
  }
}

function sessionId(body: Doc): string {
  const lsid = body.get("lsid");
  const id = lsid instanceof Doc ? lsid.get("id") : undefined;
  if (!(id instanceof Bin)) throw commandError("InvalidOptions", "Transaction commands need a session");
  return Buffer.from(id.bytes).toString("hex");
}

function transactionNumber(value: Value | undefined): bigint {
  if (!isNumeric(value) || typeof value === "object")
    throw commandError("InvalidOptions", "Transaction commands need a txnNumber");
  return BigInt(value);
}
