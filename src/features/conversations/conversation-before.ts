/** What a conversation was before a change, of that which people and rules decide: told with the change, for whoever acts upon it. Pure. */
import type { ConversationBefore } from "../../events/automation-view";
import type { Conversation } from "./conversation.model";

const TOLD = ["status", "waitingFor", "priority", "isOpen", "isAIEnabled", "assignedAgent", "team", "labels", "isMuted"] as const;
export type Told = Pick<Conversation, (typeof TOLD)[number]>;

/** Whether a change of these fields may be told with what was before. */
export const isTold = (fields: Partial<Conversation>): boolean => TOLD.some((name) => name in fields);

/** A copy of what may change. */
export const snapshotOf = (conversation: Conversation): Told =>
  Object.fromEntries(TOLD.map((name) => [name, conversation[name]])) as unknown as Told;

/** What is different now; undefined when nothing is. */
export function beforeOf(before: Told, after: Told): ConversationBefore | undefined {
  const changed = TOLD.filter((name) => !isSame(told(before, name), told(after, name)));
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((name) => [name, told(before, name)])) as ConversationBefore;
}

/** Absent in conversations older than teams and mutes. */
const told = (one: Told, name: (typeof TOLD)[number]): unknown => one[name] ?? (name === "isMuted" ? false : null);

const isSame = (a: unknown, b: unknown): boolean => (Array.isArray(a) ? JSON.stringify(a) === JSON.stringify(b) : a === b);
