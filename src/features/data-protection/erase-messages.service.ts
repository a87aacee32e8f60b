/** Removing messages for good: with their files, and what WhatsApp delivered about them. */
import type { ClientSession } from "mongoose";
import { shortHash } from "../../core/id";
import type { EventModel } from "../../events/event.model";
import type { HeardFileModel } from "../../flow/heard.model";
import type { InboundEventModel } from "../../flow/inbound-event.model";
import type { TurnModel } from "../../flow/turn.model";
import type { AiGoldenModel, AiReplayItemModel } from "../ai-replays/ai-replay.model";
import type { AiRunModel } from "../ai-runs/ai-run.model";
import type { AiToolCallModel } from "../ai-tools/ai-tool.model";
import type { AutomationRunModel } from "../automation-actions/automation-run.model";
import type { AwayNoticeModel } from "../away/away-notice.model";
import type { ContactMergeModel } from "../contact-merges/contact-merge.model";
import type { ContactNoteModel } from "../contact-notes/contact-note.model";
import type { ContactModel } from "../contacts/contact.model";
import type { ContactHistoryModel } from "../contacts/contact-history.model";
import type { ConversationModel } from "../conversations/conversation.model";
import type { CsatModel } from "../csat/csat.model";
import type { DraftModel } from "../drafts/draft.model";
import type { DueTaskModel } from "../due-tasks/due-task.model";
import type { KnowledgeArticleModel, KnowledgeGapModel } from "../knowledge/knowledge.model";
import type { Media, MediaModel } from "../media/media.model";
import type { Message, MessageModel } from "../messages/message.model";
import type { ReadPositionModel } from "../read-positions/read-position.model";
import type { ReportMomentModel } from "../reports/report-moment.model";
import type { ScheduledMessageModel } from "../scheduled-messages/scheduled-message.model";
import type { SlaStateModel } from "../sla/sla-state.model";
import type { Removed } from "./personal-data";

export interface PersonalDataModels {
  contacts: ContactModel;
  conversations: ConversationModel;
  messages: MessageModel;
  media: MediaModel;
  turns: TurnModel;
  aiRuns: AiRunModel;
  aiToolCalls: AiToolCallModel;
  aiReplayItems: AiReplayItemModel;
  aiGoldens: AiGoldenModel;
  heardFiles: HeardFileModel;
  knowledgeGaps: KnowledgeGapModel;
  knowledgeArticles: KnowledgeArticleModel;
  inboundEvents: InboundEventModel;
  contactMerges: ContactMergeModel;
  events: EventModel;
  contactNotes: ContactNoteModel;
  contactHistory: ContactHistoryModel;
  drafts: DraftModel;
  readPositions: ReadPositionModel;
  scheduledMessages: ScheduledMessageModel;
  reportMoments: ReportMomentModel;
  dueTasks: DueTaskModel;
  automationRuns: AutomationRunModel;
  slaStates: SlaStateModel;
  csats: CsatModel;
  awayNotices: AwayNoticeModel;
}

const STATUSES = ["sent", "delivered", "read", "played", "failed", "deleted", "warning", "pending"];

export type Erasable = Pick<Message, "_id" | "channel" | "wamid" | "attachments">;
export const ERASABLE = { channel: 1, wamid: 1, attachments: 1 } as const;

/** Removes these messages, their files as far as nobody else refers to them, and what WhatsApp delivered about them. */
export async function eraseMessages(
  rows: readonly Erasable[],
  { messages, media, inboundEvents }: Pick<PersonalDataModels, "messages" | "media" | "inboundEvents">,
  session: ClientSession,
): Promise<Removed> {
  const ids = rows.map(({ _id }) => _id);
  await messages.collection.deleteMany({ _id: { $in: ids as never[] } }, { session });
  const keys = rows.flatMap(({ channel, wamid }) => (wamid === null ? [] : keysOf(channel, wamid)));
  await inboundEvents.collection.updateMany({ _id: { $in: keys as never[] } }, { $set: { body: null } }, { session });
  const named = rows.flatMap(({ attachments }) => attachments.flatMap((one) => one.media ?? []));
  // A file an agent has uploaded may have been sent to others too.
  const shared = new Set<string>();
  for (const id of new Set(named)) if (await messages.exists({ "attachments.media": id }).session(session)) shared.add(id);
  const gone = (await media
    .find({ $or: [{ message: { $in: ids } }, { _id: { $in: named.filter((id) => !shared.has(id)) } }] }, null, { session })
    .lean()) as Media[];
  const free = gone.filter(({ _id }) => !shared.has(_id));
  await media.collection.deleteMany({ _id: { $in: free.map(({ _id }) => _id) as never[] } }, { session });
  const files = free.flatMap(({ storageKey, thumbnailKey }) => [storageKey, thumbnailKey].filter((key) => key !== null));
  return { count: rows.length, files };
}

/** Under which keys the webhook's events about a message are kept. */
const keysOf = (channel: string, wamid: string): string[] =>
  [`m:${channel}:${wamid}`, `e:${channel}:${wamid}`, ...STATUSES.map((status) => `s:${channel}:${wamid}:${status}`)].map(
    shortHash,
  );
