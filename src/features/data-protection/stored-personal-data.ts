/** Where the store keeps what belongs to a person: messages with their files, the assistant's turns, what WhatsApp delivered, events. */
import type { ClientSession } from "mongoose";
import type { ContactModel } from "../contacts/contact.model";
import { ERASABLE, type Erasable, eraseMessages, type PersonalDataModels } from "./erase-messages.service";
import type { PersonalData, Removed } from "./personal-data";

/** Small enough that nobody waits for the transaction it is removed in. */
export const PIECE = 200;

export function storedPersonalData(models: PersonalDataModels): PersonalData[] {
  const { contacts, conversations, messages, turns, aiRuns, knowledgeGaps, contactMerges, events } = models;
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
      kind: "assistant-runs",
      read: ({ conversations: ids }) => pieces(aiRuns, { conversation: { $in: [...ids] } }, {}),
      erase: ({ conversations: ids }, session) => removePiece(aiRuns, { conversation: { $in: [...ids] } }, session),
    },
    {
      kind: "unanswered-questions",
      read: ({ conversations: ids }) => pieces(knowledgeGaps, { conversations: { $in: [...ids] } }, {}),
      erase: ({ conversations: ids }, session) => removePiece(knowledgeGaps, { conversations: { $in: [...ids] } }, session),
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
