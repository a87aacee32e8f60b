/** What the search index is told and asked, and what it answers: plain values, because they cross into a thread of their own. */

export const SEARCH_KINDS = ["message", "note", "transcript", "contact"] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];

export interface SearchEntry {
  kind: SearchKind;
  /** The id of the message or contact. What both have of a kind is kept apart. */
  id: string;
  /** Null for contacts and what was noted about them. */
  conversation: string | null;
  /** Of contacts and their notes. */
  contact: string | null;
  /** Milliseconds: the newest are found first. */
  at: number;
  channel: string | null;
  direction: "inbound" | "outbound" | null;
  /** The agent who wrote it. */
  author: string | null;
  labels: readonly string[];
  text: string;
}

/** Where a conversation belongs: decides who finds what was said in it. */
export interface SearchConversation {
  id: string;
  contact: string;
  name: string;
  channel: string;
  assignedAgent: string | null;
  team: string | null;
  participants: readonly string[];
  labels: readonly string[];
}

export type SearchOperation =
  | { put: SearchEntry }
  | { drop: { kind: SearchKind; id: string } }
  | { conversation: SearchConversation }
  /** All of it goes: the conversation, and what was said in it. */
  | { dropConversation: string }
  /** Everything about a person, with their conversations. */
  | { dropContact: string };

export interface SearchReach {
  kind: "all" | "team" | "own";
  agent: string;
  teams: readonly string[];
}

export interface SearchRequest {
  words: string;
  kinds: readonly SearchKind[];
  conversation?: string | undefined;
  contact?: string | undefined;
  channel?: string | undefined;
  label?: string | undefined;
  agent?: string | undefined;
  direction?: "inbound" | "outbound" | undefined;
  /** Milliseconds; `to` is the first that is too late. */
  from?: number | undefined;
  to?: number | undefined;
  reach: SearchReach;
  limit: number;
  /** The place of the last row of the page before. */
  before?: number | undefined;
}

export interface SearchHit {
  kind: SearchKind;
  id: string;
  conversation: string | null;
  contact: string | null;
  /** Of the contact, as it stands at the conversation. */
  name: string;
  channel: string | null;
  direction: "inbound" | "outbound" | null;
  author: string | null;
  at: number;
  text: string;
  highlights: { start: number; end: number }[];
}

export interface SearchFound {
  hits: SearchHit[];
  /** Where the next page begins; null when there is none. */
  next: number | null;
}

export interface SearchSize {
  position: number | null;
  entries: number;
}

/** The index is built anew beside the one that is in use, and takes its place at the end. */
export type SearchTask =
  | { apply: { operations: readonly SearchOperation[]; position: number } }
  | { find: SearchRequest }
  | { size: true }
  | { beginBuild: true }
  | { build: readonly SearchOperation[] }
  /** Joins the pieces of what was built, a little at a time; answers whether there is more. */
  | { mergeBuild: true }
  | { finishBuild: { position: number } };

export type ToSearchWorker = { open: string } | { id: number; task: SearchTask } | { close: true };
export type FromSearchWorker =
  | { opened: SearchSize }
  | { closed: true }
  | { id: number; value: unknown }
  | { id: number; failed: string };
