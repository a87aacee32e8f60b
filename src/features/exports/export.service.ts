/**
 * Exports as streams: one row a contact, conversation or message, read by key a few at a time and only as fast as they are taken.
 * Everybody gets what they may see, and nothing else.
 */
import type { ClientSession } from "mongoose";
import { type Actor, can, type FindActor, reachFilter } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import { fail } from "../../core/errors";
import { idAt } from "../../core/id";
import type { AttributeService } from "../attributes/attribute.service";
import type { Contact, ContactModel } from "../contacts/contact.model";
import { toContactView } from "../contacts/contact.service";
import type { ContactFilter, ContactListService } from "../contacts/contact-list.service";
import type { Conversation, ConversationModel } from "../conversations/conversation.model";
import type { Message, MessageModel } from "../messages/message.model";
import type { ReachService } from "../messages/reach.service";
import { BYTE_ORDER_MARK, csvLine } from "./csv-write";
import type { ContactExportQuery, ConversationExportQuery, MessageExportQuery } from "./export.schema";

export { BYTE_ORDER_MARK, csvLine, withoutGuard } from "./csv-write";

export interface ExportService {
  contacts(query: ContactExportQuery, actor: Actor): Promise<ReadableStream<Uint8Array>>;
  conversations(query: ConversationExportQuery, actor: Actor): Promise<ReadableStream<Uint8Array>>;
  messages(query: MessageExportQuery, actor: Actor): Promise<ReadableStream<Uint8Array>>;
}

export interface ExportDeps {
  contacts: ContactModel;
  conversations: ConversationModel;
  messages: MessageModel;
  attributes: AttributeService;
  lists: ContactListService;
  filterOfSegment: (id: string, actor: Actor) => Promise<ContactFilter>;
  reach: ReachService;
  findActor: FindActor;
  audit: Auditor<ClientSession>;
}

type Row = Record<string, unknown>;
type Format = "csv" | "jsonl" | undefined;

const PIECE = 200;

export function createExportService(deps: ExportDeps): ExportService {
  const { contacts, conversations, messages, attributes, lists, filterOfSegment, reach, findActor, audit } = deps;

  /** Data that leave the house are written down before their first row does. */
  const note = (what: string, asked: object, actor: Actor) =>
    audit.record(null, { actor, action: `${what}.export`, target: { kind: "export", id: what }, after: asked });

  /** A long file ends where the rights of its reader end: the line is cut, so that nobody takes it for whole. */
  async function* allowed<T>(actor: Actor, source: AsyncGenerator<T[]>): AsyncGenerator<T[]> {
    for await (const page of source) {
      const now = await findActor(actor);
      if (!now || !can(now, "contacts.export")) throw fail("auth.forbidden");
      yield page;
    }
  }

  return {
    async contacts(query, actor) {
      const { format, segment, label, ...fields } = query;
      const filters = [
        { ...fields, ...(label ? { labels: [label] } : {}) },
        ...(segment ? [await filterOfSegment(segment, actor)] : []),
      ];
      const condition = await lists.conditionOf({ filters }, actor);
      const keys = [...(await attributes.load()).definitions.keys()].sort();
      await note("contacts", query, actor);
      const columns = [...CONTACT_COLUMNS, ...keys.map((key) => `attributes.${key}`)];
      return stream(format, columns, allowed(actor, pages<Contact>(contacts, condition)), (rows) => rows.map(contactRow));
    },

    async conversations(query, actor) {
      const { format, status, channel, label, from, to } = query;
      const condition = {
        $and: [
          reachFilter(actor),
          {
            ...(status ? { status } : {}),
            ...(channel ? { channel } : {}),
            ...(label ? { labels: label } : {}),
            ...idRange(from, to),
          },
        ],
      };
      await note("conversations", query, actor);
      return stream(format, CONVERSATION_COLUMNS, allowed(actor, pages<Conversation>(conversations, condition)), (rows) =>
        rows.map(conversationRow),
      );
    },

    async messages(query, actor) {
      const { format, conversation, from, to } = query;
      if (conversation) await reach.assertConversation(conversation, actor);
      const condition = { ...(conversation ? { conversation } : {}), ...idRange(from, to) };
      await note("messages", query, actor);
      return stream(format, MESSAGE_COLUMNS, allowed(actor, pages<Message>(messages, condition)), async (rows) =>
        (await reach.within(rows, actor)).map(messageRow),
      );
    },
  };
}

interface Source {
  find(filter: object): { sort(by: { _id: 1 }): { limit(count: number): { lean(): PromiseLike<unknown[]> } } };
}

