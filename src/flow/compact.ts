/**
 * Keeps contexts short: once enough has been said, everything but the newest messages is folded into a summary. Runs after a
 * reply, in the background; when it fails the next turn is only longer, and the next reply tries again.
 */
import type { Assistant, TurnRun } from "../ai/assistant";
import { type HistoryEntry, needsCompaction } from "../ai/context";
import type { Clock } from "../core/clock";
import { describeError } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import type { AiRunService } from "../features/ai-runs/ai-run.service";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { MessageService } from "../features/messages/message.service";
import { readHistory, toHistory } from "./history";
import { summaryMicros, type TurnBudget } from "./turn-budget";

export interface CompactDeps {
  assistant: () => Assistant | null;
  conversations: ConversationService;
  messages: MessageService;
  aiRuns: Pick<AiRunService, "record">;
  budget: Pick<TurnBudget, "reserve" | "settle" | "prices">;
  safetyId: (contact: string) => string;
  clock: Clock;
  log: Log;
}

export interface Compact {
  /** Folds the conversation if what was said since its last summary has become long. Never throws. */
  start(conversation: string, said: readonly HistoryEntry[]): void;
  /** Drops what runs; it is done again after the next reply. */
  stop(): Promise<void>;
}

export function createCompact({
  assistant,
  conversations,
  messages,
  aiRuns,
  budget,
  safetyId,
  clock,
  log,
}: CompactDeps): Compact {
  const running = new Map<string, Promise<void>>();
  const abort = new AbortController();

  async function fold(id: string): Promise<void> {
    const conversation = await conversations.findConversation(id);
    if (!conversation) return;
    const said = await readHistory(messages, conversation);
    const history = toHistory(said);
    if (!needsCompaction(history, clock.now())) return;
    const summariser = assistant();
    if (!summariser) return;
    const input = { ...(conversation.summary ? { summary: conversation.summary } : {}), history };
    const task = { ...input, safetyId: safetyId(conversation.contact), now: clock.now() };
    const about = { conversation: id, contact: conversation.contact };
    const estimates = [summaryMicros(history, summariser.model, clock.now(), budget.prices())];
    const verdict = await budget.reserve({ id: `summary:${newId(clock.now())}`, ...about, estimates });
    // No money left: the context stays long, and it is tried again after the next reply.
    if (verdict.choice === null) return;
    // A summary costs money whatever becomes of it.
    const keep = async (outcome: string, run: TurnRun, answer: string | null) => {
      await aiRuns.record({ turn: null, kind: "summary", conversation, outcome, run, input, answer }, null);
      if (verdict.hold) await budget.settle(verdict.hold, run.costMicros, null);
    };
    const { summary, folded, run } = await summariser.summarise(task, abort.signal).catch(async (error: unknown) => {
      // AiError, with what was used.
      const { run: used } = error as { run?: TurnRun };
      if (used && used.calls > 0) await keep("failed", used, null);
      else if (verdict.hold) await budget.settle(verdict.hold, 0, null);
      throw error;
    });
    await keep("summary", run, summary);
    const last = said[folded - 1];
    if (!last) return;
    await conversations.saveSummary(conversation, summary, last._id);
    log.info("a conversation was folded into a summary", {
      conversation: id,
      folded,
      usage: run.usage,
      costMicros: run.costMicros,
    });
  }

  return {
    start(id, known) {
      if (running.has(id) || abort.signal.aborted || !needsCompaction(known, clock.now())) return;
      const work = fold(id)
        .catch((error: unknown) => {
          // AiError or a store that fails for now: the summary stays as it is.
          if (!abort.signal.aborted)
            log.warn("a conversation could not be folded", { conversation: id, reason: describeError(error) });
        })
        .finally(() => running.delete(id));
      running.set(id, work);
    },
    async stop() {
      abort.abort();
      await Promise.all(running.values());
    },
  };
}
