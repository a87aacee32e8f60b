/** Lists and counts of conversations: every page is read from an index in its order, whatever is filtered. Nothing out of reach is shown. */
import { type Actor, reachFilter } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { decodeCursor, encodeCursor, type Page, type PageRequest } from "../../core/page";
import type { ConversationView } from "../../events/view";
import type { ContactAttributeService } from "../contacts/contact-attribute.service";
import type { Conversation, ConversationModel } from "./conversation.model";
import { toConversationView } from "./conversation.view";
import {
  BY_CONTACT,
  type Condition,
  type ConversationFilter,
  conditionsOf,
  type ReachPart,
  reachParts,
  type Sort,
  TABS,
  type Tab,
} from "./conversation-filter";

export { ConversationPage } from "./conversation.schema";
export { ConversationFilter, checkFilter, SORTS } from "./conversation-filter";

export type TabCounts = Record<Tab, number>;

export interface ConversationListService {
  list(
    filter: ConversationFilter,
    request: PageRequest & { sort?: Sort | undefined },
    actor: Actor,
  ): Promise<Page<ConversationView>>;
  /** How many are in each of these tabs, at most `MOST_COUNTED`. */
  countTabs<T extends Tab = Tab>(actor: Actor, tabs?: readonly T[]): Promise<Pick<TabCounts, T>>;
  /** How many match, at most `MOST_COUNTED`. */
  count(filter: ConversationFilter, actor: Actor): Promise<number>;
  /** Ids of everything that matches now, a page at a time. One that moves meanwhile comes later, so none is missed. */
  ids(filter: ConversationFilter, actor: Actor): AsyncGenerator<string[]>;
}

/** A list says "more than 999" rather than counting on. */
export const MOST_COUNTED = 1_000;
const ID_PAGE = 500;
/** Attributes of fewer contacts are looked up first; of more, the contacts of each conversation are looked at. */
const FEW_CONTACTS = 1_000;
const LOOKED_AT_ONCE = 500;

/** How a list is ordered: the field, its direction, and one bucket after the other where there are several. */
interface Order {
  field: "lastMessageAt" | "waitingSince" | "sla.dueAt" | "_id";
  direction: 1 | -1;
  buckets: readonly Condition[];
}

const ORDERS: Readonly<Record<Sort, Order>> = {
  newest: { field: "lastMessageAt", direction: -1, buckets: [{}] },
  oldest: { field: "lastMessageAt", direction: 1, buckets: [{}] },
  waiting: { field: "waitingSince", direction: 1, buckets: [{ waitingSince: { $type: "date" } }] },
  sla: { field: "sla.dueAt", direction: 1, buckets: [{ "sla.dueAt": { $type: "date" } }] },
  created: { field: "_id", direction: -1, buckets: [{}] },
  priority: {
    field: "lastMessageAt",
    direction: -1,
    buckets: [{ rank: 2 }, { rank: 1 }, { rank: null }, { rank: -1 }],
  },
};

interface Place {
  bucket: number;
  at: number;
  id: string;
}

