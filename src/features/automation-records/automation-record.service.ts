/**
 * What people set up and everything looks at all the time: opening hours, rules, macros, policies. Few enough to be kept in memory,
 * where reading is free; a change names the version it was made from, is audited, and is told to everybody, other processes included.
 */
import type { ClientSession, Model } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock, Timer } from "../../core/clock";
import { describeError, type ErrorCode, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import type { EventBus } from "../../events/bus";
import type { DurableData } from "../../events/catalog";
import type { Change, EventLog } from "../../events/log";

export interface AutomationRecord {
  _id: string;
  name: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

type Kind = DurableData<"automation:updated">["kind"];
type Fields<R> = Omit<R, keyof AutomationRecord> & { name: string };

export interface PatchOptions {
  /** What the audit log calls it; `update` when left out. */
  verb?: string;
  /** Written in the same transaction. */
  also?: (change: Change) => Promise<void>;
}

export interface AutomationRecords<R extends AutomationRecord> {
  /** Reads what is stored, and listens for changes. Call once at start. */
  load(): Promise<void>;
  /** All of them as they are now, from memory. */
  all(): readonly R[];
  find(id: string): R | null;
  /** Throws the kind's `not-found`. */
  get(id: string): R;
  create(fields: Fields<R>, actor: Actor): Promise<R>;
  /** Throws `request.stale` with what is stored when `version` is given and no longer the newest. */
  patch(id: string, fields: Partial<Fields<R>>, version: number | undefined, actor: Actor, how?: PatchOptions): Promise<R>;
  remove(id: string, actor: Actor): Promise<void>;
  /** Called after every change of any of them, in this process or another one. */
  onChange(listener: () => void): void;
  stop(): void;
}

export interface RecordDeps<R extends AutomationRecord> {
  kind: Kind;
  notFound: ErrorCode;
  model: Model<R>;
  sort: (a: R, b: R) => number;
  /** As clients see it, for conflicts. */
  view: (record: R) => object;
  audit: Auditor<ClientSession>;
  eventLog: EventLog;
  bus: EventBus;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

const MOST = 500;
/** How long another process may go on with an old one. */
const LOOK_AGAIN_MS = 5_000;

export function createAutomationRecords<R extends AutomationRecord>(deps: RecordDeps<R>): AutomationRecords<R> {
  const { kind, notFound, model, sort, view, audit, eventLog, bus, isAlone, clock, log } = deps;
  const collection = model.collection;
  const listeners: (() => void)[] = [];
  let known: readonly R[] = [];
  let timer: Timer | null = null;
  let unsubscribe = () => {};

  async function read(): Promise<void> {
    const rows = (await collection.find({}).limit(MOST).toArray()) as unknown as R[];
    // Old news change nothing: somebody may have been faster than this answer.
    const newest = new Map(known.map((one) => [one._id, one]));
    const before = stateOf(known);
    known = rows.map((row) => ((newest.get(row._id)?.version ?? -1) > row.version ? newest.get(row._id)! : row)).sort(sort);
    if (stateOf(known) !== before) for (const listener of listeners) listener();
  }

  const stateOf = (records: readonly R[]) => records.map(({ _id, version }) => `${_id}:${version}`).join();
  const refresh = () =>
    // The store is away for a moment: what is in memory goes on to hold.
    read().catch((error: unknown) => log.warn("what was set up could not be read", { kind, reason: describeError(error) }));

  function lookAgain(): void {
    timer = clock.timer(LOOK_AGAIN_MS, () => void refresh().finally(() => timer && lookAgain()));
  }

  async function stored(id: string, session: ClientSession): Promise<R> {
    const found = (await collection.findOne({ _id: id as never }, { session })) as unknown as R | null;
    if (!found) throw fail(notFound);
    return found;
  }

  async function tell(change: Change, actor: Actor, verb: string, before: R | null, after: R | null): Promise<void> {
    const one = (after ?? before) as R;
    await audit.record(change, {
      actor,
      action: `${kind}.${verb}`,
      target: { kind, id: one._id, name: one.name },
      before: before && view(before),
      after: after && view(after),
    });
    change.emit("automation:updated", { kind, id: one._id, version: after?.version ?? null });
  }

  const records: AutomationRecords<R> = {
    async load() {
      await read();
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event === "automation:updated" && data.kind === kind) void refresh();
      });
      if (!isAlone) lookAgain();
    },
    all: () => known,
    find: (id) => known.find((one) => one._id === id) ?? null,
    get(id) {
      const found = records.find(id);
      if (!found) throw fail(notFound);
      return found;
    },

    async create(fields, actor) {
      const at = new Date(clock.now());
      const record = { ...fields, _id: newId(clock.now()), version: 0, createdAt: at, updatedAt: at } as unknown as R;
      await eventLog.change(async (change) => {
        const options = { session: change.session };
        if ((await collection.countDocuments({}, { ...options, limit: MOST })) >= MOST) throw fail("automation.too-many");
        await collection.insertOne(record as never, options);
        await tell(change, actor, "create", null, record);
      });
      await read();
      return record;
    },

    async patch(id, fields, version, actor, { verb = "update", also } = {}) {
      const after = await eventLog.change(async (change) => {
        const before = await stored(id, change.session);
        if (version !== undefined && version !== before.version) throw fail("request.stale", { current: view(before) });
        const next = { ...before, ...fields, version: before.version + 1, updatedAt: new Date(clock.now()) };
        await collection.replaceOne({ _id: id as never, version: before.version }, next as never, { session: change.session });
        await also?.(change);
        await tell(change, actor, verb, before, next);
        return next;
      });
      await read();
      return after;
    },

    async remove(id, actor) {
      await eventLog.change(async (change) => {
        const before = await stored(id, change.session);
        await collection.deleteOne({ _id: id as never }, { session: change.session });
        await tell(change, actor, "remove", before, null);
      });
      await read();
    },

    onChange: (listener) => void listeners.push(listener),
    stop() {
      unsubscribe();
      timer?.cancel();
      timer = null;
    },
  };
  return records;
}
