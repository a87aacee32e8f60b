/** A clock that runs against a promise: it can stand still, and be promised something else. Pure; times in milliseconds since 1970. */
import type { SlaTarget } from "../../events/automation-view";

/** The calendar a clock goes by. */
export interface Calendar {
  between(from: number, to: number): number;
  /** Null: never. */
  add(from: number, ms: number): number | null;
}

export interface SlaSpan {
  target: SlaTarget;
  startedAt: Date;
  /** Since when it runs; null while it stands still. */
  since: Date | null;
  /** What had passed before that. */
  spentMs: number;
  /** Whether anything is promised: a clock that is not still runs, for a promise that may come. */
  isPromised: boolean;
  /** Null: not promised, standing still, or never due. */
  warnAt: Date | null;
  dueAt: Date | null;
  isWarned: boolean;
  isBreached: boolean;
}

/** What is promised: null for nothing. */
export interface Promised {
  ms: number | null;
  warnPercent: number;
}

export function started(target: SlaTarget, at: number, promised: Promised, calendar: Calendar): SlaSpan {
  const startedAt = new Date(at);
  const untold = { isPromised: false, warnAt: null, dueAt: null, isWarned: false, isBreached: false };
  return scheduled({ target, startedAt, since: startedAt, spentMs: 0, ...untold }, promised, calendar);
}

/** The same clock with its times found anew. What people were told already stays told. */
export function scheduled(span: SlaSpan, { ms, warnPercent }: Promised, calendar: Calendar): SlaSpan {
  const isPromised = ms !== null;
  if (span.since === null || !isPromised) return { ...span, isPromised, warnAt: null, dueAt: null };
  const since = span.since.getTime();
  // What is due already was due when its time had passed.
  const at = (total: number) => toDate(calendar.add(since, Math.max(0, total - span.spentMs)));
  return { ...span, isPromised, warnAt: at((ms * warnPercent) / 100), dueAt: at(ms) };
}

export function paused(span: SlaSpan, at: number, calendar: Calendar): SlaSpan {
  if (span.since === null) return span;
  const spentMs = span.spentMs + Math.max(0, calendar.between(span.since.getTime(), at));
  return { ...span, since: null, spentMs, warnAt: null, dueAt: null };
}

export const resumed = (span: SlaSpan, at: number, promised: Promised, calendar: Calendar): SlaSpan =>
  span.since === null ? scheduled({ ...span, since: new Date(at) }, promised, calendar) : span;

/** When it has to be looked at next; null: never. */
export function nextLook({ warnAt, dueAt, isWarned, isBreached }: SlaSpan): Date | null {
  if (isBreached) return null;
  return isWarned ? dueAt : (warnAt ?? dueAt);
}

const toDate = (at: number | null): Date | null => (at === null ? null : new Date(at));
