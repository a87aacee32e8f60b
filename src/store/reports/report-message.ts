/** What the process and the report worker say to each other, and what reports are made of. */

/** In the order of their numbers in the file: only ever add at the end. */
export const METRICS = [
  "conversations",
  "messagesIn",
  "messagesPeople",
  "messagesAssistant",
  "messagesOther",
  "resolved",
  "reopened",
  "handedOff",
  "assisted",
  "deflected",
  "slaKept",
  "slaBroken",
  "csat",
  "firstReply",
  "nextReply",
  "assistantReply",
  "resolution",
] as const;
export type Metric = (typeof METRICS)[number];

export const MESSAGE_KINDS = ["in", "person", "assistant", "other"] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

export interface ReportMessage {
  id: string;
  conversation: string;
  /** Milliseconds since 1970, as all times here. */
  at: number;
  kind: MessageKind;
  author: string | null;
}

export interface ReportConversation {
  id: string;
  contact: string;
  channel: string;
  team: string | null;
  agent: string | null;
  labels: readonly string[];
  created: number;
  isOver: boolean;
  /** The assistant has it. */
  isAssisted: boolean;
  /** People have it. */
  isPeoples: boolean;
  resolvedAt: number | null;
  mergedInto: string | null;
  /** Grows with every change of what is above, so that older news is known as such. */
  version: number;
}

export const MOMENT_KINDS = ["resolved", "reopened", "handed-off", "sla-kept", "sla-broken", "csat"] as const;
export type MomentKind = (typeof MOMENT_KINDS)[number];

/** What happened to a conversation and cannot be read from it later. */
export interface ReportMoment {
  /** The same whenever it is told. */
  id: string;
  conversation: string;
  kind: MomentKind;
  at: number;
  agent: string | null;
  value: number | null;
}

export type ReportOperation =
  | { message: ReportMessage }
  | { dropMessage: string }
  /** Whether it has failed or was cancelled, and so was never said. */
  | { message: string; isUnsaid: boolean }
  /** What changed against what is known becomes a moment of this time; null: nothing does. */
  | { conversation: ReportConversation; at: number | null }
  | { moment: ReportMoment }
  | { dropContact: string };

export const DIMENSIONS = ["all", "channel", "team", "agent", "label"] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type Period = "total" | "hour" | "day" | "week" | "hour-of-week";

/** A stretch of time in which the clocks of the zone differ from UTC by `offset` seconds. */
export interface Segment {
  /** Seconds since 1970. */
  from: number;
  to: number;
  offset: number;
}

/** A list: any of these; "" stands for none. */
export type ReportFilter = Partial<Record<Exclude<Dimension, "all">, readonly string[]>>;

export interface ReportRequest {
  segments: readonly Segment[];
  period: Period;
  group: Dimension;
  filter: ReportFilter;
  /** Only what belongs to these teams or to this agent; null: everything. */
  reach: { agent: string; teams: readonly string[] } | null;
  metrics: readonly Metric[];
}

export interface ReportRow {
  key: string;
  /** hour: when it begins, in seconds since 1970. day, week: its number, counted from the local 1970-01-01 (weeks: from its Monday). */
  period: number;
  metric: Metric;
  /** Of times: the logarithmic class; of csat: the score; else -1. */
  bin: number;
  count: number;
  sum: number;
}

export interface ReportSize {
  position: number | null;
  conversations: number;
}

export type ReportTask =
  | { apply: { operations: readonly ReportOperation[]; position: number; stored: readonly string[] } }
  | { find: ReportRequest }
  | { size: true }
  | { beginBuild: { position: number } }
  | { build: { operations: readonly ReportOperation[] } }
  /** One more piece of the work that is left; answers whether there is more. */
  | { deriveBuild: true }
  | { finishBuild: true };
