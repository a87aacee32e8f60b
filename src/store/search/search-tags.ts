/** What entries are filtered by, as words that no text contains: they begin alike, so that they cost the prefix index one row each. */
import { shortHash } from "../../core/id";
import type { SearchKind } from "./search-message";

const TAG = "zqzq";
const tag = (kind: string, value: string): string => `${TAG}${kind}${value.toLowerCase().replace(/[^a-z0-9]/g, "")}`;
/** Free text can differ in what a tag cannot hold. */
const hashed = (kind: string, value: string): string => `${TAG}${kind}${Buffer.from(shortHash(value)).toString("hex")}`;

export const kindTag = (kind: SearchKind): string => tag("k", kind);
export const conversationTag = (id: string): string => tag("c", id);
export const channelTag = (channel: string): string => hashed("h", channel);
export const directionTag = (direction: string): string => tag("d", direction);
export const authorTag = (agent: string): string => tag("a", agent);
export const labelTag = (label: string): string => hashed("l", label);

export interface Tagged {
  kind: SearchKind;
  conversation: string | null;
  channel: string | null;
  direction: string | null;
  author: string | null;
  /** Only contacts carry their own; those of a conversation change too often to be written on every message. */
  labels: readonly string[];
}

export const tagsOf = ({ kind, conversation, channel, direction, author, labels }: Tagged): string =>
  [
    kindTag(kind),
    ...(conversation ? [conversationTag(conversation)] : []),
    ...(channel ? [channelTag(channel)] : []),
    ...(direction ? [directionTag(direction)] : []),
    ...(author ? [authorTag(author)] : []),
    ...labels.map(labelTag),
  ].join(" ");
