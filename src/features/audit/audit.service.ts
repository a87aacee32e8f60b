/**
 * Who did what, to what, from where. Entries are only ever added, in the transaction of the change they tell when there is one;
 * there is no way to change one, and only retention removes them.
 */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { idAt, newId } from "../../core/id";
import type { Origin } from "../../core/origin";
import { decodeCursor, type Page, toPage } from "../../core/page";
import { withoutSecrets } from "../../core/secret-name";
import type { AuditEntry, AuditModel } from "./audit.model";
import type { AuditEntryView, AuditFilter, AuditQuery } from "./audit.schema";

/** Who acts: an actor of a request, or somebody who is none yet (a failed sign-in) or none at all. */
export type AuditActor = Pick<Actor, "id" | "name"> & { kind: Actor["kind"] | "guest"; origin?: Origin | undefined };

export interface AuditInput {
  actor: AuditActor;
  /** `noun.verb` */
  action: `${string}.${string}`;
  target: { kind: string; id: string; name?: string | null };
  /** States before and after: the fields that differ are kept. */
  before?: object | null;
  after?: object | null;
}

/** All that other features need. */
export interface AuditPort {
  /** Adds an entry in the transaction of `change`; null: by itself. */
  record(change: { session: ClientSession } | null, input: AuditInput): Promise<void>;
}

export interface AuditService extends AuditPort {
  /** The newest first. */
  list(query: AuditQuery): Promise<Page<AuditEntryView>>;
  /** Everything that fits, the oldest first, a few hundred entries at a time. */
  read(filter: AuditFilter): AsyncGenerator<AuditEntryView[]>;
  /** Removes at most `limit` entries from before this time. Only retention calls it. */
  drop(before: Date, limit: number): Promise<number>;
  /** How many entries are from before this time. */
  countBefore(before: Date): Promise<number>;
}

export interface AuditDeps {
  entries: AuditModel;
  clock: Clock;
  /** How much of an address is kept. Full when nobody says otherwise. */
  shownAddress?: (address: string) => string;
}

const AT_ONCE = 500;
const MOST_AGENT = 300;

export function createAuditService({ entries, clock, shownAddress = (address) => address }: AuditDeps): AuditService {
  const originOf = ({ origin }: AuditActor): AuditEntry["origin"] =>
    origin
      ? {
          address: shownAddress(origin.address),
          userAgent: origin.userAgent.slice(0, MOST_AGENT),
          requestId: origin.requestId,
        }
      : null;

  return {
    async record(change, { actor, action, target, before = null, after = null }) {
      const now = clock.now();
      const [was, is] = difference(before, after);
      const entry: AuditEntry = {
        _id: newId(now),
        at: new Date(now),
        actor: { kind: actor.kind, id: actor.id, name: actor.name },
        action,
        noun: action.slice(0, action.indexOf(".")),
        target: { kind: target.kind, id: target.id, name: target.name ?? null },
        origin: originOf(actor),
        before: was === null ? null : JSON.stringify(was),
        after: is === null ? null : JSON.stringify(is),
      };
      await entries.collection.insertOne(entry as never, change ? { session: change.session } : {});
    },

    async list({ limit, cursor, ...filter }) {
      const [last] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const conditions = [conditionOf(filter), ...(last ? [{ _id: { $lt: last as string } }] : [])];
      const rows = await entries
        .find({ $and: conditions })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as AuditEntry[], limit, toAuditView, ({ _id }) => [_id]);
    },

    async *read(filter) {
      let last = "";
      for (;;) {
        const rows = (await entries
          .find({ $and: [conditionOf(filter), { _id: { $gt: last } }] })
          .sort({ _id: 1 })
          .limit(AT_ONCE)
          .lean()) as AuditEntry[];
        if (rows.length > 0) yield rows.map(toAuditView);
        if (rows.length < AT_ONCE) return;
        last = rows.at(-1)?._id ?? "";
      }
    },

    async drop(before, limit) {
      const rows = await entries
        .find({ _id: { $lt: boundary(before) } }, { _id: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .lean();
      if (rows.length === 0) return 0;
      return (await entries.collection.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) as never[] } })).deletedCount;
    },

    countBefore: (before) => entries.countDocuments({ _id: { $lt: boundary(before) } }),
  };
}

/** The smallest id of this time: ids begin with their time. */
const boundary = (time: Date): string => `${idAt(time.getTime()).slice(0, 12)}000000000000`;

function conditionOf({ actor, action, target, from, to }: AuditFilter): Record<string, unknown> {
  const times = {
    ...(from === undefined ? {} : { $gte: boundary(timeOf("from", from)) }),
    ...(to === undefined ? {} : { $lt: boundary(timeOf("to", to)) }),
  };
  return {
    ...(Object.keys(times).length > 0 ? { _id: times } : {}),
    ...(actor === undefined ? {} : { "actor.id": actor }),
    ...(action === undefined ? {} : action.includes(".") ? { action } : { noun: action }),
    ...(target === undefined ? {} : { "target.id": target }),
  };
}

function timeOf(field: string, text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime()) && time.getTime() >= 0) return time;
  throw fail("request.invalid", { details: [{ path: `query.${field}`, message: "there is no such day or moment" }] });
}

/** The fields that differ, without secrets. A state that is missing leaves the other one whole. */
function difference(before: object | null, after: object | null): [unknown, unknown] {
  if (!before || !after) return [before && withoutSecrets(before), after && withoutSecrets(after)];
  const [was, is] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]),
  );
  const pick = (state: Record<string, unknown>) =>
    withoutSecrets(Object.fromEntries(names.filter((name) => name in state).map((name) => [name, state[name]])));
  return [pick(was), pick(is)];
}

const toAuditView = ({ _id, at, actor, action, target, origin, before, after }: AuditEntry): AuditEntryView => ({
  id: _id,
  at: at.toISOString(),
  actor,
  action,
  target,
  origin,
  before: before === null ? null : JSON.parse(before),
  after: after === null ? null : JSON.parse(after),
});