export function createConversationListService({
  conversations,
  attributes,
  clock,
}: {
  conversations: ConversationModel;
  attributes: ContactAttributeService;
  clock: Clock;
}): ConversationListService {
  /** Rows of one bucket after a place, each part of the reach by its own index, merged. */
  async function rowsOf(
    conditions: readonly Condition[],
    parts: readonly ReachPart[],
    order: Order,
    place: Place | null,
    limit: number,
  ): Promise<Conversation[]> {
    const sort = { [order.field]: order.direction, ...(order.field === "_id" ? {} : { _id: order.direction }) };
    const found = await Promise.all(
      parts.map(
        async ({ condition, hint }) =>
          (await conversations.collection
            .find({ $and: [condition, ...conditions, ...(place ? beyond(order, place) : [])] } as never, hint ? { hint } : {})
            .sort(sort as never)
            .limit(limit)
            .toArray()) as unknown as Conversation[],
      ),
    );
    if (found.length === 1) return found[0] ?? [];
    const sign = order.direction;
    return found
      .flat()
      .sort((a, b) => sign * (keyOf(a, order) - keyOf(b, order) || (a._id < b._id ? -1 : 1)))
      .slice(0, limit);
  }

  /** The rows of a filter by attributes of the contact; null when it has none. */
  async function byAttributes(filter: ConversationFilter): Promise<{ few: string[] | null } | null> {
    if (!filter.attributes) return null;
    const ids = await attributes.listIds(filter.attributes, FEW_CONTACTS + 1);
    return { few: ids.length > FEW_CONTACTS ? null : ids };
  }

  async function pageOf(filter: ConversationFilter, sort: Sort, place: Place | null, limit: number, actor: Actor) {
    const wanted = await byAttributes(filter);
    if (!wanted) return anyPage(filter, sort, place, limit, actor);
    if (wanted.few) return anyPage(filter, sort, place, limit, actor, wanted.few);
    // Many have them, so the next such conversation is never far.
    const rows: { row: Conversation; bucket: number }[] = [];
    for (let from = place; ; ) {
      const page = await anyPage(filter, sort, from, LOOKED_AT_ONCE, actor);
      const contacts = [...new Set(page.rows.map(({ row }) => row.contact))];
      const fitting = await attributes.among(contacts, filter.attributes ?? []);
      rows.push(...page.rows.filter(({ row }) => fitting.has(row.contact)));
      const last = page.rows.at(-1);
      if (rows.length >= limit || page.rows.length < LOOKED_AT_ONCE || !last)
        return { rows: rows.slice(0, limit), order: page.order };
      from = { bucket: last.bucket, at: keyOf(last.row, page.order), id: last.row._id };
    }
  }

  async function anyPage(
    filter: ConversationFilter,
    sort: Sort,
    place: Place | null,
    limit: number,
    actor: Actor,
    contacts?: readonly string[],
  ) {
    const order = ORDERS[sort];
    const conditions = conditionsOf(filter, actor, clock.now());
    if (contacts) conditions.push({ contact: { $in: [...contacts] } });
    const parts = reachParts(actor, filter).map((part) => (contacts && !part.hint ? { ...part, hint: BY_CONTACT } : part));
    const rows: { row: Conversation; bucket: number }[] = [];
    for (let bucket = place?.bucket ?? 0; bucket < order.buckets.length && rows.length < limit; bucket++) {
      const from = place?.bucket === bucket ? place : null;
      const wanted = [...conditions, order.buckets[bucket] as Condition];
      const more = await rowsOf(wanted, parts, order, from, limit - rows.length);
      rows.push(...more.map((row) => ({ row, bucket })));
    }
    return { rows, order };
  }

  async function countAll(conditions: readonly Condition[], parts: readonly ReachPart[]): Promise<number> {
    let count = 0;
    for (const { condition, hint } of parts) {
      const left = MOST_COUNTED - count;
      if (left <= 0) break;
      const $and = [condition, ...conditions].filter((one) => Object.keys(one).length > 0);
      // The command counts in the index where that is enough; the driver's countDocuments reads every document.
      const answer = await conversations.db.db?.command({
        count: conversations.collection.collectionName,
        query: $and.length > 0 ? { $and } : {},
        limit: left,
        ...(hint ? { hint } : {}),
      });
      count += Number(answer?.n ?? 0);
    }
    return count;
  }

  return {
    async list(given, { limit, cursor, sort = given.tab === "waiting" ? "waiting" : "newest" }, actor) {
      // By what is due: those of which something is.
      const filter: ConversationFilter = sort === "sla" ? { sla: "due", ...given } : given;
      const place = cursor ? placeOf(cursor) : null;
      const { rows, order } = await pageOf(filter, sort, place, limit + 1, actor);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(({ row }) => toConversationView(row)),
        next: rows.length > limit && last ? encodeCursor([last.bucket, keyOf(last.row, order), last.row._id]) : null,
      };
    },

    async countTabs<T extends Tab>(actor: Actor, tabs: readonly T[] = TABS as unknown as readonly T[]) {
      const counts = await Promise.all(
        tabs.map((tab) =>
          tab === "mentions"
            ? countAll([{ unseenMentions: actor.id, "unseenMentions.0": { $exists: true } }], mentionParts(actor))
            : countAll(conditionsOf({ tab }, actor, clock.now()), reachParts(actor, { tab })),
        ),
      );
      return Object.fromEntries(tabs.map((tab, index) => [tab, counts[index]])) as Pick<TabCounts, T>;
    },

    async count(filter, actor) {
      if (filter.attributes) return (await pageOf(filter, "oldest", null, MOST_COUNTED, actor)).rows.length;
      return countAll(conditionsOf(filter, actor, clock.now()), reachParts(actor, filter));
    },

    async *ids(filter, actor) {
      for (let place: Place | null = null; ; ) {
        const { rows, order } = await pageOf(filter, "oldest", place, ID_PAGE, actor);
        yield rows.map(({ row }) => row._id);
        const last = rows.at(-1);
        if (rows.length < ID_PAGE || !last) return;
        place = { bucket: 0, at: keyOf(last.row, order), id: last.row._id };
      }
    },
  };
}

/** Few are mentioned somewhere: the reach is tested on each. */
const mentionParts = (actor: Actor): ReachPart[] => [{ condition: reachFilter(actor), hint: { unseenMentions: 1 } }];

function keyOf(row: Conversation, { field }: Order): number {
  if (field === "_id") return 0;
  return (field === "sla.dueAt" ? row.sla?.dueAt : row[field])?.getTime() ?? 0;
}

function placeOf(cursor: string): Place {
  const [bucket, at, id] = decodeCursor(cursor, ["number", "number", "string"]) as [number, number, string];
  return { bucket, at, id };
}

/** Whatever comes after a place. The first condition bounds the search in the index, the second is exact. */
function beyond({ field, direction }: Order, { at, id }: Place): Condition[] {
  const [after, from] = direction > 0 ? ["$gt", "$gte"] : ["$lt", "$lte"];
  if (field === "_id") return [{ _id: { [after]: id } }];
  const time = new Date(at);
  return [{ [field]: { [from]: time } }, { $or: [{ [field]: { [after]: time } }, { [field]: time, _id: { [after]: id } }] }];
}
