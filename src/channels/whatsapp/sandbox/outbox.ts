/**
 * Webhooks on their way to our own door: posted when due, in order per phone, and again until they are answered with 200, also
 * after a restart. Under load several travel in one body, as with Meta.
 */
import type { Clock, Timer } from "../../../core/clock";
import type { Log } from "../../../core/log";
import type { ChaosKnobs } from "./chaos";
import type { SandboxCredentials } from "./credentials";
import type { OutboxRow, StateStore } from "./state-store";
import { postWebhook, webhookBody } from "./webhook-body";

export interface Delivery {
  status: number;
  attempts: number;
  /** Milliseconds from the moment it was due. */
  ms: number;
}

export interface OutboxDeps {
  credentials: SandboxCredentials;
  webhookUrl: () => string;
  store: StateStore;
  chaos: ChaosKnobs;
  random: () => number;
  log: Log;
  clock: Clock;
  /** Whether the app listens at all; if not, what becomes due is dropped, as Meta does. */
  isSubscribed: () => boolean;
  /** The longest pause between two tries, in milliseconds. */
  longestPauseMs?: number | undefined;
  /** Called when a row has become due and is about to be posted. */
  onDue: (row: OutboxRow) => void;
  /** Called when a row was answered with 200. */
  onTaken: (row: OutboxRow) => void;
}

const LANES = 8;
/** The status of a webhook that is not sent because the app is not subscribed. */
const NOBODY_LISTENS = -1;
const MOST_PER_POST = 100;
const POST_TIMEOUT_MS = 15_000;
/** How far a pass looks past busy phones before it gives up until something changes. */
const LOOK_AHEAD = 400;
/** A batch that is not full leaves after this. */
const GATHER_MS = 400;
const HOLD_BACK_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
const GIVE_UP_AFTER_MS = 7 * 86_400_000;

/** The pause before the next try: at once, then with growing distance (facts §2.3). */
const pauseMs = (attempts: number, longest: number): number =>
  attempts <= 1 ? 100 : Math.min(longest, 500 * 2 ** (attempts - 2));

