/** What may be too old, kind by kind. Everything is walked through by key in pieces, so that no run needs an index or holds anybody up. */
import type { MediaStorage } from "../../channels/whatsapp/media-storage";
import { boundaryId } from "../../core/id";
import type { EventLog } from "../../events/log";
import type { AuditService } from "../audit/audit.service";
import { ERASABLE, eraseMessages, type PersonalDataModels } from "../data-protection/erase-messages.service";
import type { Media } from "../media/media.model";
import type { Message } from "../messages/message.model";

export type RetentionKind = "messages" | "media" | "inboundBodies" | "turns" | "audit";

export interface RetentionRule {
  kind: RetentionKind;
  /** Looks at one piece after `last`: how many are too old, and where to go on; `next` null at the end. Removes them unless asked only to count. */
  pass(before: Date, last: string, how: "count" | "remove"): Promise<{ count: number; next: string | null }>;
}

export interface RetentionRuleDeps {
  models: Pick<PersonalDataModels, "messages" | "media" | "inboundEvents" | "turns" | "aiRuns" | "aiToolCalls" | "aiReplayItems">;
  audit: Pick<AuditService, "drop" | "countBefore">;
  storage: MediaStorage;
  log: EventLog;
}

const PIECE = 500;
type Keyed = { _id: string };

const nextOf = (rows: readonly Keyed[]): string | null => (rows.length < PIECE ? null : (rows.at(-1)?._id ?? null));

export function retentionRules({ models, audit, storage, log }: RetentionRuleDeps): RetentionRule[] {
  const { messages, media, inboundEvents, turns, aiRuns, aiToolCalls, aiReplayItems } = models;

  async function removeFiles(keys: readonly string[]): Promise<void> {
    for (const key of new Set(keys))
      if (!(await media.exists({ $or: [{ storageKey: key }, { thumbnailKey: key }] }))) await storage.remove(key);
  }

  return [
    {
      kind: "messages",
      async pass(before, last, how) {
        const rows = (await messages
          .find({ _id: { $gt: last } }, { ...ERASABLE, sentAt: 1, delivery: 1 })
          .sort({ _id: 1 })
          .limit(PIECE)
          .lean()) as Message[];
        // What still has to be sent, or decided, is not old.
        const old = rows.filter(({ sentAt, delivery }) => sentAt < before && !delivery?.dueAt && !delivery?.needsDecision);
        if (how === "remove" && old.length > 0) {
          const { files = [] } = await log.change(({ session }) => eraseMessages(old, models, session));
          await removeFiles(files);
        }
        return { count: old.length, next: nextOf(rows) };
      },
    },
    {
      kind: "media",
      async pass(before, last, how) {
        const rows = (await media
          .find({ _id: { $gt: last } })
          .sort({ _id: 1 })
          .limit(PIECE)
          .lean()) as Media[];
        const old = rows.filter(({ createdAt, storageKey }) => storageKey !== null && createdAt < before);
        if (how === "remove" && old.length > 0) {
          const gone = { state: "failed", error: "Removed because of its age", storageKey: null, thumbnailKey: null } as const;
          await media.updateMany({ _id: { $in: old.map(({ _id }) => _id) } }, { $set: gone });
          await removeFiles(
            old.flatMap(({ storageKey, thumbnailKey }) => [storageKey, thumbnailKey].filter((key) => key !== null)),
          );
        }
        return { count: old.length, next: nextOf(rows) };
      },
    },
    {
      kind: "inboundBodies",
      async pass(before, last, how) {
        const rows = await inboundEvents
          .find({ _id: { $gt: last } }, { receivedAt: 1, state: 1, body: 1 })
          .sort({ _id: 1 })
          .limit(PIECE)
          .lean();
        // What could not be processed is kept until somebody has looked at it.
        const old = rows.filter(
          ({ receivedAt, state, body }) => body !== null && receivedAt < before && (state === "done" || state === "ignored"),
        );
        if (how === "remove" && old.length > 0)
          await inboundEvents.updateMany({ _id: { $in: old.map(({ _id }) => _id) } }, { $set: { body: null } });
        return { count: old.length, next: nextOf(rows) };
      },
    },
    {
      kind: "turns",
      async pass(before, last, how) {
        const rows = await turns
          .find({ _id: { $gt: last } }, { endedAt: 1, conversation: 1 })
          .sort({ _id: 1 })
          .limit(PIECE)
          .lean();
        const old = rows.filter(({ endedAt }) => endedAt && endedAt < before);
        if (how === "remove" && old.length > 0) {
          // The words go; what it cost stays in the book.
          await aiRuns.updateMany(
            { conversation: { $in: [...new Set(old.map(({ conversation }) => conversation))] }, at: { $lt: before } },
            { $set: { input: null, toolCalls: null, citations: null, answer: null } },
          );
          await aiReplayItems.deleteMany({
            conversation: { $in: [...new Set(old.map(({ conversation }) => conversation))] },
            replay: { $lt: boundaryId(before.getTime()) },
          });
          await aiToolCalls.deleteMany({
            conversation: { $in: [...new Set(old.map(({ conversation }) => conversation))] },
            createdAt: { $lt: before },
          });
          await turns.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } });
        }
        return { count: old.length, next: nextOf(rows) };
      },
    },
    {
      kind: "audit",
      async pass(before, _last, how) {
        if (how === "count") return { count: await audit.countBefore(before), next: null };
        const count = await audit.drop(before, PIECE);
        return { count, next: count < PIECE ? null : "more" };
      },
    },
  ];
}
