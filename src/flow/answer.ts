/**
 * The assistant's turn: route, think, and queue one reply, unless a person or a newer message came first. Queuing is a
 * compare-and-set on the conversation in one transaction with the insert of the reply, whose id comes from the turn.
 */
import { AiError } from "../ai/ai-error";
import type { Assistant, TurnInput, TurnResult } from "../ai/assistant";
import type { HistoryEntry } from "../ai/context";
import type { Clock } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { Change, EventLog } from "../events/log";
import type { Hold } from "../features/ai-budgets/ai-budget.service";
import type { AiRunService } from "../features/ai-runs/ai-run.service";
import type { AwayPort } from "../features/away/away.service";
import type { Contact } from "../features/contacts/contact.model";
import type { ContactService } from "../features/contacts/contact.service";
import type { Conversation } from "../features/conversations/conversation.model";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { MessageService } from "../features/messages/message.service";
import type { AnswerCache } from "./answer-cache";
import { createAssistantLine, MAX_FAILURES, type Verdict } from "./assistant-line";
import type { ChannelRuntime } from "./channel-runtime";
import { type Hear, wordsOf } from "./hear";
import { readTurn } from "./history";
import { holdingText } from "./holding-text";
import { type Route, route } from "./route";
import type { Trace } from "./trace";
import type { Turn } from "./turn.model";
import { budgetTurn, type TurnBudget } from "./turn-budget";
import { commitTurn, spokenOf } from "./turn-commit";
import type { EffectDeps } from "./turn-effects";
import { type TurnAbout, type TurnSettings, turnInputOf } from "./turn-input";
import { knowledgeFor, type TurnKnowledge } from "./turn-knowledge";
import { failureOf, saidSoFar } from "./turn-outcome";
import type { TurnStore } from "./turn-store";
import type { OpenToolkit, Toolkit } from "./turn-toolkit";
import { showTyping } from "./typing";

export interface AnswerDeps {
  /** As it is connected now. */
  assistant: () => Assistant | null;
  /** What people have set about the assistant, as it is now. */
  turnSettings: (about: TurnAbout) => Promise<TurnSettings>;
  knowledge: TurnKnowledge;
  hear: Pick<Hear, "ready">;
  cache: Pick<AnswerCache, "find" | "keep">;
  toolkit: Toolkit;
  effects: EffectDeps;
  budget: TurnBudget;
  /** The company's own words for customers whom a person will answer. */
  holdingMessage?: string | undefined;
  away: AwayPort;
  contacts: ContactService;
  conversations: ConversationService;
  messages: MessageService;
  aiRuns: Pick<AiRunService, "record">;
  turns: TurnStore;
  eventLog: EventLog;
  findChannel: (id: string) => ChannelRuntime | null;
  /** A pseudonym of a contact for the provider. */
  safetyId: (contact: string) => string;
  /** A turn has ended well: the context of the conversation may have become long. */
  onAnswered: (conversation: string, said: readonly HistoryEntry[]) => void;
  /** Sets the alarm again, for a later try. */
  retryAt: (conversation: string, at: Date) => void;
  clock: Clock;
  log: Log;
  trace: Trace;
}

export interface Answer {
  /**
   * The fragments of this conversation are due. One turn a conversation at a time; safe to call often. `at` is the time an alarm
   * was set for: it rings by the clock that never jumps, so it is believed whatever the wall clock says.
   */
  start(conversation: string, at?: number): void;
  /** Stops a turn that is being thought about: the customer wrote again, or a person answered. */
  interrupt(conversation: string, by: "customer" | "person"): void;
  /** Waits for the turns that run, at most `ms` milliseconds, then aborts them; the batch stays stored. */
  stop(ms: number): Promise<void>;
}

const DUPLICATE_KEY = 11_000;
/** Turns at the same time; the others wait for their turn. Stays below the connections a client opens. */
const MOST_AT_ONCE = 128;
const AFTER_STORE_FAILURE_MS = 2_000;
/** A customer who writes faster than we think is answered all the same: after this many restarts a turn is left to finish. */
const MAX_RESTARTS = 3;

interface Running {
  abort: AbortController;
  finished: Promise<void>;
  mayRestart: boolean;
}