export class Outbox {
  readonly #deps: OutboxDeps;
  /** Sorted by due time; equal times keep the order in which they were added. */
  #waiting: OutboxRow[] = [];
  readonly #busy = new Set<string>();
  readonly #firstDue = new Map<number, number>();
  readonly #watchers = new Map<number, (delivery: Delivery) => void>();
  #inFlight = 0;
  #timer: Timer | null = null;
  #scheduled = false;
  #stopped = false;
  #idle: (() => void) | null = null;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#waiting = deps.store.outbox();
  }

  /** Starts posting, beginning with what an earlier run left. */
  start(): void {
    this.#wake();
  }

  /** Stops posting; rows that are not taken stay in the file. Resolves when no call is in flight. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    return this.#inFlight === 0 ? Promise.resolve() : new Promise((resolve) => (this.#idle = resolve));
  }

  /** Keeps a row and posts it when due. `watch` is called after every try, until one is taken. */
  add(row: Omit<OutboxRow, "id" | "attempts">, watch?: (delivery: Delivery) => void): void {
    const { chaos, random, clock, store } = this.#deps;
    const held = random() < chaos.get().reorder ? random() * HOLD_BACK_MS : 0;
    const kept = store.addOutbox({ ...row, dueAt: Math.round((row.dueAt || clock.now()) + held) });
    if (watch) this.#watchers.set(kept.id, watch);
    this.#insert(kept);
    this.#wake();
  }

  /** Forgets rows that wait for this phone and bear one of these labels. */
  cancel(phoneId: string, labels: readonly string[]): void {
    this.#waiting = this.#waiting.filter((row) => {
      const gone = row.phoneId === phoneId && labels.includes(row.label);
      if (gone) this.#deps.store.dropOutbox(row.id);
      return !gone;
    });
  }

  #insert(row: OutboxRow): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#waiting[middle]!.dueAt <= row.dueAt) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, row);
  }

  /** Plans one pass for the end of this turn, so that rows added together travel together. */
  #wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pass();
    });
  }

  #pass(): void {
    if (this.#stopped) return;
    const now = this.#deps.clock.now();
    const { batchSize } = this.#deps.chaos.get();
    while (this.#inFlight < LANES) {
      const due = this.#countDue(now);
      if (due === 0) break;
      const oldest = this.#waiting[0]!;
      if (due < batchSize && now - oldest.dueAt < GATHER_MS) break;
      const share = Math.ceil(due / (LANES - this.#inFlight));
      const rows = this.#take(now, Math.max(batchSize, Math.min(share, MOST_PER_POST)));
      if (rows.length === 0) break;
      void this.#post(rows);
    }
    this.#plan(now);
  }

  /** How many of the first rows are due (no more than matters). */
  #countDue(now: number): number {
    const limit = Math.min(this.#waiting.length, LANES * 1000);
    let low = 0;
    let high = limit;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#waiting[middle]!.dueAt <= now) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Takes due rows in order, leaving those of phones with a call in flight: a phone's updates do not overtake each other. */
  #take(now: number, most: number): OutboxRow[] {
    const ordered = this.#deps.chaos.get().reorder === 0;
    const rows: OutboxRow[] = [];
    const kept: OutboxRow[] = [];
    let index = 0;
    for (; index < this.#waiting.length && rows.length < most && kept.length < LOOK_AHEAD; index++) {
      const row = this.#waiting[index]!;
      if (row.dueAt > now) break;
      if (ordered && row.phoneId !== null && this.#busy.has(row.phoneId)) kept.push(row);
      else rows.push(row);
    }
    this.#waiting.splice(0, index, ...kept);
    return rows;
  }

  async #post(rows: OutboxRow[]): Promise<void> {
    const { credentials, webhookUrl, chaos, random, log, clock } = this.#deps;
    this.#inFlight++;
    for (const row of rows) {
      if (row.phoneId !== null) this.#busy.add(row.phoneId);
      this.#firstDue.set(row.id, this.#firstDue.get(row.id) ?? clock.monotonic());
      if (row.attempts === 0) this.#deps.onDue(row);
    }
    if (!this.#deps.isSubscribed()) {
      this.#finish(rows, NOBODY_LISTENS);
      return;
    }
    const body = webhookBody(
      rows.map((row) => row.update),
      credentials,
    );
    const send = () => postWebhook(webhookUrl(), body, credentials.appSecret, POST_TIMEOUT_MS);
    const twice = random() < chaos.get().duplicates;
    const [{ status }] = await Promise.all(twice ? [send(), send()] : [send()]);
    if (status !== 200) log.info("sandbox webhook was not taken, it comes again", { status, updates: rows.length });
    this.#finish(rows, status);
  }

  #finish(rows: readonly OutboxRow[], status: number): void {
    this.#inFlight--;
    for (const row of rows) {
      if (row.phoneId !== null) this.#busy.delete(row.phoneId);
      this.#settle(row, status);
    }
    if (this.#stopped && this.#inFlight === 0) this.#idle?.();
    this.#wake();
  }

  #settle(row: OutboxRow, status: number): void {
    const { store, clock, onTaken, longestPauseMs = LONGEST_PAUSE_MS } = this.#deps;
    row.attempts++;
    const ms = Math.round(clock.monotonic() - (this.#firstDue.get(row.id) ?? clock.monotonic()));
    const watcher = this.#watchers.get(row.id);
    const isOver = status === 200 || status === NOBODY_LISTENS || ms > GIVE_UP_AFTER_MS;
    if (isOver) {
      store.dropOutbox(row.id);
      this.#firstDue.delete(row.id);
      this.#watchers.delete(row.id);
    } else {
      row.dueAt = clock.now() + pauseMs(row.attempts, longestPauseMs);
      store.delayOutbox(row.id, row.attempts, row.dueAt);
      this.#insert(row);
    }
    if (status === 200) onTaken(row);
    watcher?.({ status, attempts: row.attempts, ms });
  }

  /** One timer for the next row that will be due. Rows that are due but blocked are looked at again when a call ends. */
  #plan(now: number): void {
    this.#timer?.cancel();
    this.#timer = null;
    const oldest = this.#waiting[0];
    if (!oldest || this.#inFlight >= LANES) return;
    const next =
      oldest.dueAt > now ? oldest.dueAt - now : this.#waiting.find((row) => row.dueAt > now) ? this.#nextAfter(now) : GATHER_MS;
    this.#timer = this.#deps.clock.timer(Math.max(1, Math.min(next, GATHER_MS)), () => this.#pass());
  }

  #nextAfter(now: number): number {
    const next = this.#waiting[this.#countDue(now)];
    return next ? next.dueAt - now : GATHER_MS;
  }
}
