/**
 * What a conversation adds to the reports, from all that is known of it. Pure: the same conversation always gives the same figures, in
 * whatever order and however often its news came.
 */
import { classOf } from "../../core/duration-class";
import type { MessageKind, Metric, MomentKind } from "./report-message";

/** Seconds of the smallest piece of time: every zone differs from UTC by whole quarters of an hour. */
export const BUCKET_S = 900;
export const COUNTED = -1;

export interface Fact {
  bucket: number;
  metric: Metric;
  /** Whose it is; "" nobody's. */
  agent: string;
  bin: number;
  count: number;
  sum: number;
}

export interface Said {
  at: number;
  kind: MessageKind;
  author: string | null;
}

export interface Moment {
  at: number;
  kind: MomentKind;
  agent: string | null;
  value: number | null;
}

export interface Talk {
  created: number;
  agent: string | null;
  /** Its messages are another conversation's now: it counts no more. */
  isMerged: boolean;
  /** Both oldest first. */
  said: readonly Said[];
  moments: readonly Moment[];
  /** What was known after what came before; null: this is all there is. */
  before: TalkState | null;
}

export interface TalkState {
  /** From its beginning, or from its reopening, until it is resolved. */
  from: number | null;
  /** Since when the customer waits for a person, and for anybody. */
  waits: number | null;
  waitsForAnybody: number | null;
  isAnswered: boolean;
  hadPerson: boolean;
  hadAssistant: boolean;
  wasHandedOff: boolean;
}

export const bucketOf = (ms: number): number => Math.floor(ms / 1_000 / BUCKET_S);

const COUNTS: Readonly<Record<MessageKind, Metric>> = {
  in: "messagesIn",
  person: "messagesPeople",
  assistant: "messagesAssistant",
  other: "messagesOther",
};

/** The facts of what was said and what happened, and what has to be known to go on from there. */
export function factsOf({ created, agent, isMerged, said, moments, before }: Talk): { facts: Fact[]; state: TalkState } {
  const facts = new Map<string, Fact>();
  const owner = agent ?? "";
  function add(metric: Metric, at: number, whose: string, bin = COUNTED, sum = 0): void {
    const bucket = bucketOf(at);
    const key = `${bucket} ${metric} ${whose} ${bin}`;
    const known = facts.get(key);
    if (known) {
      known.count++;
      known.sum += sum;
    } else facts.set(key, { bucket, metric, agent: whose, bin, count: 1, sum });
  }
  function took(metric: Metric, from: number, to: number, whose: string): void {
    const seconds = Math.max(0, Math.round((to - from) / 1_000));
    add(metric, to, whose, classOf(seconds), seconds);
  }

  if (!isMerged && before === null) add("conversations", created, owner);
  let session: TalkState = before ? { ...before } : newSession(created);

  function hear({ at, kind, author }: Said): void {
    const whose = kind === "person" ? (author ?? "") : owner;
    add(COUNTS[kind], at, whose);
    session.from ??= at;
    if (kind === "in") {
      session.waits ??= at;
      session.waitsForAnybody ??= at;
    } else if (kind === "person") {
      if (session.waits !== null) took(session.isAnswered ? "nextReply" : "firstReply", session.waits, at, whose);
      if (session.waits !== null) session.isAnswered = true;
      Object.assign(session, { waits: null, waitsForAnybody: null, hadPerson: true });
    } else if (kind === "assistant") {
      if (session.waitsForAnybody !== null) took("assistantReply", session.waitsForAnybody, at, owner);
      // Whom the assistant has answered does not wait for a person, unless it was handed over.
      if (!session.wasHandedOff) session.waits = null;
      Object.assign(session, { waitsForAnybody: null, hadAssistant: true });
    }
  }

  function mark({ at, kind, agent: by, value }: Moment): void {
    const whose = by ?? "";
    if (kind === "resolved") {
      add("resolved", at, whose);
      took("resolution", session.from ?? at, at, whose);
      if (session.hadAssistant) add("assisted", at, whose);
      if (session.hadAssistant && !session.hadPerson && !session.wasHandedOff) add("deflected", at, whose);
      session = newSession(null);
    } else if (kind === "reopened") {
      add("reopened", at, whose);
      session.from = at;
    } else if (kind === "handed-off") {
      add("handedOff", at, whose);
      session.wasHandedOff = true;
      // From now on they wait for a person.
      if (!session.isAnswered) session.waits = at;
    } else if (kind === "csat") add("csat", at, whose, value ?? 0, value ?? 0);
    else add(kind === "sla-kept" ? "slaKept" : "slaBroken", at, whose);
  }

  let next = 0;
  for (const one of said) {
    for (let moment = moments[next]; moment && moment.at < one.at; moment = moments[++next]) mark(moment);
    hear(one);
  }
  for (const moment of moments.slice(next)) mark(moment);
  return { facts: [...facts.values()], state: session };
}

const newSession = (from: number | null): TalkState => ({
  from,
  waits: null,
  waitsForAnybody: null,
  isAnswered: false,
  hadPerson: false,
  hadAssistant: false,
  wasHandedOff: false,
});
