/**
 * What exists for somebody who does not see every conversation. Contacts, messages and files hang on conversations: they are there for
 * whoever reaches one of these, and "not found" for everybody else, so that nobody learns what there is.
 */
import { type Actor, can } from "../../core/actor";
import { fail } from "../../core/errors";
import type { ConversationReach } from "../conversations/conversation-reach";
import type { Media } from "../media/media.model";
import type { Message, MessageModel } from "./message.model";

export interface ReachService extends Pick<ConversationReach, "contactFilter"> {
  /** Throws `conversation.not-found`. */
  assertConversation(id: string, actor: Actor): Promise<void>;
  /** Throws `contact.not-found`. */
  assertContact(id: string, actor: Actor): Promise<void>;
  /** Throws `message.not-found`; also for somebody who may write but not read, unless it is their own. */
  assertMessage(message: Pick<Message, "conversation" | "author">, actor: Actor): Promise<void>;
  /** Throws `media.not-found`. A file somebody uploaded is theirs also before it is sent. */
  assertMedia(media: Pick<Media, "_id" | "message" | "author">, actor: Actor): Promise<void>;
  /** The messages among these that are within reach. */
  within<M extends Pick<Message, "conversation">>(messages: readonly M[], actor: Actor): Promise<M[]>;
}

export interface ReachDeps {
  messages: MessageModel;
  conversations: ConversationReach;
}

/** In how many messages one file is looked for: the same picture may have gone to many. */
const MOST_USES = 1_000;

export function createReachService({ messages, conversations }: ReachDeps): ReachService {
  const reachesOne = async (ids: readonly string[], actor: Actor) => (await conversations.reachable(ids, actor)).size > 0;

  return {
    contactFilter: conversations.contactFilter,

    async assertConversation(id, actor) {
      if (!(await reachesOne([id], actor))) throw fail("conversation.not-found");
    },

    async assertContact(id, actor) {
      if (!(await conversations.reachesContact(id, actor))) throw fail("contact.not-found");
    },

    async assertMessage({ conversation, author }, actor) {
      if (!can(actor, "conversations.read") && author !== actor.id) throw fail("message.not-found");
      if (!(await reachesOne([conversation], actor))) throw fail("message.not-found");
    },

    async assertMedia({ _id, message, author }, actor) {
      if (author !== null && author === actor.id) return;
      if (!can(actor, "conversations.read")) throw fail("media.not-found");
      if (actor.reach === "all") return;
      const uses = (await messages
        .find(message ? { _id: message } : { "attachments.media": _id }, { conversation: 1 })
        .limit(MOST_USES)
        .lean()) as Pick<Message, "conversation">[];
      const ids = uses.map(({ conversation }) => conversation);
      if (ids.length === 0 || !(await reachesOne(ids, actor))) throw fail("media.not-found");
    },

    async within(found, actor) {
      if (actor.reach === "all") return [...found];
      const ids = await conversations.reachable(
        found.map(({ conversation }) => conversation),
        actor,
      );
      return found.filter(({ conversation }) => ids.has(conversation));
    },
  };
}
