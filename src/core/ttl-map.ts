/** A Map whose entries disappear after a fixed time, swept by one Bun timer, bounded in size. */
import type { Clock, Timer } from "./clock";

export interface TtlMapOptions {
  ttlMs: number;
  /** The oldest entries go first when more are kept. */
  maxEntries?: number;
  clock: Clock;
}

export class TtlMap<K, V> {
  readonly #entries = new Map<K, { value: V; expiresAt: number }>();
  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #clock: Clock;
  #sweeper: Timer | null = null;

  constructor({ ttlMs, maxEntries = 200_000, clock }: TtlMapOptions) {
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt > this.#clock.monotonic() ? entry.value : undefined;
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt: this.#clock.monotonic() + this.#ttlMs });
    if (this.#entries.size > this.#maxEntries) this.#dropOldest();
    this.#sweeper ??= this.#clock.timer(this.#ttlMs, () => this.#sweep());
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  /** Stops the sweeper and forgets everything. */
  clear(): void {
    this.#sweeper?.cancel();
    this.#sweeper = null;
    this.#entries.clear();
  }

  #dropOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  /** Insertion order is expiry order because the time to live is the same for all: stop at the first that is still fresh. */
  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const [key, entry] of this.#entries) {
      if (entry.expiresAt > now) {
        this.#sweeper = this.#clock.timer(entry.expiresAt - now, () => this.#sweep());
        return;
      }
      this.#entries.delete(key);
    }
    this.#sweeper = null;
  }
}
