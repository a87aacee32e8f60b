/**
 * Keeps the search index like the data: follows the event log, and builds the index anew from the documents when there is none, when
 * the log no longer reaches back, or when somebody asks for it.
 */
import { fail } from "../../core/errors";
import { createFollower, type FollowedEvent, type Follower, type FollowerDeps } from "../../events/follower";
import type { ContactView, ConversationView, MessageView } from "../../events/view";
import type { ContactModel } from "../contacts/contact.model";
import { toContactView } from "../contacts/contact.service";
import type { Conversation, ConversationModel } from "../conversations/conversation.model";
import type { MessageModel } from "../messages/message.model";
import { contactEntry, conversationPlace, dropMessage, messageOperations, storedPlace } from "./search-entry";
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
}

export interface SearchFeed {
  start(): void;
  /** Builds the index anew while the old one answers. Throws `search.rebuilding` when that is being done already. */
  rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress>;
  readonly progress: RebuildProgress | null;
  stop(): Promise<void>;
}

/** Between two such pieces everything else gets its turn. */
const PIECE = 250;

const FOLLOWED = [
  "message:new",
  "message:updated",
  "message:removed",
  "conversation:updated",
  "contact:updated",
  "contact:merged",
  "contact:erased",
] as const;

export function createSearchFeed(deps: SearchFeedDeps): SearchFeed {
  const { index, contacts, conversations, messages } = deps;
  let progress: RebuildProgress | null = null;
  let watchers: ((progress: RebuildProgress) => void)[] = [];
  let isStopping = false;

  const follower: Follower = createFollower(deps, {
    name: "the search index",
    events: FOLLOWED,
    position: async () => (await index.size()).position,
    apply: (events, position) => index.apply(events.flatMap(operationsOf), position),
    lost: build,
  });

  async function build(position: number): Promise<void> {
    const counts = await Promise.all([contacts, conversations, messages].map((model) => model.estimatedDocumentCount()));
    progress = { done: 0, total: counts.reduce((sum, count) => sum + count, 0) };
    try {
      await index.beginBuild();
      await read(contacts, NOT_MERGED, (row) => [{ put: contactEntry(toContactView(row as never)) }]);
      await read(conversations, {}, (row) => [{ conversation: storedPlace(row as unknown as Conversation) }]);
      await read(messages, {}, (row) => messageOperations({ ...row, isRevoked: row.revokedAt != null } as never).filter(isPut));
      await index.finishBuild(position);
    } finally {
      progress = null;
    }
  }

  interface Source {
    collection: {
      find(filter: object, options: object): { sort(by: { _id: 1 }): { limit(count: number): { toArray(): Promise<object[]> } } };
    };
  }

  async function read(
    { collection }: Source,
    filter: object,
    toOperations: (row: Record<string, unknown>) => SearchOperation[],
  ): Promise<void> {
    for (let last = ""; ; ) {
      if (isStopping) throw fail("server.stopping");
      const rows = (await collection
        .find({ ...filter, _id: { $gt: last } }, { projection: UNREAD })
        .sort({ _id: 1 })
        .limit(PIECE)
        .toArray()) as Record<string, unknown>[];
      if (rows.length === 0) return;
      await index.build(rows.flatMap((row) => toOperations({ ...row, id: row._id })));
      last = String(rows.at(-1)!._id);
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

const NOT_MERGED = { mergedInto: null };
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
    case "contact:erased":
      return [{ dropContact: String(data.contact) }];
    default:
      return [];
  }
}
