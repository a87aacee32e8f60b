/** The copilot beside an agent's composer: drafts, summaries, translations. It reads what the agent may read and sends nothing. */

import type { TurnRun } from "../../ai/assistant";
import type { Copilot, CopilotTask } from "../../ai/copilot";
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { EventBus } from "../../events/bus";
import type { AiBudgetService, Hold } from "../ai-budgets/ai-budget.service";
import type { AiRunService } from "../ai-runs/ai-run.service";
import type { Contact } from "../contacts/contact.model";
import type { ContactService } from "../contacts/contact.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { MessageService } from "../messages/message.service";
import type { CopilotBody, CopilotView } from "./copilot.schema";

export interface CopilotService {
  /**
   * Throws `assistant.no-connection`, `assistant.budget-used`, `assistant.provider-failed`, and `request.invalid` when the task lacks
   * its text. Cancelled with the signal.
   */
  ask(conversation: string, body: CopilotBody, actor: Actor, signal: AbortSignal): Promise<CopilotView>;
}

interface FoundPassage {
  chunk: string;
  article: string;
  title: string;
  text: string;
}

export interface CopilotDeps {
  /** Null: there is no provider now. */
  copilot: () => Copilot | null;
  /** Most the task may cost, micro-dollars; 0 when the price is unknown. */
  estimate: (task: CopilotTask) => number;
  /** What people have written about the business, for this conversation. */
  business: (about: { conversation: Conversation; contact: Contact }) => Promise<CopilotTask["business"]>;
  search: (question: string, limit: number, signal: AbortSignal) => Promise<FoundPassage[]>;
  safetyId: (contact: string) => string;
  conversations: Pick<ConversationService, "getReachable">;
  contacts: Pick<ContactService, "getContact">;
  messages: Pick<MessageService, "listHistory">;
  aiRuns: Pick<AiRunService, "record">;
  budget: Pick<AiBudgetService, "reserve" | "settle">;
  bus: EventBus;
  clock: Clock;
}

const MOST_MESSAGES = 40;
const MOST_TEXT = 2_000;
const PASSAGES = 5;
/** Pieces are told together: nobody reads faster. */
const TELL_EVERY_MS = 60;
const NEEDS_TEXT: ReadonlySet<CopilotBody["task"]> = new Set(["translate", "rewrite", "answer"]);
const LOOKS_UP: ReadonlySet<CopilotBody["task"]> = new Set(["suggest", "answer"]);

export function createCopilotService(deps: CopilotDeps): CopilotService {
  const { copilot, estimate, business, search, safetyId, conversations, contacts, messages, aiRuns, budget, bus, clock } = deps;

  async function taskOf(
    conversation: Conversation,
    { task: kind, text = "", language, tone }: CopilotBody,
    signal: AbortSignal,
  ): Promise<{ task: CopilotTask; found: readonly FoundPassage[] }> {
    const contact = await contacts.getContact(conversation.contact);
    const rows = await messages.listHistory(conversation._id, MOST_MESSAGES, conversation.summaryUpTo);
    const history = rows
      .filter(({ role, content, delivery }) => role !== "system" && content !== "" && delivery?.state !== "cancelled")
      .map(({ role, content, sentAt }) => ({
        role: role as "user" | "assistant" | "operator",
        text: content.slice(0, MOST_TEXT),
        at: sentAt.getTime(),
      }));
    const asked =
      text ||
      history
        .filter(({ role }) => role === "user")
        .slice(-3)
        .map((one) => one.text)
        .join("\n");
    const found = LOOKS_UP.has(kind) && asked !== "" ? await search(asked, PASSAGES, signal) : [];
    const task: CopilotTask = {
      kind,
      business: await business({ conversation, contact }),
      language: language ?? (kind === "translate" ? contact.language : null),
      tone: tone ?? (kind === "rewrite" ? "friendly" : null),
      text,
      customer: { name: contact.name, ...(contact.language && { language: contact.language }) },
      summary: conversation.summary,
      history,
      passages: found.map(({ chunk, title, text: passage }) => ({ id: chunk, title, text: passage })),
      safetyId: safetyId(contact._id),
    };
    return { task, found };
  }

  /** Tells the agent's own windows the pieces as they come. */
  function teller(stream: string, conversation: string, agent: string) {
    let waiting = "";
    let toldAt = Number.NEGATIVE_INFINITY;
    const tell = (isLast: boolean) => {
      if (waiting === "" && !isLast) return;
      bus.pass("copilot:text", { stream, conversation, agent, text: waiting, isLast });
      waiting = "";
      toldAt = clock.monotonic();
    };
    return {
      onText(piece: string) {
        waiting += piece;
        if (clock.monotonic() - toldAt >= TELL_EVERY_MS) tell(false);
      },
      end: () => tell(true),
    };
  }

  async function settle(hold: Hold | null, micros: number | null): Promise<void> {
    if (hold) await budget.settle(hold, micros, null);
  }

  return {
    async ask(id, body, actor, signal) {
      const invalid = (path: string, message: string) =>
        fail("request.invalid", { details: [{ path: `body.${path}`, message }] });
      if (NEEDS_TEXT.has(body.task) && !body.text?.trim()) throw invalid("text", "is needed for this task");
      const conversation = await conversations.getReachable(id, actor);
      const ask = copilot();
      if (!ask) throw fail("assistant.no-connection");
      const { task, found } = await taskOf(conversation, body, signal);
      if (body.task === "translate" && !task.language) throw invalid("language", "is needed: the customer's is not known");
      const verdict = await budget.reserve({
        id: `copilot:${newId(clock.now())}`,
        conversation: id,
        contact: conversation.contact,
        estimates: [estimate(task)],
      });
      if (verdict.choice === null) throw fail("assistant.budget-used");
      const told = body.stream ? teller(body.stream, id, actor.id) : null;
      const record = (outcome: string, run: TurnRun, answer: string | null) =>
        aiRuns.record({ turn: null, kind: "copilot", conversation, outcome, run, input: {}, answer }, null);
      try {
        const { texts, sources, run } = await ask(task, signal, told?.onText);
        await record(body.task, run, texts.join("\n---\n"));
        await settle(verdict.hold, run.costMicros);
        return {
          texts,
          sources: sources.map(({ id: chunk, title, text }) => {
            const article = found.find((one) => one.chunk === chunk)?.article ?? null;
            return { chunk, article, title, text };
          }),
          provider: run.provider,
          model: run.model,
          costMicros: run.costMicros,
        };
      } catch (error) {
        // Awaited: AiError, which knows what it has cost so far.
        const { run, kind } = error as { run?: TurnRun; kind?: string };
        if (run && run.calls > 0) await record(kind === "aborted" ? "aborted" : "failed", run, null);
        await settle(verdict.hold, run?.costMicros ?? null);
        if (run) throw fail("assistant.provider-failed", { cause: error });
        throw error;
      } finally {
        told?.end();
      }
    },
  };
}
