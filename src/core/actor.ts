/** Who does something: a person, another system with an API key, or the product itself. */
import { fail } from "./errors";
import type { Origin } from "./origin";
import { PERMISSIONS, type Permission, type Reach } from "./permissions";

export interface Actor {
  kind: "agent" | "key" | "system";
  /** The agent's or the key's id. */
  id: string;
  name: string;
  role: string;
  permissions: ReadonlySet<Permission>;
  /** Which conversations, and so which contacts, messages and files, exist for them. */
  reach: Reach;
  teams: readonly string[];
  /** Where the request came from; absent when nobody asked over the network. */
  origin?: Origin | undefined;
}

/** Somebody as they are now, for work that goes on after their request; null when they may do nothing any more. */
export type FindActor = (who: Pick<Actor, "kind" | "id">) => Promise<Actor | null>;

/** The product itself: rules, timers and clean-ups. */
export const SYSTEM: Actor = {
  kind: "system",
  id: "system",
  name: "Chasqui",
  role: "system",
  permissions: new Set(Object.keys(PERMISSIONS) as Permission[]),
  reach: "all",
  teams: [],
};

/** An automation rule, by the name it has or had. */
export interface RuleRef {
  id: string;
  name: string;
}

const RULE = "rule:";

/** A rule at work: the product itself, under the rule's name. */
export const ruleActor = ({ id, name }: RuleRef): Actor => ({ ...SYSTEM, id: `${RULE}${id}`, name: `Rule "${name}"` });

/** The rule that an actor is; null for everybody else. */
export function ruleOf({ kind, id, name }: Pick<Actor, "kind" | "id" | "name">): RuleRef | null {
  if (kind !== "system" || !id.startsWith(RULE)) return null;
  return { id: id.slice(RULE.length), name: /^Rule "(.*)"$/s.exec(name)?.[1] ?? name };
}

export const can = (actor: Actor, permission: Permission): boolean => actor.permissions.has(permission);

/** For what reaches over the whole company, whatever conversations it touches. Throws `auth.forbidden`. */
export function assertSeesAll({ reach }: Actor): void {
  if (reach !== "all") throw fail("auth.forbidden", { message: "Only somebody who sees every conversation can do this." });
}

/** Where a conversation belongs, as far as it decides who may see it. */
export interface Belonging {
  assignedAgent: string | null;
  team?: string | null;
  participants?: readonly string[];
}

/** Whether this conversation exists for them. */
export function reaches({ reach, id, teams }: Actor, { assignedAgent, team = null, participants = [] }: Belonging): boolean {
  if (reach === "all" || assignedAgent === id || participants.includes(id)) return true;
  if (reach === "own") return false;
  return team === null ? assignedAgent === null : teams.includes(team);
}

/** The same rule as a condition on stored conversations. Empty for those who see everything. */
export function reachFilter({ reach, id, teams }: Actor): Record<string, unknown> {
  if (reach === "all") return {};
  const own = [{ assignedAgent: id }, { participants: id }];
  if (reach === "own") return { $or: own };
  return { $or: [...own, { team: { $in: [...teams] } }, { team: null, assignedAgent: null }] };
}