async function* pages<T extends { _id: string }>(source: Source, condition: object): AsyncGenerator<T[]> {
  for (let last = ""; ; ) {
    const rows = (await source
      .find({ $and: [condition, { _id: { $gt: last } }] })
      .sort({ _id: 1 })
      .limit(PIECE)
      .lean()) as T[];
    const [newest] = rows.slice(-1);
    if (!newest) return;
    yield rows;
    last = newest._id;
  }
}

/** Nothing is read before somebody takes it; whoever hangs up ends it. */
function stream<T>(
  format: Format,
  columns: readonly string[],
  source: AsyncGenerator<T[]>,
  toRows: (page: T[]) => Row[] | Promise<Row[]>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const isCsv = format !== "jsonl";
  const line = (row: Row) => (isCsv ? csvLine(columns.map((column) => row[column])) : `${JSON.stringify(row)}\n`);
  return new ReadableStream({
    start(controller) {
      // Spreadsheets take a file for UTF-8 only when it says so.
      if (isCsv) controller.enqueue(encoder.encode(BYTE_ORDER_MARK + csvLine(columns)));
    },
    async pull(controller) {
      for (;;) {
        const { done, value } = await source.next();
        if (done) return controller.close();
        const text = (await toRows(value)).map(line).join("");
        if (text !== "") return controller.enqueue(encoder.encode(text));
      }
    },
    cancel: async () => void (await source.return(undefined)),
  });
}

function idRange(from: string | undefined, to: string | undefined): { _id?: object } {
  const bounds = { ...(from ? { $gte: startOf(from) } : {}), ...(to ? { $lt: startOf(to) } : {}) };
  return Object.keys(bounds).length > 0 ? { _id: bounds } : {};
}

function startOf(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw fail("request.invalid", { message: `"${text.slice(0, 40)}" is not a time.` });
  return idAt(time).slice(0, 12).padEnd(24, "0");
}

const CONTACT_COLUMNS = [
  "id",
  "name",
  "phone",
  "username",
  "email",
  "company",
  "language",
  "labels",
  "externalId",
  "optedInAt",
  "optedOutAt",
  "blockedAt",
  "source",
  "createdAt",
  "lastMessageAt",
];

function contactRow(contact: Contact): Row {
  const { labels, attributes, identities: _, ...view } = toContactView(contact);
  const own = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`attributes.${key}`, value]));
  return { ...view, labels: labels.join(","), ...own };
}

const CONVERSATION_COLUMNS = [
  "id",
  "contact",
  "contactName",
  "contactPhone",
  "contactUsername",
  "channel",
  "status",
  "priority",
  "labels",
  "assignedAgent",
  "team",
  "isAIEnabled",
  "customerMessages",
  "createdAt",
  "lastMessageAt",
  "lastMessage",
  "resolvedAt",
  "resolvedBy",
  "csatScore",
  "csatComment",
];

const conversationRow = (one: Conversation): Row => ({
  id: one._id,
  contact: one.contact,
  contactName: one.contactName,
  contactPhone: one.contactPhone,
  contactUsername: one.contactUsername,
  channel: one.channel,
  status: one.status,
  priority: one.priority,
  labels: one.labels.join(","),
  assignedAgent: one.assignedAgent,
  team: one.team ?? null,
  isAIEnabled: one.isAIEnabled,
  customerMessages: one.inboundSeq,
  createdAt: one.createdAt.toISOString(),
  lastMessageAt: one.lastMessageAt.toISOString(),
  lastMessage: one.lastMessage?.text ?? "",
  resolvedAt: one.resolvedAt?.toISOString() ?? null,
  resolvedBy: one.resolvedBy,
  csatScore: one.csat?.score ?? null,
  csatComment: one.csat?.comment ?? null,
});

const MESSAGE_COLUMNS = [
  "id",
  "conversation",
  "contact",
  "channel",
  "direction",
  "role",
  "author",
  "type",
  "content",
  "attachments",
  "private",
  "state",
  "sentAt",
  "createdAt",
];

const messageRow = (one: Message): Row => ({
  id: one._id,
  conversation: one.conversation,
  contact: one.contact,
  channel: one.channel,
  direction: one.direction,
  role: one.role,
  author: one.author,
  type: one.type,
  content: one.revokedAt ? "" : one.content,
  attachments: one.attachments.map(({ filename, type }) => filename ?? type).join(","),
  private: one.private,
  state: one.delivery?.state ?? null,
  sentAt: one.sentAt.toISOString(),
  createdAt: one.createdAt.toISOString(),
});
