/** Where the store keeps what belongs to a person: messages with their files, the assistant's turns, what WhatsApp delivered, events. */
import type { ClientSession } from "mongoose";
import { shortHash } from "../../core/id";
import type { EventModel } from "../../events/event.model";
import type { InboundEventModel } from "../../flow/inbound-event.model";
import type { TurnModel } from "../../flow/turn.model";
import type { ContactMergeModel } from "../contact-merges/contact-merge.model";
import type { ContactModel } from "../contacts/contact.model";
import type { ConversationModel } from "../conversations/conversation.model";
import type { Media, MediaModel } from "../media/media.model";
import type { Message, MessageModel } from "../messages/message.model";
import type { PersonalData, Removed } from "./personal-data";

export interface PersonalDataModels {
  contacts: ContactModel;
  conversations: ConversationModel;
  messages: MessageModel;
  media: MediaModel;
  turns: TurnModel;
  inboundEvents: InboundEventModel;
  contactMerges: ContactMergeModel;
  events: EventModel;
}

/** Small enough that nobody waits for the transaction it is removed in. */
export const PIECE = 200;
const STATUSES = ["sent", "delivered", "read", "played", "failed", "deleted", "warning", "pending"];

type Erasable = Pick<Message, "_id" | "channel" | "wamid" | "attachments">;
export const ERASABLE = { channel: 1, wamid: 1, attachments: 1 } as const;

/** Removes these messages, their files as far as nobody else refers to them, and what WhatsApp delivered about them. */
export async function eraseMessages(
  rows: readonly Erasable[],
  { messages, media, inboundEvents }: Pick<PersonalDataModels, "messages" | "media" | "inboundEvents">,
  session: ClientSession,
): Promise<Removed> {
  const ids = rows.map(({ _id }) => _id);
  await messages.collection.deleteMany({ _id: { $in: ids as never[] } }, { session });
  const keys = rows.flatMap(({ channel, wamid }) => (wamid === null ? [] : keysOf(channel, wamid)));
  await inboundEvents.collection.updateMany({ _id: { $in: keys as never[] } }, { $set: { body: null } }, { session });
  const named = rows.flatMap(({ attachments }) => attachments.flatMap((one) => one.media ?? []));
  // A file an agent has uploaded may have been sent to others too.
  const shared = new Set<string>();
  for (const id of new Set(named)) if (await messages.exists({ "attachments.media": id }).session(session)) shared.add(id);
  const gone = (await media
    .find({ $or: [{ message: { $in: ids } }, { _id: { $in: named.filter((id) => !shared.has(id)) } }] }, null, { session })
    .lean()) as Media[];
  const free = gone.filter(({ _id }) => !shared.has(_id));
  await media.collection.deleteMany({ _id: { $in: free.map(({ _id }) => _id) as never[] } }, { session });
  const files = free.flatMap(({ storageKey, thumbnailKey }) => [storageKey, thumbnailKey].filter((key) => key !== null));
  return { count: rows.length, files };
}

/** Under which keys the webhook's events about a message are kept. */
const keysOf = (channel: string, wamid: string): string[] =>
  [`m:${channel}:${wamid}`, `e:${channel}:${wamid}`, ...STATUSES.map((status) => `s:${channel}:${wamid}:${status}`)].map(
    shortHash,
  );

export function storedPersonalData(models: PersonalDataModels): PersonalData[] {
  const { contacts, conversations, messages, turns, contactMerges, events } = models;
  return [
    {
      kind: "messages",
      read: ({ contacts: ids }) => pieces(messages, { contact: { $in: [...ids] } }, { body: 0, lane: 0, originKey: 0 }),
      async erase({ contacts: ids }, session) {
        const rows = await messages
          .find({ contact: { $in: [...ids] } }, ERASABLE, { session })
          .limit(PIECE)
          .lean();
        return rows.length === 0 ? { count: 0 } : eraseMessages(rows as Erasable[], models, session);
      },
    },
    {
      kind: "assistant-turns",
      read: ({ conversations: ids }) => pieces(turns, { conversation: { $in: [...ids] } }, { owner: 0, leaseUntil: 0 }),
      erase: ({ conversations: ids }, session) => removePiece(turns, { conversation: { $in: [...ids] } }, session),
    },
    {
      kind: "merges",
      read: ({ contacts: ids }) => pieces(contactMerges, { target: { $in: [...ids] } }, {}),
      erase: ({ contacts: ids }, session) => removePiece(contactMerges, { target: { $in: [...ids] } }, session),
    },
    {
      kind: "conversations",
      read: ({ contacts: ids }) => pieces(conversations, { contact: { $in: [...ids] } }, {}),
      erase: ({ contacts: ids }, session) => removePiece(conversations, { contact: { $in: [...ids] } }, session),
    },
    {
      kind: "events",
      async erase({ contacts: people, conversations: talks }, session) {
        const ids = [...people, ...talks];
        let last = 0;
        for (;;) {
          const rows = await events
            .find({ _id: { $gt: last } }, { data: 1, event: 1 }, { session })
            .sort({ _id: 1 })
            .limit(PIECE)
            .lean();
          const about = rows.filter(({ event, data }) => event !== "contact:erased" && ids.some((id) => data.includes(id)));
          if (about.length > 0) {
            // The number stays, or clients would believe that they have missed something.
            await events.collection.updateMany(
              { _id: { $in: about.map(({ _id }) => _id) as never[] } },
              { $set: { event: "contact:erased", topics: [], data: JSON.stringify({ contact: people[0] }) } },
              { session },
            );
            return { count: about.length };
          }
          if (rows.length < PIECE) return { count: 0 };
          last = rows.at(-1)?._id ?? 0;
        }
      },
    },
    {
      kind: "contacts",
      read: ({ contacts: ids }) => pieces(contacts, { _id: { $in: [...ids] } }, { identityKeys: 0 }),
      erase: ({ contacts: ids }, session) => removePiece(contacts, { _id: { $in: [...ids] } }, session),
    },
  ];
}

type AnyModel = PersonalDataModels[keyof PersonalDataModels];

async function* pieces(model: AnyModel, filter: object, hidden: Record<string, 0>): AsyncGenerator<object[]> {
  let last = "";
  for (;;) {
    const rows = (await (model as ContactModel)
      .find({ $and: [filter, { _id: { $gt: last } }] } as never, hidden)
      .sort({ _id: 1 })
      .limit(PIECE)
      .lean()) as { _id: string }[];
    if (rows.length > 0) yield rows;
    if (rows.length < PIECE) return;
    last = rows.at(-1)?._id ?? "";
  }
}

async function removePiece(model: AnyModel, filter: object, session: ClientSession): Promise<Removed> {
  const rows = await (model as ContactModel)
    .find(filter as never, { _id: 1 }, { session })
    .limit(PIECE)
    .lean();
  if (rows.length === 0) return { count: 0 };
  const ids = rows.map(({ _id }) => _id) as never[];
  return { count: (await model.collection.deleteMany({ _id: { $in: ids } }, { session })).deletedCount };
}
