/** Documents that transactions standing aside have changed: nobody else may change them before those have ended. */
import { type CommandError, commandError, TRANSIENT } from "../command-error";

/** The document belongs to an open transaction. A write outside of transactions waits for it, another transaction has lost. */
export class RowIsLocked extends Error {
  override name = "RowIsLocked";
}

export class RowLocks<Owner> {
  readonly #owners = new Map<string, Owner>();

  /** Takes a document. Throws RowIsLocked when another owner has it. */
  take(owner: Owner, collection: number, rid: number): void {
    this.check(owner, collection, rid);
    this.#owners.set(`${collection}:${rid}`, owner);
  }

  /** Throws RowIsLocked when somebody other than `owner` has the document. */
  check(owner: Owner | null, collection: number, rid: number): void {
    if (this.#owners.size === 0) return;
    const holder = this.#owners.get(`${collection}:${rid}`);
    if (holder !== undefined && holder !== owner) throw new RowIsLocked();
  }

  release(owner: Owner): void {
    for (const [key, holder] of this.#owners) if (holder === owner) this.#owners.delete(key);
  }
}

/** What MongoDB tells the transaction that came second. Drivers do it again. */
export const writeConflict = (): CommandError =>
  commandError(
    "WriteConflict",
    "Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.",
  ).withLabel(TRANSIENT);
