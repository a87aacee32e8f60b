/** Drafts are kept here, so that they survive a lost phone and another window shows them. They are their writer's alone. */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import type { EventLog } from "../../events/log";
import type { DraftView } from "../../events/writing-view";
import type { ConversationService } from "../conversations/conversation.service";
import type { Draft, DraftModel } from "./draft.model";

export type DraftKind = Draft["kind"];

export interface DraftService {
  /** The actor's drafts, the newest first. */
  list(actor: Actor, conversation?: string): Promise<DraftView[]>;
  /** An empty text takes the draft away. */
  save(conversation: string, kind: DraftKind, text: string, actor: Actor): Promise<DraftView | null>;
}

export interface DraftDeps {
  drafts: DraftModel;
  conversations: Pick<ConversationService, "getReachable">;
  log: EventLog;
  clock: Clock;
}

const MOST_LISTED = 200;

export function createDraftService({ drafts, conversations, log, clock }: DraftDeps): DraftService {
  return {
    async list(actor, conversation) {
      const { id } = actor;
      if (conversation) await conversations.getReachable(conversation, actor);
      const found = conversation
        ? await drafts.find({ _id: { $in: [keyOf(id, conversation, "reply"), keyOf(id, conversation, "note")] } }).lean()
        : await drafts.find({ agent: id }).sort({ updatedAt: -1 }).limit(MOST_LISTED).lean();
      return (found as Draft[]).map(toDraftView);
    },

    async save(conversation, kind, text, actor) {
      await conversations.getReachable(conversation, actor);
      const _id = keyOf(actor.id, conversation, kind);
      const now = new Date(clock.now());
      const place = { agent: actor.id, conversation, kind };
      return log.change(async ({ session, emit }) => {
        const kept =
          text.trim() === ""
            ? await drafts.collection.deleteOne({ _id: _id as never }, { session }).then(() => null)
            : await drafts.collection.findOneAndUpdate(
                { _id: _id as never },
                { $set: { ...place, text, updatedAt: now }, $setOnInsert: { begunAt: now } } as never,
                { session, upsert: true, returnDocument: "after" },
              );
        const view = kept ? toDraftView(kept as unknown as Draft) : null;
        emit("draft:updated", { agent: actor.id, conversation, kind, draft: view });
        return view;
      });
    },
  };
}

const keyOf = (agent: string, conversation: string, kind: DraftKind): string => `${agent}:${conversation}:${kind}`;

const toDraftView = ({ conversation, kind, text, updatedAt, begunAt = updatedAt }: Draft): DraftView => ({
  conversation,
  kind,
  text,
  updatedAt: updatedAt.toISOString(),
  begunAt: begunAt.toISOString(),
});
