/** Lists of contacts: filtered, sorted and paged by key, and never more than somebody may see. */
import type { Actor } from "../../core/actor";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { ContactView } from "../../events/view";
import type { Contact, ContactModel } from "./contact.model";
import type { ContactQuery } from "./contact.schema";
import { toContactView } from "./contact.service";
import type { ContactFilter, ContactOrder } from "./contact-edit.schema";
import { toCondition } from "./contact-filter";
import type { ContactReach } from "./contact-reach";

export { ContactFilter } from "./contact-edit.schema";
export { plain } from "./contact-marks";

export interface ContactListRequest {
  /** All of these have to hold. */
  filters: readonly ContactFilter[];
  /** Words of their name, number, e-mail or company. */
  q?: string | undefined;
  /** A WhatsApp id, user id, username or phone, exactly. */
  identity?: string | undefined;
  sort?: ContactOrder | undefined;
  limit: number;
  cursor?: string | undefined;
}

export interface ContactListService {
  listContacts(request: ContactListRequest, actor: Actor): Promise<Page<ContactView>>;
  /** How many there are, at most `limit`. */
  countContacts(filter: ContactFilter, actor: Actor, limit: number): Promise<number>;
  /** What leaves the contacts of a list, for whoever reads them in another way. */
  conditionOf(request: Pick<ContactListRequest, "filters" | "q" | "identity">, actor: Actor): Promise<Record<string, unknown>>;
}

export interface ContactListDeps {
  contacts: ContactModel;
  reach: ContactReach;
  /** Ids of the contacts in which words are found. */
  findByWords: (words: string, actor: Actor) => Promise<string[]>;
}

export function createContactListService({ contacts, reach, findByWords }: ContactListDeps): ContactListService {
  const service: ContactListService = {
    async conditionOf({ filters, q, identity }, actor) {
      return {
        $and: [
          await reach.contactFilter(actor),
          ...filters.map(toCondition),
          identity ? { "identities.value": identity.replace(/^[@+]/, "") } : {},
          q ? { _id: { $in: await findByWords(q, actor) } } : {},
        ].filter((condition) => Object.keys(condition).length > 0),
      };
    },

    async listContacts({ sort = "last-message", limit, cursor, ...request }, actor) {
      const order = ORDERS[sort];
      const condition = await service.conditionOf(request, actor);
      const rows = await contacts
        .find(cursor ? { $and: [condition, order.after(cursor)] } : condition)
        .sort(order.by)
        .limit(limit + 1)
        .lean();
      return toPage(rows as Contact[], limit, toContactView, order.keys);
    },

    async countContacts(filter, actor, limit) {
      return contacts.countDocuments(await service.conditionOf({ filters: [filter] }, actor), { limit });
    },
  };
  return service;
}

/** In a cursor, the time of those who have not written yet: they are at the end of the list. */
const NEVER_WROTE = -1;

interface Order {
  by: Record<string, 1 | -1>;
  keys: (contact: Contact) => (string | number)[];
  after: (cursor: string) => Record<string, unknown>;
}

const ORDERS: Record<ContactOrder, Order> = {
  "last-message": {
    by: { lastMessageAt: -1, _id: -1 },
    keys: ({ lastMessageAt, _id }) => [lastMessageAt?.getTime() ?? NEVER_WROTE, _id],
    after: (cursor) => {
      const [at, id] = decodeCursor(cursor, ["number", "string"]) as [number, string];
      if (at === NEVER_WROTE) return { lastMessageAt: null, _id: { $lt: id } };
      const time = new Date(at);
      return { $or: [{ lastMessageAt: { $lt: time } }, { lastMessageAt: time, _id: { $lt: id } }, { lastMessageAt: null }] };
    },
  },
  name: {
    by: { nameKey: 1, _id: 1 },
    keys: ({ nameKey = "", _id }) => [nameKey, _id],
    after: (cursor) => {
      const [name, id] = decodeCursor(cursor, ["string", "string"]) as [string, string];
      return { $or: [{ nameKey: { $gt: name } }, { nameKey: name, _id: { $gt: id } }] };
    },
  },
  newest: {
    by: { _id: -1 },
    keys: ({ _id }) => [_id],
    after: (cursor) => ({ _id: { $lt: decodeCursor(cursor, ["string"])[0] } }),
  },
};

/** The filter and the rest of what stands in an address. */
export function toListRequest(query: ContactQuery): Omit<ContactListRequest, "filters"> & { filter: ContactFilter } {
  const { limit, cursor, q, identity, sort, label, attribute, segment: _, ...filter } = query;
  const [key = "", ...value] = attribute?.split(":") ?? [];
  const attributes = attribute ? { attributes: [{ key, is: "equal" as const, value: value.join(":") }] } : {};
  return { limit, cursor, q, identity, sort, filter: { ...filter, ...(label ? { labels: [label] } : {}), ...attributes } };
}
