/** Where the store keeps what belongs to a person: messages with their files, notes, the assistant's turns, what WhatsApp delivered, events. */
import type { ClientSession } from "mongoose";
import type { ContactModel } from "../contacts/contact.model";
import { ERASABLE, type Erasable, eraseMessages, type PersonalDataModels } from "./erase-messages.service";
import type { PersonalData, Removed, Subject } from "./personal-data";
import { undeliveredData } from "./undelivered-data";

/** Small enough that nobody waits for the transaction it is removed in. */
export const PIECE = 200;

export function storedPersonalData(models: PersonalDataModels): PersonalData[] {
  const { contacts, conversations, messages, turns, contactMerges, events } = models;
  const ofContacts = ({ contacts: ids }: Subject) => ({ contact: { $in: [...ids] } });
  const ofConversations = ({ conversations: ids }: Subject) => ({ conversation: { $in: [...ids] } });
  /** A collection whose documents name whom they are about. */
  const simple = (
    kind: string,
    model: AnyModel,
    filterOf: (subject: Subject) => object,
    hidden: Record<string, 0> = {},
  ): PersonalData => ({
    kind,
    collections: [model.collection.collectionName],
    read: (subject) => pieces(model, filterOf(subject), hidden),
    erase: (subject, session) => removePiece(model, filterOf(subject), session),
  });
  return [
    {
      kind: "messages",
      collections: ["messages", "media"],
      read: ({ contacts: ids }) => pieces(messages, { contact: { $in: [...ids] } }, { body: 0, lane: 0, originKey: 0 }),
      async erase({ contacts: ids }, session) {
        const rows = await messages
          .find({ contact: { $in: [...ids] } }, ERASABLE, { session })
          .limit(PIECE)
          .lean();
        return rows.length === 0 ? { count: 0 } : eraseMessages(rows as Erasable[], models, session);
      },
    },
    simple("assistant-turns", turns, ofConversations, { owner: 0, leaseUntil: 0 }),
    simple("assistant-runs", models.aiRuns, ofConversations),
    simple("assistant-tool-calls", models.aiToolCalls, ofConversations, { token: 0 }),
    simple("assistant-replays", models.aiReplayItems, ofConversations),
    simple("golden-conversations", models.aiGoldens, ofConversations),
    { ...simple("heard-files", models.heardFiles, ofConversations), read: undefined },
    simple("unanswered-questions", models.knowledgeGaps, ({ conversations: ids }) => ({ conversations: { $in: [...ids] } })),
    // Published ones are what the company says; a person has read them before.
    simple("knowledge-suggestions", models.knowledgeArticles, ({ conversations: ids }) => ({
      conversation: { $in: [...ids] },
      status: "suggested",
    })),
    simple("notes", models.contactNotes, ofContacts),
    simple("ratings", models.csats, ofContacts),
    simple("tasks", models.dueTasks, ofConversations),
    simple("automations", models.automationRuns, ofConversations, { key: 0, owner: 0, leaseUntil: 0, actor: 0 }),
    simple("promised-service", models.slaStates, ofContacts),
    simple("away-notices", models.awayNotices, ofContacts),
    simple("history", models.contactHistory, ofContacts),
    simple("drafts", models.drafts, ofConversations),
    simple("read-positions", models.readPositions, ofConversations),
    simple("scheduled-messages", models.scheduledMessages, ofConversations, { pending: 0 }),
    simple("report-moments", models.reportMoments, ofConversations),
    simple("merges", contactMerges, ({ contacts: ids }) => ({ target: { $in: [...ids] } })),
    // Undone: the person was taken for somebody else.
    { ...simple("merges", contactMerges, ({ contacts: ids }) => ({ source: { $in: [...ids] } })), read: undefined },
    simple("conversations", conversations, ofContacts),
    undeliveredData(models),
    {
      kind: "events",
      collections: ["events"],
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
    simple("contacts", contacts, ({ contacts: ids }) => ({ _id: { $in: [...ids] } }), { identityKeys: 0 }),
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
