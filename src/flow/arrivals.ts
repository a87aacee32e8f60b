/**
 * What has just been made durable, handed to ingest without a detour through the store. All of it is in the store too: when too
 * much waits it is forgotten and read from there, so a flood does not grow the memory.
 */
import type { ReceivedEvent } from "./received-event";

/** Two seconds of WhatsApp's highest rate. */
const MOST_WAITING = 2_000;
const MOST_CHARS_WAITING = 16_000_000;

/** Longer texts go in several transactions, between which new events get their turn. */
const MOST_CHARS_AT_ONCE = 500_000;

/** The first events, as many as one transaction may take. */
export function firstOf(events: readonly ReceivedEvent[], limit: number): ReceivedEvent[] {
  let chars = 0;
  const end = events.findIndex(({ size }, index) => {
    chars += size;
    return index >= limit || (index > 0 && chars > MOST_CHARS_AT_ONCE);
  });
  return events.slice(0, end === -1 ? events.length : end);
}

type Mode =
  /** The store holds work that is not in here. */
  | "behind"
  /** The store is being read; what arrives meanwhile is collected. */
  | "reading"
  /** Everything that waits is in here. */
  | "complete";

export class Arrivals {
  #mode: Mode = "behind";
  #waiting: ReceivedEvent[] = [];
  /** What the last reading found: it may be announced once more, because it was read before its commit was reported. */
  #found: ReadonlySet<string> = new Set();

  get isComplete(): boolean {
    return this.#mode === "complete";
  }

  get size(): number {
    return this.#waiting.length;
  }

  offer(events: readonly ReceivedEvent[]): void {
    if (this.#mode === "behind") return;
    for (const event of events) if (!this.#found.has(event.rowId) || event.isUpgrade) this.#waiting.push(event);
    const chars = this.#waiting.reduce((sum, { size }) => sum + size, 0);
    if (this.#waiting.length > MOST_WAITING || chars > MOST_CHARS_WAITING) this.forget();
  }

  take(limit: number): ReceivedEvent[] {
    return this.#waiting.splice(0, firstOf(this.#waiting, limit).length);
  }

  /** From now on the store has to be read before anything is taken from here. */
  forget(): void {
    this.#mode = "behind";
    this.#waiting = [];
    this.#found = new Set();
  }

  /** The store is about to be read. */
  beginReading(): void {
    this.#mode = "reading";
    this.#waiting = [];
    this.#found = new Set();
  }

  /** The store was read. `isAll`: nothing was left behind in it. */
  endReading(found: readonly ReceivedEvent[], isAll: boolean): void {
    if (this.#mode !== "reading" || !isAll) {
      // Too much arrived meanwhile, or more is left than was read: read again.
      this.forget();
      return;
    }
    this.#mode = "complete";
    this.#found = new Set(found.map(({ rowId }) => rowId));
    this.#waiting = this.#waiting.filter((event) => !this.#found.has(event.rowId) || event.isUpgrade);
  }
}