export function createAnswer(deps: AnswerDeps): Answer {
  const { contacts, conversations, messages, aiRuns, turns, eventLog, findChannel, clock, log, trace } = deps;
  const running = new Map<string, Running>();
  const restarts = new Map<string, number>();
  /** Due conversations that wait for another turn to end, with their alarm. */
  const ready = new Map<string, number>();
  /** Customers who know that it takes longer, by conversation: what they had been answered when they were told. */
  const told = new Map<string, number>();
  /** How often in a row the turns of a conversation have failed. */
  const failed = new Map<string, number>();
  /** Conversations that wait for the provider to come back, with the time of their alarm. */
  const cut = new Map<string, number>();
  const line = createAssistantLine({ clock, log, onRecovered: resume });
  let stopped = false;

  async function take(id: string, at: number, abort: AbortController): Promise<void> {
    const conversation = await conversations.findConversation(id);
    if (!conversation?.batch) return;
    const dueAt = conversation.batch.dueAt.getTime();
    if (dueAt > clock.now() && dueAt > at) return deps.retryAt(id, conversation.batch.dueAt);
    const waitMs = line.breaker.waitMs();
    if (deps.assistant() && conversation.isAIEnabled && waitMs > 0) return waitForLine(conversation, waitMs);
    const claim = await turns.claim(conversation);
    if (claim.kind === "held") return deps.retryAt(id, claim.until);
    if (claim.kind === "done") return eventLog.change((change) => conversations.clearBatch(id, conversation.inboundSeq, change));
    await run(claim.turn, conversation, abort);
  }

  async function run(turn: Turn, conversation: Conversation, abort: AbortController): Promise<void> {
    const assistant = deps.assistant();
    let said = await readTurn(messages, conversation);
    const { fragments } = said;
    const correlationId = fragments.at(-1)?.correlationId ?? null;
    const channel = findChannel(conversation.channel);
    const settings = {
      hasAssistant: assistant !== null,
      isChannelKnown: channel !== null,
      maxFailures: MAX_FAILURES,
      isResting: deps.away.isResting(conversation),
    };
    const decision = route(conversation, settings, clock.now());
    const facts = { correlationId, conversation: conversation._id };
    trace("batched", {
      ...facts,
      ms: clock.now() - (conversation.batch?.firstAt.getTime() ?? clock.now()),
      detail: fragments.length === 1 ? "1 message" : `${fragments.length} messages`,
    });
    trace("routed", { ...facts, detail: decision.to === "assistant" ? "assistant" : `${decision.to}: ${decision.reason}` });
    if (decision.to !== "assistant" || !assistant)
      return settle(turn, conversation, decision.to === "assistant" ? { to: "agents", reason: "no-assistant" } : decision);
    const { lastInboundWamid: last } = conversation;
    const stopTyping = channel && last ? showTyping(channel.graph, last, clock) : () => {};
    let input: TurnInput | null = null;
    let hold: Hold | null = null;
    try {
      const contact = await contacts.getContact(conversation.contact);
      trace("answering", { ...facts, detail: assistant.model });
      const safetyId = deps.safetyId(contact._id);
      // Voice notes become words meanwhile; nobody waits for them for long.
      if (await deps.hear.ready(fragments, abort.signal)) said = await readTurn(messages, conversation);
      const texts = said.fragments.map(wordsOf);
      const known = await knowledgeFor(texts, deps.knowledge, abort.signal, log);
      const parts = { turn, conversation, contact, ...said, safetyId, now: clock.now() };
      const about = {
        id: `${turn._id}:${turn.attempts}`,
        conversation: conversation._id,
        contact: contact._id,
        model: assistant.model,
      };
      const settled = await deps.turnSettings({ conversation, contact });
      const onCommitted = () => {
        // What a tool has left outside cannot be taken back: this turn is finished, newer messages are the next one's.
        const here = running.get(conversation._id);
        if (here) here.mayRestart = false;
      };
      const confirmed = await deps.toolkit.settle({ turn: turn._id, conversation, fragments }, abort.signal);
      if (confirmed.length > 0) onCommitted();
      const kit = await deps.toolkit.open({ turn: turn._id, conversation, contact });
      const tools = [...(known.tools ?? []), ...kit.tools];
      const whole = { ...turnInputOf(parts, settled), ...known, tools, teams: kit.teams, confirmed, onCommitted };
      const cached = await deps.cache.find(whole);
      // An answer that is there already costs nothing, and needs no line.
      const planned = cached ? { input: { ...whole, cached }, hold: null } : await budgetTurn(whole, about, deps.budget);
      if (!planned.input) return await settle(turn, conversation, { to: "agents", reason: "budget" });
      ({ input, hold } = planned);
      const waitMs = cached ? 0 : line.breaker.enter();
      if (waitMs > 0) {
        await settleHold(hold, 0);
        await turns.release(turn, "aborted", "the line to the provider is cut");
        return await waitForLine(conversation, waitMs);
      }
      const result = await assistant.reply(input, abort.signal).then(
        (answer) => {
          if (!cached) line.book(null, conversation._id);
          return answer;
        },
        (error: unknown) => {
          // AiError; the turn's end deals with it.
          line.book(error, conversation._id);
          throw error;
        },
      );
      await commit(turn, conversation, contact, input, result, kit, correlationId);
      await settleHold(hold, result.run.costMicros);
    } catch (error) {
      // AiError: the provider failed or the turn was aborted. Anything else is ours; the batch stays stored and is tried again.
      if (input && error instanceof AiError && error.run && error.run.calls > 0)
        await aiRuns.record({ turn: turn._id, kind: "reply", conversation, input, ...failureOf(error, error.run) }, null);
      await settleHold(hold, error instanceof AiError && error.run ? error.run.costMicros : null);
      await stumble(turn, conversation, error);
    } finally {
      stopTyping();
    }
  }

  /** What a crash leaves reserved comes free by itself. */
  const settleHold = async (hold: Hold | null, micros: number | null) => {
    try {
      if (hold) await deps.budget.settle(hold, micros, null);
    } catch (error) {
      // The store fails for now: the turn has its outcome, and the reservation ends by itself.
      log.warn("the money of a turn could not be settled", { reason: describeError(error) });
    }
  };

  /** Nothing for the assistant: the queue of the agents, or nobody. */
  async function settle(turn: Turn, conversation: Conversation, decision: Exclude<Route, { to: "assistant" }>): Promise<void> {
    await eventLog.change(async (change) => {
      if (decision.to === "agents") {
        const over = await conversations.handOver(conversation._id, turn, change);
        const why = { payload: { kind: "needs-person", reason: decision.reason } };
        if (over) await messages.addActivity(over, `Waiting for a person: ${decision.reason}`, turn._id, change, why);
        const isTold = over && (told.get(over._id) === over.answeredSeq || deps.away.isAway(over));
        if (over && decision.reason === "budget") await hold(turn._id, over, change, deps.budget.cannedReply());
        if (over && decision.reason === "assistant-failed" && !isTold) await hold(turn._id, over, change);
      } else if (decision.to === "away") {
        // The people see it; the assistant answers again with the customer's next message in time.
        const fields = { status: "open" as const, waitingFor: null, batch: null };
        const open = await conversations.compareAndSet(conversation._id, turn, fields, change);
        const why = { payload: { kind: "outside-hours" } };
        if (open) await messages.addActivity(open, "Outside opening hours: the assistant rests", turn._id, change, why);
        if (open) await deps.away.tell(open, await contacts.getContact(open.contact, change.session), change);
      } else await conversations.clearBatch(conversation._id, conversation.inboundSeq, change);
      await turns.finish(turn, `${decision.to}: ${decision.reason}`, null, change);
    });
  }

  /** Never silent: when the assistant cannot answer, the customer is told once that a person will. */
  async function hold(sourceId: string, conversation: Conversation, change: Change, words = ""): Promise<void> {
    const contact = await contacts.getContact(conversation.contact, change.session);
    await messages.queueReply(
      { conversation, contact, role: "system", text: words || holdingText(contact, deps.holdingMessage), sourceId },
      change,
    );
  }

  async function commit(
    turn: Turn,
    before: Conversation,
    contact: Contact,
    input: TurnInput,
    result: TurnResult,
    kit: OpenToolkit,
    correlationId: string | null,
  ): Promise<void> {
    const said = "text" in result ? result.text?.trim() : undefined;
    // Nobody is promised a person at once when no one is there: the away message follows. And nobody twice.
    const isTold = told.get(before._id) === before.answeredSeq;
    const isHeld = result.kind === "hand-off" && !result.isQuiet && !isTold && !deps.away.isAway(before);
    const text = said || (isHeld ? holdingText(contact, deps.holdingMessage) : undefined);
    // A turn that was left to finish answers what it saw; what came later is the next turn's.
    const isLast = !(running.get(before._id)?.mayRestart ?? true);
    const queued = await commitTurn({ turn, before, contact, input, result, kit, text, isLast, correlationId }, deps);
    if (!queued) {
      await turns.release(turn, "aborted", "a person or a newer message came first");
      log.info("a reply was dropped: a person or a newer message came first", { correlationId, conversation: before._id });
      return;
    }
    restarts.delete(before._id);
    told.delete(before._id);
    failed.delete(before._id);
    await deps.cache.keep(input, result);
    deps.onAnswered(before._id, saidSoFar(input, spokenOf(text, kit), clock.now()));
    for (const reply of queued)
      trace("queued", {
        correlationId,
        conversation: before._id,
        message: reply._id,
        ms: result.run.ms,
        detail: `${result.kind} · ${result.run.provider} · ${result.run.model}`,
      });
    if (queued.length === 0) trace("queued", { correlationId, conversation: before._id, detail: `no reply: ${result.kind}` });
  }

  async function stumble(turn: Turn, conversation: Conversation, error: unknown): Promise<void> {
    const isAborted = error instanceof AiError && error.kind === "aborted";
    await turns.release(turn, isAborted ? "aborted" : "failed", describeError(error));
    if (isAborted || stopped) return;
    if (!conversation.batch) return;
    const tries = (failed.get(conversation._id) ?? 0) + 1;
    failed.set(conversation._id, tries);
    const verdict = line.judge(error, conversation.batch, tries);
    log.warn("the assistant failed; it is tried again or a person is asked", {
      conversation: conversation._id,
      failures: verdict.failures,
      error,
    });
    await conversations.postpone(conversation._id, verdict.dueAt, verdict.failures);
    conversation.batch.failures = verdict.failures;
    await postpone(conversation, verdict);
  }

  async function waitForLine(conversation: Conversation, waitMs: number): Promise<void> {
    if (!conversation.batch) return;
    const verdict = line.waitFor(conversation.batch, waitMs);
    cut.set(conversation._id, verdict.dueAt.getTime());
    await postpone(conversation, verdict);
  }

  function resume(): void {
    const waiting = [...cut];
    cut.clear();
    for (const [id, at] of waiting) start(id, at);
  }

  /** Sets the alarm for the next try; a customer who has waited for long is told so, once. */
  async function postpone(conversation: Conversation, { dueAt, failures, isLate }: Verdict): Promise<void> {
    deps.retryAt(conversation._id, dueAt);
    if (failures !== conversation.batch?.failures) await conversations.postpone(conversation._id, dueAt, failures);
    if (isLate && failures < MAX_FAILURES) await tellOnce(conversation);
  }

  /** Tells the customer that it takes longer, and the agents that somebody waits. The assistant goes on trying. */
  async function tellOnce({ _id, epoch, answeredSeq }: Conversation): Promise<void> {
    if (told.get(_id) === answeredSeq) return;
    try {
      await eventLog.change(async (change) => {
        const waiting = await conversations.compareAndSet(_id, { epoch }, { status: "open", waitingFor: null }, change);
        if (waiting) await hold(`${_id}:late:${answeredSeq}`, waiting, change);
      });
    } catch (error) {
      // Told before a restart: the same origin is stored once.
      if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
    }
    told.set(_id, answeredSeq);
  }

  function start(id: string, at: number): void {
    if (stopped || running.has(id)) return;
    if (running.size >= MOST_AT_ONCE) ready.set(id, at);
    else begin(id, at);
  }

  function begin(id: string, at: number): void {
    const abort = new AbortController();
    const finished = take(id, at, abort)
      .catch((error) => {
        // The store failed before the turn had begun: the alarm rings again.
        log.error("a turn could not be started", { conversation: id, error });
        deps.retryAt(id, new Date(clock.now() + AFTER_STORE_FAILURE_MS));
      })
      .finally(() => {
        running.delete(id);
        const [next] = ready;
        if (!next || stopped) return;
        ready.delete(next[0]);
        begin(...next);
      });
    running.set(id, { abort, finished, mayRestart: (restarts.get(id) ?? 0) < MAX_RESTARTS });
  }

  return {
    start: (id, at = clock.now()) => start(id, at),

    interrupt(id, by) {
      const turn = running.get(id);
      if (!turn || (by === "customer" && !turn.mayRestart)) return;
      if (by === "customer") restarts.set(id, (restarts.get(id) ?? 0) + 1);
      turn.abort.abort();
    },

    async stop(ms) {
      stopped = true;
      const all = () => Promise.all([...running.values()].map(({ finished }) => finished));
      const timeout = new Promise<void>((resolve) => {
        clock.timer(ms, resolve);
      });
      await Promise.race([all(), timeout]);
      for (const { abort } of running.values()) abort.abort();
      await all();
    },
  };
}
