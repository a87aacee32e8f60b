/** Documents and keys that transactions standing aside have taken: nobody else may take them before those have ended. */
import { type CommandError, commandError, TRANSIENT } from "../command-error";

/** A document, by its row. */
export const rowPlace = (table: string, rid: number): string => `${table}:${rid}`;
/** A key that only one document may have. */
export const keyPlace = (table: string, key: Uint8Array): string => `${table}=${Buffer.from(key).toString("latin1")}`;

/** The document belongs to an open transaction. A write outside of transactions waits for it, another transaction has lost. */
export class RowIsLocked extends Error {
  override name = "RowIsLocked";
}

export class RowLocks<Owner> {
  readonly #owners = new Map<string, Owner>();

  get isEmpty(): boolean {
    return this.#owners.size === 0;
  }

  /** Takes a place. Throws RowIsLocked when another owner has it. */
  take(owner: Owner, place: string): void {
    this.check(owner, place);
    this.#owners.set(place, owner);
  }

  /** Throws RowIsLocked when somebody other than `owner` has the place. */
  check(owner: Owner | null, place: string): void {
    const holder = this.#owners.get(place);
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
