/**
 * In-process distribution of events. Durable events leave in the order of their sequence, without a gap, whatever order
 * their commits report back in; passing events leave at once.
 */
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import { type Neighbours, NOBODY } from "../core/neighbours";
import type { DurableEvent, PassingData, PassingEvent } from "./catalog";
import type { StoredEvent } from "./event.model";
import { topicsOfPassing } from "./topics";

export interface PublishedEvent {
  /** Null for passing events: they are not kept and cannot be resumed. */
  seq: number | null;
  event: DurableEvent | PassingEvent;
  topics: readonly string[];
  /** Rooms out of which the conversation has just moved: they hear once that it has left. */
  left: readonly string[];
  data: Record<string, unknown>;
  /** `data` as JSON text; of a passing event it is made when somebody asks. */
  readonly json: string;
  /** When it was written; null for passing events. */
  at: Date | null;
  /** The rules that have led to it. */
  readonly cause: readonly string[];
}

/** A committed event together with the value its text was made from. */
export interface CommittedEvent extends StoredEvent {
  value: Record<string, unknown>;
}

export type EventListener = (event: PublishedEvent) => void;

class Passing implements PublishedEvent {
  readonly seq = null;
  readonly at = null;
  readonly left = [];
  readonly cause = [];
  #json: string | undefined;

  constructor(
    readonly event: PassingEvent,
    readonly topics: readonly string[],
    readonly data: Record<string, unknown>,
  ) {}

  get json(): string {
    this.#json ??= JSON.stringify(this.data);
    return this.#json;
  }
}

/** What neighbours tell each other of passing events. */
export const PASSED = "passed";
/** The others concern one process, or each process finds out by itself. */
const EVERYWHERE: ReadonlySet<PassingEvent> = new Set(["typing:indicator"]);

export class EventBus {
  readonly #listeners = new Set<EventListener>();
  readonly #early = new Map<number, CommittedEvent>();
  #next = 1;

  constructor(
    readonly log: Log,
    readonly neighbours: Neighbours = NOBODY,
  ) {}

  /** The sequence of the newest event that has left. */
  get seq(): number {
    return this.#next - 1;
  }

  /** Call once at start, before anything is published: the newest stored sequence. */
  startAfter(seq: number): void {
    this.#next = seq + 1;
  }

  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether events wait for one before them that another process has written. */
  get isAhead(): boolean {
    return this.#early.size > 0;
  }

  /** Hands on committed events, each once. One that is ahead of its turn waits for those before it. */
  publish(events: readonly CommittedEvent[]): void {
    for (const event of events) if (event._id >= this.#next) this.#early.set(event._id, event);
    for (let event = this.#early.get(this.#next); event; event = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      this.#deliver({
        seq: event._id,
        event: event.event,
        topics: event.topics,
        left: event.left ?? [],
        data: event.value,
        json: event.data,
        at: event.at,
        cause: event.cause ?? [],
      });
    }
  }

  /** Shows a passing event to whoever listens now, in other processes too where they have to know. */
  pass<E extends PassingEvent>(event: E, data: PassingData<E>): void {
    this.show(event, data);
    if (EVERYWHERE.has(event)) this.neighbours.tell(PASSED, { event, data });
  }

  /** The same in this process only. */
  show<E extends PassingEvent>(event: E, data: PassingData<E>): void {
    if (this.#listeners.size > 0)
      this.#deliver(new Passing(event, topicsOfPassing(event, data), data as Record<string, unknown>));
  }

  #deliver(event: PublishedEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // A listener's own bug must not keep the others from hearing of a committed change.
        this.log.error("an event listener failed", { event: event.event, seq: event.seq, reason: describeError(error) });
      }
    }
  }
}
