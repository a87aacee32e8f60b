/**
 * Keeps the search index like the data: follows the event log, and builds the index anew from the documents when there is none, when
 * the log no longer reaches back, or when somebody asks for it.
 */
import { fail } from "../../core/errors";
import type { ContactNoteView } from "../../events/customer-view";
import { createFollower, type FollowedEvent, type Follower, type FollowerDeps } from "../../events/follower";
import type { ContactView, ConversationView, MessageView } from "../../events/view";
import type { ContactNoteModel } from "../contact-notes/contact-note.model";
import type { ContactModel } from "../contacts/contact.model";
import { toContactView } from "../contacts/contact.service";
import type { Conversation, ConversationModel } from "../conversations/conversation.model";
import type { MessageModel } from "../messages/message.model";
import { contactEntry, contactNoteEntry, conversationPlace, dropMessage, messageOperations, storedPlace } from "./search-entry";
import type { SearchIndex, SearchOperation } from "./search-port";

export interface RebuildProgress {
  done: number;
  total: number;
}

export interface SearchFeedDeps extends FollowerDeps {
  index: SearchIndex;
  contacts: ContactModel;
  conversations: ConversationModel;
  messages: MessageModel;
  contactNotes: ContactNoteModel;
}

export interface SearchFeed {
  start(): void;
  /** Builds the index anew while the old one answers. Throws `search.rebuilding` when that is being done already. */
  rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress>;
  readonly progress: RebuildProgress | null;
  stop(): Promise<void>;
}

/** Between two such pieces everything else gets its turn. */
const PIECE = 100;

const FOLLOWED = [
  "message:new",
  "message:updated",
  "message:removed",
  "conversation:updated",
  "contact:updated",
  "contact:merged",
  "contact:erased",
  "contact-note:updated",
  "contact-note:removed",
] as const;

export function createSearchFeed(deps: SearchFeedDeps): SearchFeed {
  const { index, contacts, conversations, messages, contactNotes: notes } = deps;
  let progress: RebuildProgress | null = null;
  let watchers: ((progress: RebuildProgress) => void)[] = [];
  let isStopping = false;

  const follower: Follower = createFollower(deps, {
    name: "the search index",
    events: FOLLOWED,
    position: () => index.position(),
    apply: (events, position) => index.apply(events.flatMap(operationsOf), position),
    lost: build,
  });

  async function build(position: number): Promise<void> {
    const counts = await Promise.all([contacts, conversations, notes, messages].map((model) => model.estimatedDocumentCount()));
    progress = { done: 0, total: counts.reduce((sum, count) => sum + count, 0) };
    try {
      const { last } = await index.beginBuild(position);
      await read("contacts", contacts, last, (row) =>
        row.mergedInto ? [] : [{ put: contactEntry(toContactView(row as never)) }],
      );
      await read("conversations", conversations, last, (row) => [{ conversation: storedPlace(row as unknown as Conversation) }]);
      await read("notes", notes, last, (row) => [{ put: contactNoteEntry(row as unknown as ContactNoteView) }]);
      await read("messages", messages, last, (row) =>
        messageOperations({ ...row, isRevoked: row.revokedAt != null } as never).filter(isPut),
      );
      await index.finishBuild();
    } finally {
      progress = null;
    }
  }

  interface Source {
    collection: {
      countDocuments(filter: object): Promise<number>;
      find(filter: object, options: object): { sort(by: { _id: 1 }): { limit(count: number): { toArray(): Promise<object[]> } } };
    };
  }

  async function read(
    source: string,
    { collection }: Source,
    begun: Readonly<Record<string, string>>,
    toOperations: (row: Record<string, unknown>) => SearchOperation[],
  ): Promise<void> {
    let last = begun[source] ?? "";
    if (last !== "") progress!.done += await collection.countDocuments({ _id: { $lte: last } });
    for (;;) {
      if (isStopping) throw fail("server.stopping");
      const rows = (await collection
        .find({ _id: { $gt: last } }, { projection: UNREAD })
        .sort({ _id: 1 })
        .limit(PIECE)
        .toArray()) as Record<string, unknown>[];
      if (rows.length === 0) return;
      last = String(rows.at(-1)!._id);
      const operations = rows.flatMap((row) => toOperations({ ...row, id: row._id }));
      await index.build(operations, { source, last });
      progress!.done += rows.length;
      for (const watch of watchers) watch(progress!);
    }
  }

  return {
    start: () => follower.start(),
    get progress() {
      return progress;
    },
    async rebuild(onProgress = () => {}) {
      if (progress) throw fail("search.rebuilding");
      let last: RebuildProgress = { done: 0, total: 0 };
      const watch = (now: RebuildProgress) => {
        last = { ...now };
        onProgress(last);
      };
      watchers.push(watch);
      try {
        await follower.restart();
      } finally {
        watchers = watchers.filter((one) => one !== watch);
      }
      return last;
    },
    async stop() {
      isStopping = true;
      await follower.stop();
    },
  };
}

/** What is sent to WhatsApp is as long as all the rest. */
const UNREAD = { body: 0, payload: 0, pricing: 0, previousContents: 0 };
const isPut = (operation: SearchOperation): boolean => "put" in operation;

function operationsOf({ event, data }: FollowedEvent): SearchOperation[] {
  switch (event) {
    case "message:new":
    case "message:updated": {
      const message = data.message as MessageView;
      return messageOperations({ ...message, isRevoked: message.revokedAt !== null });
    }
    case "message:removed":
      return dropMessage(String(data.message));
    case "conversation:updated":
      return [{ conversation: conversationPlace(data.conversation as ConversationView) }];
    case "contact:updated":
      return [{ put: contactEntry(data.contact as ContactView) }];
    case "contact:merged":
      return [{ drop: { kind: "contact", id: String(data.source) } }];
    case "contact-note:updated":
      return [{ put: contactNoteEntry(data.note as ContactNoteView) }];
    case "contact-note:removed":
      return [{ drop: { kind: "note", id: String(data.note) } }];
    case "contact:erased":
      return [{ dropContact: String(data.contact) }];
    default:
      return [];
  }
}
