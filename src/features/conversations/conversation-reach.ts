/** Where conversations belong, asked of the store: for events, and for everything that hangs on a conversation. */
import type { ClientSession } from "mongoose";
import { type Actor, type Belonging, reachFilter } from "../../core/actor";
import type { Belongings } from "../../events/log";
import type { ConversationModel } from "./conversation.model";

const PLACE = { assignedAgent: 1, team: 1, participants: 1 } as const;

type Row = Belonging & { _id: string; contact: string };

export interface ConversationReach extends Belongings {
  find(id: string): Promise<Belonging | null>;
  /** Which of these conversations are within reach. */
  reachable(ids: readonly string[], actor: Actor): Promise<Set<string>>;
  /** Whether one of the contact's conversations is within reach. */
  reachesContact(contact: string, actor: Actor): Promise<boolean>;
  /** A condition on contacts that leaves those within reach. Empty for those who see everything. */
  contactFilter(actor: Actor): Promise<Record<string, unknown>>;
}

export function createConversationReach(conversations: ConversationModel): ConversationReach {
  const read = async (filter: Record<string, unknown>, projection: Record<string, 1>, session: ClientSession | null) =>
    (await conversations.collection
      .find(filter as never, { projection, ...(session ? { session } : {}) })
      .toArray()) as unknown as Row[];

  return {
    async find(id) {
      return (await conversations.collection.findOne({ _id: id as never }, { projection: PLACE })) as unknown as Row | null;
    },

    async ofConversations(ids, session) {
      const rows = await read({ _id: ids.length === 1 ? ids[0] : { $in: ids } }, PLACE, session);
      return new Map(rows.map((row) => [row._id, row]));
    },

    async ofContacts(ids, session) {
      const rows = await read({ contact: ids.length === 1 ? ids[0] : { $in: ids } }, { ...PLACE, contact: 1 }, session);
      const found = new Map<string, Belonging[]>();
      for (const row of rows) found.set(row.contact, [...(found.get(row.contact) ?? []), row]);
      return found;
    },

    async reachable(ids, actor) {
      if (actor.reach === "all") return new Set(ids);
      const rows = await read({ $and: [{ _id: { $in: [...new Set(ids)] } }, reachFilter(actor)] }, { contact: 1 }, null);
      return new Set(rows.map(({ _id }) => _id));
    },

    async reachesContact(contact, actor) {
      if (actor.reach === "all") return true;
      return (await conversations.exists({ $and: [{ contact }, reachFilter(actor)] })) !== null;
    },

    async contactFilter(actor) {
      if (actor.reach === "all") return {};
      return { _id: { $in: await conversations.distinct("contact", reachFilter(actor)) } };
    },
  };
}
