/**
 * The line to the assistant's provider: whether it works, and what a failed turn means. An outage is waited for, and the customer
 * is told once that it takes longer; what would fail again and again goes to a person.
 */
import { AiError } from "../ai/ai-error";
import { type Breaker, createBreaker } from "../core/circuit-breaker";
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { backoffMs } from "../core/retry";
import type { Batch } from "../features/conversations/conversation.model";

const FAILURES_BEFORE_OPEN = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 20_000;
/** Failures for which waiting does not help: after so many a person is asked. */
export const MAX_FAILURES = 3;
const MOST_KNOWN = 1_000;
/** A customer who has waited so long because of an outage is told. */
const HOLD_AFTER_MS = 15_000;
/** An outage that outlasts this is a matter for people. */
const PATIENCE_MS = 30 * 60_000;

export interface Verdict {
  dueAt: Date;
  /** What is written on the batch; MAX_FAILURES passes the conversation to the agents. */
  failures: number;
  /** The customer should hear that it takes longer. */
  isLate: boolean;
}

export interface AssistantLine {
  readonly breaker: Breaker;
  /**
   * Books the outcome of a turn: null for a good one. Aborted turns say nothing. An answer that makes no sense says something about
   * this conversation; only when it comes to one after the other is it the line that is broken.
   */
  book(error: unknown, conversation: string): void;
  /** When a batch whose turn failed is tried again. `tries`: failures in a row. */
  judge(error: unknown, batch: Batch, tries: number): Verdict;
  /** When a batch is tried again whose turn could not begin. */
  waitFor(batch: Batch, waitMs: number): Verdict;
}

export interface AssistantLineOptions {
  clock: Clock;
  log: Log;
  /** The provider answers again: whoever waited may go on. */
  onRecovered: () => void;
}

export function createAssistantLine({ clock, log, onRecovered }: AssistantLineOptions): AssistantLine {
  const breaker = createBreaker({
    clock,
    threshold: FAILURES_BEFORE_OPEN,
    pauseMs: FIRST_PAUSE_MS,
    longestPauseMs: LONGEST_PAUSE_MS,
    onChange: (state) => {
      if (state === "open") log.warn("the assistant's provider does not answer: customers' messages wait");
      else {
        log.info("the assistant's provider answers again");
        onRecovered();
      }
    },
  });
  /** Conversations that have got nonsense since the last answer that made sense. */
  const nonsense = new Set<string>();
  const isLate = ({ firstAt }: Batch) => clock.now() - firstAt.getTime() >= HOLD_AFTER_MS;
  const isOverdue = ({ firstAt }: Batch) => clock.now() - firstAt.getTime() >= PATIENCE_MS;
  const now = () => new Date(clock.now());

  return {
    breaker,
    book(error, conversation) {
      const kind = error instanceof AiError ? error.kind : null;
      if (kind === "aborted") return breaker.forgotten();
      if (kind === "invalid-output") {
        // Those who ask again and again must not close the line for everybody else.
        if (!breaker.isOpen && nonsense.has(conversation)) return breaker.forgotten();
        if (nonsense.size < MOST_KNOWN) nonsense.add(conversation);
        return breaker.failed();
      }
      if (isOutage(error)) return breaker.failed(error.retryAfterMs);
      nonsense.clear();
      breaker.succeeded();
    },
    judge(error, batch, tries) {
      // Waiting does not mend what makes no sense: after some tries it is for a person.
      const isTransient = error instanceof AiError && error.retryable && error.kind !== "invalid-output";
      if (isTransient && isOverdue(batch)) return { dueAt: now(), failures: MAX_FAILURES, isLate: true };
      const failures = batch.failures + (isTransient ? 0 : 1);
      if (failures >= MAX_FAILURES) return { dueAt: now(), failures, isLate: true };
      const asked = error instanceof AiError ? (error.retryAfterMs ?? 0) : 0;
      const pause = backoffMs(Math.min(tries, 5), { baseMs: 1_000, maxMs: 20_000 });
      return { dueAt: new Date(clock.now() + Math.max(asked, pause)), failures, isLate: isLate(batch) };
    },
    waitFor(batch, waitMs) {
      const failures = isOverdue(batch) ? MAX_FAILURES : batch.failures;
      return { dueAt: new Date(clock.now() + waitMs), failures, isLate: isLate(batch) };
    },
  };
}

/** The provider is not there, or cannot take more: nothing about this conversation. */
const isOutage = (error: unknown): error is AiError =>
  error instanceof AiError &&
  error.retryable &&
  (error.kind === "unavailable" || error.kind === "timeout" || error.kind === "rate-limited");
