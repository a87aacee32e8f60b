/**
 * The numbers of the tabs, pushed to whoever shows them. Nothing is counted per event: an event that moves no conversation between
 * tabs is passed over, the others mark whose numbers may be others, and those are counted together, in the indexes, a moment later.
 */
import type { Actor } from "../core/actor";
import { SYSTEM } from "../core/actor";
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import { TtlMap } from "../core/ttl-map";
import type { PublishedEvent } from "../events/bus";
import { COUNTS, inboxOf } from "../events/topics";
import type { ConversationView } from "../events/view";
import type { ConversationListService, TabCounts } from "../features/conversations/conversation-list.service";
import { eventFrame, type Seat } from "./live-rooms";

export interface CountsDeps {
  lists: Pick<ConversationListService, "countTabs">;
  clock: Clock;
  log: Log;
}

type Tab = keyof TabCounts;
/** The same for everybody who sees everything. */
const COMMON: readonly Tab[] = ["unassigned", "all", "waiting", "unattended"];
const OWN: readonly Tab[] = ["mine", "mentions"];
/** Numbers that jump more often than this cannot be read. */
export const COUNT_EVERY_MS = 500;
const REMEMBER_MS = 3_600_000;
const MOST_REMEMBERED = 50_000;

interface Reader {
  actor: Actor;
  rooms: ReadonlySet<string>;
  seats: Set<Seat>;
  isDirty: boolean;
  /** Their own tabs, while nothing of theirs has moved. */
  own: Partial<TabCounts> | null;
  last: string;
}

export class LiveCounts {
  readonly #readers = new Map<string, Reader>();
  /** Where conversations stood when they were last heard of. */
  readonly #standing: TtlMap<string, string>;
  #common: Partial<TabCounts> | null = null;
  /** Counts changes: what was counted meanwhile may be old. */
  #moves = 0;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #isStopped = false;

  constructor(readonly deps: CountsDeps) {
    this.#standing = new TtlMap({ ttlMs: REMEMBER_MS, maxEntries: MOST_REMEMBERED, clock: deps.clock });
  }

  /** This connection wants its numbers, now and whenever they are others. Call again when its rights have changed. */
  join(seat: Seat): void {
    const { actor } = seat;
    if (!actor) return;
    const key = keyOf(actor);
    if (!this.#readers.get(key)?.seats.has(seat)) this.leave(seat);
    const reader: Reader = this.#readers.get(key) ?? {
      actor,
      rooms: new Set(inboxOf(actor)),
      seats: new Set(),
      isDirty: true,
      own: null,
      last: "",
    };
    this.#readers.set(key, reader);
    reader.seats.add(seat);
    // A second window is told what the first one knows.
    if (reader.last !== "" && !reader.isDirty) seat.raw.send(frameOf(reader.last));
    else this.#soon(0);
  }

  leave(seat: Seat): void {
    for (const [key, reader] of this.#readers)
      if (reader.seats.delete(seat) && reader.seats.size === 0) this.#readers.delete(key);
  }

  hear({ event, data, topics, left }: PublishedEvent): void {
    if (this.#readers.size === 0) return;
    if (event === "conversation:updated") this.#moved(data.conversation as ConversationView, topics, left);
    else if (event === "mention:new") this.#mark(({ actor }) => (actor.id === data.agent ? "own" : null));
    else if (event === "message:read") this.#mark(({ actor }) => (actor.id === data.by ? "own" : null));
    else if (event === "contact:erased") this.#mark(() => "own");
  }

  stop(): Promise<void> | null {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#standing.clear();
    return this.#running;
  }

  #moved(view: ConversationView, topics: readonly string[], left: readonly string[]): void {
    const standing = standingOf(view);
    const before = this.#standing.get(view.id);
    this.#standing.set(view.id, standing);
    if (before === standing) return;
    // Whom it may concern: by the rooms it is in and has just left.
    const isIn = (room: string) => topics.includes(room) || left.includes(room);
    this.#mark(({ actor, rooms }) => {
      if (isIn(agentRoom(actor))) return "own";
      return actor.reach === "all" ? "common" : [...rooms].some(isIn) ? "own" : null;
    });
  }

  #mark(partOf: (reader: Reader) => "own" | "common" | null): void {
    let some = false;
    this.#common = null;
    this.#moves++;
    for (const reader of this.#readers.values()) {
      const part = partOf(reader);
      if (part === "own") reader.own = null;
      if (part) reader.isDirty = some = true;
    }
    if (some) this.#soon(COUNT_EVERY_MS);
  }

  #soon(ms: number): void {
    if (this.#timer || this.#running || this.#isStopped) return;
    this.#timer = this.deps.clock.timer(ms, () => {
      this.#timer = null;
      this.#running = this.#count()
        .catch((error: unknown) => {
          // The store is away for a moment: counted again with the next round.
          this.deps.log.debug("the tabs could not be counted", { reason: describeError(error) });
        })
        .finally(() => {
          this.#running = null;
          if ([...this.#readers.values()].some(({ isDirty }) => isDirty)) this.#soon(COUNT_EVERY_MS);
        });
    });
  }

  async #count(): Promise<void> {
    for (const reader of [...this.#readers.values()]) {
      if (!reader.isDirty || this.#isStopped) continue;
      reader.isDirty = false;
      try {
        const text = JSON.stringify({ counts: await this.#of(reader) });
        if (text === reader.last) continue;
        reader.last = text;
        for (const seat of reader.seats) if (seat.actor) seat.raw.send(frameOf(text));
      } catch (error) {
        reader.isDirty = true;
        throw error;
      }
    }
  }

  async #of(reader: Reader): Promise<TabCounts> {
    const { lists } = this.deps;
    const { actor } = reader;
    if (actor.reach !== "all") return lists.countTabs(actor);
    const before = this.#moves;
    const own = reader.own ?? (await lists.countTabs(actor, OWN));
    const common = this.#common ?? (await lists.countTabs(SYSTEM, COMMON));
    if (before === this.#moves) {
      reader.own = own;
      this.#common = common;
    }
    return { ...common, ...own } as TabCounts;
  }
}

const keyOf = ({ id, reach, teams }: Actor): string => JSON.stringify([id, reach, [...teams].sort()]);

const agentRoom = ({ id }: Actor): string => `inbox:agent:${id}`;

const frameOf = (json: string): string => eventFrame({ seq: null, event: "counts:changed" as never, json }, COUNTS);

/** All that decides in which tabs it is. */
const standingOf = (view: ConversationView): string =>
  [
    view.status,
    view.waitingFor,
    view.assignedAgent,
    view.team,
    view.participants.join(),
    view.waitingSince !== null,
    view.isUnattended,
    view.mentions.join(),
  ].join(" ");
