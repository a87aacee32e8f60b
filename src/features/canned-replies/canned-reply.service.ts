/** The rules of canned replies: personal ones are their owner's alone, shared ones are managed with a permission, variables are filled here. */
import { type Actor, can } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { type Rendered, renderText, variablesOf } from "../../core/text-variables";
import type { EventLog } from "../../events/log";
import type { CannedReplyView } from "../../events/writing-view";
import type { ContactService } from "../contacts/contact.service";
import type { ConversationService } from "../conversations/conversation.service";
import type { CannedReply, CannedReplyModel } from "./canned-reply.model";
import type { NewReply, ReplyPatch, ReplyQuery } from "./canned-reply.schema";

export interface CannedReplyService {
  /** The actor's own and the shared ones: those whose shortcut begins so first, then the most used. */
  list(query: ReplyQuery, actor: Actor): Promise<CannedReplyView[]>;
  create(reply: NewReply, actor: Actor): Promise<CannedReplyView>;
  patch(id: string, patch: ReplyPatch, actor: Actor): Promise<CannedReplyView>;
  remove(id: string, actor: Actor): Promise<void>;
  /** Its text for a conversation; counted as one use. */
  render(id: string, conversation: string, actor: Actor): Promise<Rendered>;
}

export interface CannedReplyDeps {
  replies: CannedReplyModel;
  conversations: Pick<ConversationService, "getReachable">;
  contacts: Pick<ContactService, "getContact">;
  log: EventLog;
  clock: Clock;
}

const MOST_REPLIES = 2_000;
const MOST_LISTED = 200;
const DUPLICATE_KEY = 11_000;

export function createCannedReplyService({ replies, conversations, contacts, log, clock }: CannedReplyDeps): CannedReplyService {
  async function getVisible(id: string, actor: Actor): Promise<CannedReply> {
    const reply = (await replies.findById(id).lean()) as CannedReply | null;
    if (!reply || (reply.scope === "personal" && reply.owner !== actor.id)) throw fail("canned-reply.not-found");
    return reply;
  }

  const assertMayManage = ({ scope }: Pick<CannedReply, "scope">, actor: Actor) => {
    if (scope === "shared" && !can(actor, "canned-replies.manage")) throw fail("auth.forbidden");
  };

  /** A shortcut that is taken is told in our own words. */
  async function unlessTaken<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) throw fail("canned-reply.exists", { cause: error });
      throw error;
    }
  }

  return {
    async list({ prefix = "", folder, tag }, actor) {
      const found = (await replies
        .find({ $or: [{ scope: "shared" }, { scope: "personal", owner: actor.id }] })
        .limit(MOST_REPLIES)
        .lean()) as CannedReply[];
      const wanted = fold(prefix);
      return found
        .filter((one) => (folder === undefined || one.folder === folder) && (tag === undefined || one.tags.includes(tag)))
        .map((one) => ({ one, place: placeOf(one, wanted) }))
        .filter(({ place }) => place >= 0)
        .sort((a, b) => a.place - b.place || b.one.uses - a.one.uses || a.one.shortcut.localeCompare(b.one.shortcut))
        .slice(0, MOST_LISTED)
        .map(({ one }) => toReplyView(one));
    },

    async create({ shortcut, title, text, folder = "", tags = [], scope = "personal" }, actor) {
      assertMayManage({ scope }, actor);
      const now = new Date(clock.now());
      const reply: CannedReply = {
        _id: newId(clock.now()),
        shortcut: shortcut.toLowerCase(),
        title,
        text,
        folder,
        tags,
        scope,
        owner: actor.id,
        key: keyOf({ scope, owner: actor.id, shortcut }),
        uses: 0,
        version: 0,
        createdAt: now,
        updatedAt: now,
      };
      return unlessTaken(() =>
        log.change(async ({ session, emit }) => {
          await replies.collection.insertOne(reply as never, { session });
          emit("canned-reply:updated", { reply: toReplyView(reply) });
          return toReplyView(reply);
        }),
      );
    },

    async patch(id, { version, ...fields }, actor) {
      const before = await getVisible(id, actor);
      assertMayManage(before, actor);
      const shortcut = fields.shortcut?.toLowerCase();
      const key = shortcut === undefined ? {} : { shortcut, key: keyOf({ ...before, shortcut }) };
      return unlessTaken(() =>
        log.change(async ({ session, emit }) => {
          const after = (await replies.collection.findOneAndUpdate(
            { _id: id as never, version: version ?? before.version },
            { $set: { ...fields, ...key, updatedAt: new Date(clock.now()) }, $inc: { version: 1 } },
            { session, returnDocument: "after" },
          )) as unknown as CannedReply | null;
          if (!after) throw fail("request.stale", { current: toReplyView(await getVisible(id, actor)) });
          emit("canned-reply:updated", { reply: toReplyView(after) });
          return toReplyView(after);
        }),
      );
    },

    async remove(id, actor) {
      const reply = await getVisible(id, actor);
      assertMayManage(reply, actor);
      await log.change(async ({ session, emit }) => {
        await replies.collection.deleteOne({ _id: id as never }, { session });
        emit("canned-reply:removed", { reply: id, scope: reply.scope, owner: reply.owner });
      });
    },

    async render(id, conversationId, actor) {
      const reply = await getVisible(id, actor);
      const conversation = await conversations.getReachable(conversationId, actor);
      const contact = await contacts.getContact(conversation.contact);
      await replies.updateOne({ _id: id }, { $inc: { uses: 1 } });
      return renderText(reply.text, variablesOf({ contact, agent: actor, conversation }));
    },
  };
}

const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** 0: the shortcut begins so, 1: a word of the title does, -1: neither. */
function placeOf({ shortcut, title }: CannedReply, prefix: string): number {
  if (fold(shortcut).startsWith(prefix)) return 0;
  return fold(title)
    .split(/\s+/)
    .some((word) => word.startsWith(prefix))
    ? 1
    : -1;
}

const keyOf = ({ scope, owner, shortcut }: Pick<CannedReply, "scope" | "owner" | "shortcut">): string =>
  `${scope === "shared" ? "shared" : owner}/${shortcut.toLowerCase()}`;

const toReplyView = ({ _id, key: _, createdAt, updatedAt, ...reply }: CannedReply): CannedReplyView => ({
  id: _id,
  ...reply,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
