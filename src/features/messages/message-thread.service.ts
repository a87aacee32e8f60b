/** Reads threads: both ways from a message, from a date, by contact, and what somebody has put a star on. */
import type { Actor } from "../../core/actor";
import { fail } from "../../core/errors";
import { boundaryId } from "../../core/id";
import { decodeCursor, encodeCursor, type Page, type PageRequest, toPage } from "../../core/page";
import type { MessageView } from "../../events/view";
import type { ConversationService } from "../conversations/conversation.service";
import type { Message, MessageModel } from "./message.model";
import type { ThreadQuery } from "./message.schema";
import { toMessageView } from "./message.view";
import type { ReachService } from "./reach.service";

/** A part of a thread, the newest first. */
export type Span = Page<MessageView> & { previous: string | null };

export interface MessageThreadService {
  /** The newest messages, those beyond a cursor, or those around a message or a time. */
  read(conversation: string, query: ThreadQuery, actor: Actor): Promise<Span>;
  /** Over all conversations of a contact that are within reach, the newest first. */
  listByContact(contact: string, request: PageRequest, actor: Actor): Promise<Page<MessageView>>;
  /** What the actor has put a star on, the newest first. */
  listStarred(request: PageRequest, actor: Actor): Promise<Page<MessageView>>;
}

export interface MessageThreadDeps {
  messages: MessageModel;
  conversations: Pick<ConversationService, "getReachable">;
  reach: Pick<ReachService, "within" | "assertContact">;
}

export function createMessageThreadService({ messages, conversations, reach }: MessageThreadDeps): MessageThreadService {
  const rows = async (filter: Record<string, unknown>, direction: 1 | -1, limit: number): Promise<Message[]> =>
    (await messages.collection
      .find(filter as never)
      .sort({ _id: direction })
      .limit(limit)
      .toArray()) as unknown as Message[];

  async function older(conversation: string, from: Record<string, unknown> | null, limit: number) {
    const found = await rows({ conversation, ...(from ? { _id: from } : {}) }, -1, limit + 1);
    return { found: found.slice(0, limit), hasMore: found.length > limit };
  }

  async function newer(conversation: string, from: Record<string, unknown>, limit: number) {
    const found = await rows({ conversation, _id: from }, 1, limit + 1);
    return { found: found.slice(0, limit).reverse(), hasMore: found.length > limit };
  }

  function spanOf(found: readonly Message[], hasOlder: boolean, hasNewer: boolean): Span {
    const [first, last] = [found[0], found.at(-1)];
    return {
      items: found.map(toMessageView),
      next: hasOlder && last ? encodeCursor([last._id]) : null,
      previous: hasNewer && first ? encodeCursor([first._id]) : null,
    };
  }

  async function around(conversation: string, middle: string, limit: number): Promise<Span> {
    const half = Math.max(1, Math.floor(limit / 2));
    const before = await older(conversation, { $lt: middle }, half);
    const after = await newer(conversation, { $gte: middle }, Math.max(1, limit - before.found.length));
    return spanOf([...after.found, ...before.found], before.hasMore, after.hasMore);
  }

  /** Rows of a list that is filtered by reach after it was read: the page may be shorter, its cursor goes on all the same. */
  async function reachablePage(found: readonly Message[], limit: number, actor: Actor): Promise<Page<MessageView>> {
    const { items, next } = toPage(
      found,
      limit,
      (row) => row,
      (row) => [row._id],
    );
    return { items: (await reach.within(items, actor)).map(toMessageView), next };
  }

  const before = (cursor: string | undefined) => (cursor ? { _id: { $lt: decodeCursor(cursor, ["string"])[0] } } : {});

  return {
    async read(conversation, { limit, cursor, direction, around: message, at }, actor) {
      await conversations.getReachable(conversation, actor);
      if (message) {
        const target = (await messages.findById(message, { conversation: 1 }).lean()) as Pick<Message, "conversation"> | null;
        if (target?.conversation !== conversation) throw fail("message.not-found");
        return around(conversation, message, limit);
      }
      if (at) return around(conversation, boundaryId(timeOf(at)), limit);
      const id = cursor ? decodeCursor(cursor, ["string"])[0] : undefined;
      if (direction === "newer") {
        const { found, hasMore } = await newer(conversation, { $gt: id ?? "" }, limit);
        return spanOf(found, id !== undefined, hasMore);
      }
      const { found, hasMore } = await older(conversation, id === undefined ? null : { $lt: id }, limit);
      return spanOf(found, hasMore, id !== undefined);
    },

    async listByContact(contact, { limit, cursor }, actor) {
      await reach.assertContact(contact, actor);
      return reachablePage(await rows({ contact, ...before(cursor) }, -1, limit + 1), limit, actor);
    },

    async listStarred({ limit, cursor }, actor) {
      const filter = { starredBy: actor.id, "starredBy.0": { $exists: true }, ...before(cursor) };
      return reachablePage(await rows(filter, -1, limit + 1), limit, actor);
    },
  };
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw fail("request.invalid", { details: [{ path: "query.at", message: "is not a time" }] });
  return time;
}
