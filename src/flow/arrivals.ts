/**
 * What has just been made durable, handed to ingest without a detour through the store. All of it is in the store too: when too
 * much waits it is forgotten and read from there, so a flood does not grow the memory.
 */
import type { JournalEntry } from "./journal.model";
import type { ReceivedEvent } from "./received-event";

/** Two seconds of WhatsApp's highest rate. */
const MOST_WAITING = 2_000;
const MOST_BYTES_WAITING = 16_000_000;

/** Longer texts go in several transactions, between which new events get their turn. */
const MOST_CHARS_AT_ONCE = 500_000;

/** The first events, as many as one transaction may take. */
export function firstOf<E extends ReceivedEvent>(events: readonly E[], limit: number): E[] {
  let chars = 0;
  const end = events.findIndex(({ size }, index) => {
    chars += size;
    return index >= limit || (index > 0 && chars > MOST_CHARS_AT_ONCE);
  });
  return events.slice(0, end === -1 ? events.length : end);
}

/** An entry of the journal on its way through ingest; its bodies are read when its turn has come. */
export class Arrival {
  readonly id: string;
  readonly requests: number;
  readonly bytes: number;
  readonly #entry: JournalEntry;
  readonly #read: ReadEntry;
  #events: ReceivedEvent[] | null = null;

  constructor(entry: JournalEntry, read: ReadEntry) {
    this.id = entry._id;
    this.requests = entry.requests.length;
    this.bytes = entry.requests.reduce((sum, { body }) => sum + body.length, 0);
    this.#entry = entry;
    this.#read = read;
  }

  get events(): readonly ReceivedEvent[] {
    this.#events ??= this.#read(this.#entry);
    return this.#events;
  }
}

/** Every event of an entry, in the order of its bodies. */
export type ReadEntry = (entry: JournalEntry) => ReceivedEvent[];

type Mode =
  /** The store holds work that is not in here. */
  | "behind"
  /** The store is being read; what arrives meanwhile is collected. */
  | "reading"
  /** Everything that waits is in here. */
  | "complete";

export class Arrivals {
  readonly #read: ReadEntry;
  #mode: Mode = "behind";
  #waiting: Arrival[] = [];
  /** What the last reading found: it may be announced once more, because it was read before its commit was reported. */
  #found: ReadonlySet<string> = new Set();

  constructor(read: ReadEntry) {
    this.#read = read;
  }

  get isComplete(): boolean {
    return this.#mode === "complete";
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  offer(entries: readonly JournalEntry[]): void {
    if (this.#mode === "behind") return;
    for (const entry of entries) if (!this.#found.has(entry._id)) this.#waiting.push(new Arrival(entry, this.#read));
    let [requests, bytes] = [0, 0];
    for (const one of this.#waiting) {
      requests += one.requests;
      bytes += one.bytes;
    }
    if (requests > MOST_WAITING || bytes > MOST_BYTES_WAITING) this.forget();
  }

  /** The next entries, at least one, with about as many events as one transaction may take. */
  take(limit: number): Arrival[] {
    let [events, bytes, count] = [0, 0, 0];
    for (const one of this.#waiting) {
      events += one.events.length;
      bytes += one.bytes;
      if (count > 0 && (events > limit || bytes > MOST_CHARS_AT_ONCE)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
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
  endReading(found: readonly JournalEntry[], isAll: boolean): void {
    const read = found.map((entry) => new Arrival(entry, this.#read));
    if (this.#mode !== "reading" || !isAll) {
      // Too much arrived meanwhile, or more is left than was read: what is in here comes first, then the store is read again.
      this.#mode = "behind";
      this.#waiting = read;
      return;
    }
    this.#mode = "complete";
    this.#found = new Set(read.map(({ id }) => id));
    this.#waiting = [...read, ...this.#waiting.filter(({ id }) => !this.#found.has(id))];
  }
}
