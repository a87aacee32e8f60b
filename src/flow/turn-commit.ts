/**
 * Ends a turn: the compare-and-set on the conversation, the reply, what the tools have noted, and the record of the run, in one
 * transaction. Null: a person or a newer message came first, and nothing of it has happened.
 */
import type { TurnInput, TurnResult } from "../ai/assistant";
import type { Clock } from "../core/clock";
import { newId } from "../core/id";
import type { EventLog } from "../events/log";
import type { AiRunService } from "../features/ai-runs/ai-run.service";
import type { Contact } from "../features/contacts/contact.model";
import type { Conversation } from "../features/conversations/conversation.model";
import { type ConversationService, previewOf } from "../features/conversations/conversation.service";
import type { Message } from "../features/messages/message.model";
import type { MessageService } from "../features/messages/message.service";
import type { Turn } from "./turn.model";
import { carryOut, type EffectDeps } from "./turn-effects";
import type { TurnKnowledge } from "./turn-knowledge";
import { handedOver, outcomeOf, runOf, unansweredIn } from "./turn-outcome";
import type { TurnStore } from "./turn-store";
import type { OpenToolkit } from "./turn-toolkit";

export interface TurnCommitDeps {
  conversations: ConversationService;
  messages: MessageService;
  aiRuns: Pick<AiRunService, "record">;
  turns: TurnStore;
  knowledge: Pick<TurnKnowledge, "note">;
  effects: EffectDeps;
  eventLog: EventLog;
  clock: Clock;
}

export interface TurnEnding {
  turn: Turn;
  before: Conversation;
  contact: Contact;
  input: TurnInput;
  result: TurnResult;
  kit: OpenToolkit;
  /** What the customer reads; a tool may say more. */
  text: string | undefined;
  /** Newer messages do not undo it: they are the next turn's. */
  isLast: boolean;
  correlationId: string | null;
}

export async function commitTurn(ending: TurnEnding, deps: TurnCommitDeps): Promise<Message[] | null> {
  const { turn, before, contact, input, result, kit, text, isLast, correlationId } = ending;
  const { conversations, messages, aiRuns, turns, effects, eventLog, clock } = deps;
  const { wishes } = kit;
  const queued = await eventLog.change(async (change) => {
    const expected = isLast ? { epoch: turn.epoch } : { epoch: turn.epoch, inboundSeq: turn.inboundSeq };
    const now = new Date(clock.now());
    const fields: Partial<Conversation> = { answeredSeq: turn.inboundSeq, ...(isLast ? {} : { batch: null }) };
    const [last] = wishes.outgoing.slice(-1);
    const shown = last ? { text: last.text, type: last.type } : text ? { text, type: "text" } : null;
    if (shown)
      Object.assign(fields, {
        lastMessageAt: now,
        lastMessage: previewOf({ ...shown, role: "assistant", direction: "outbound" }),
      });
    if (result.kind === "hand-off") Object.assign(fields, { isAIEnabled: false, status: "open", waitingFor: null, batch: null });
    else if (result.kind === "close")
      Object.assign(fields, { status: "resolved", waitingFor: null, resolvedAt: now, resolvedBy: "assistant" });
    const conversation = await conversations.compareAndSet(before._id, expected, fields, change);
    if (!conversation) return null;
    const runId = newId(clock.now());
    const run = runOf(runId, turn, result, input.incoming.length);
    const replies = text
      ? await messages.queueReply(
          { conversation, contact, role: "assistant", text, sourceId: turn._id, aiRun: run, correlationId },
          change,
        )
      : [];
    if (result.kind === "hand-off")
      await messages.addActivity(conversation, handedOver(result), turn._id, change, {
        payload: { kind: "hand-off", reason: result.reason, summary: result.summary },
      });
    const team = result.kind === "hand-off" ? kit.teamOf(result.team) : null;
    const about = { turn: turn._id, conversation, contact, run: text ? null : run, correlationId, team };
    const more = await carryOut(wishes, about, change, effects);
    const answer = [...(text ? [text] : []), ...wishes.outgoing.map((one) => one.text)].join("\n") || null;
    await aiRuns.record(
      { id: runId, turn: turn._id, kind: "reply", conversation, input, answer, ...outcomeOf(result, more.length > 0) },
      change,
    );
    const unanswered = unansweredIn(input, result);
    if (unanswered !== null) await deps.knowledge.note(unanswered, before._id, change);
    const toolCalls = result.run.toolCalls.map(({ name, ok }) => ({ name, ok }));
    await turns.finish(turn, result.kind, { ...run, toolCalls }, change);
    return [...replies, ...more];
  });
  if (queued && wishes.followUps.length > 0) effects.scheduled.wake();
  return queued;
}

/** Everything the customer reads of a turn, for the next one. */
export const spokenOf = (text: string | undefined, { wishes }: OpenToolkit): string | undefined =>
  [...(text ? [text] : []), ...wishes.outgoing.map((one) => one.text)].join("\n") || undefined;
