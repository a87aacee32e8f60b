/** Whom a conversation is given to: settings, people and facts in, a decision out. Pure. */
import type { AssignmentRule, AssignmentValues } from "../settings/assignment-settings.service";

/** Somebody who may be given conversations, as they are now. */
export interface Person {
  id: string;
  name: string;
  role: string;
  teams: readonly string[];
  isOnline: boolean;
  /** They have been away for so long that what they had was given back. */
  isGone?: boolean;
  /** Their own limit; null: none of their own. */
  ownCapacity: number | null;
  /** Conversations they have at this moment. */
  load: number;
  /** When they were given one of a queue last, by queue, in milliseconds. */
  lastGiven: ReadonlyMap<string, number>;
}

export interface Facts {
  team: string | null;
  language: string | null;
  labels: readonly string[];
  channel: string;
  isOpen: boolean;
}

export type Reason = "rule" | "last-agent" | "round-robin" | "least-busy";

export interface Policy {
  strategy: AssignmentValues["strategy"];
  isSticky: boolean;
  capacity: number | null;
}

/** The queue of conversations that belong to no team. */
export const EVERYBODY = "everybody";
export const queueOf = (team: string | null): string => team ?? EVERYBODY;

/** How a team does it. */
export function policyOf({ strategy, isSticky, capacity, teams }: AssignmentValues, team: string | null): Policy {
  const own = teams.find((row) => row.team === team);
  return {
    strategy: own?.strategy ?? strategy,
    isSticky: own?.isSticky ?? isSticky,
    capacity: own?.capacity === undefined ? capacity : own.capacity,
  };
}

/** Whether anything is given by itself at all. */
export const isAutomatic = ({ strategy, isSticky, teams, rules }: AssignmentValues): boolean =>
  strategy !== "manual" ||
  isSticky ||
  rules.some(({ isActive }) => isActive) ||
  teams.some((row) => row.strategy !== "manual" || row.isSticky);

/** The first rule that fits. */
export function ruleFor({ rules }: AssignmentValues, facts: Facts): AssignmentRule | null {
  return rules.find((rule) => rule.isActive && fits(rule, facts)) ?? null;
}

function fits({ teams, languages, labels, channels, hours }: AssignmentRule, facts: Facts): boolean {
  if (teams && !teams.includes(facts.team ?? "none")) return false;
  if (languages && !languages.some((one) => speaks(facts.language, one))) return false;
  if (labels && !labels.some((one) => facts.labels.includes(one))) return false;
  if (channels && !channels.includes(facts.channel)) return false;
  return hours === undefined || (hours === "open") === facts.isOpen;
}

/** `es` fits `es_MX`, not the other way round. */
function speaks(language: string | null, wanted: string): boolean {
  if (language === null) return false;
  const [is, want] = [language, wanted].map((one) => one.toLowerCase().replace("-", "_")) as [string, string];
  return is === want || is.startsWith(`${want}_`);
}

/** How many conversations somebody takes at once; null: without limit. */
export const capacityOf = ({ ownCapacity }: Person, policy: Policy): number | null => ownCapacity ?? policy.capacity;

/** Whether somebody may be given another conversation of this queue now. */
export function isFree(person: Person, team: string | null, policy: Policy, settings: AssignmentValues): boolean {
  if (person.isGone || (settings.needsPresence && !person.isOnline)) return false;
  if (team === null ? !settings.roles.includes(person.role) : !person.teams.includes(team)) return false;
  const capacity = capacityOf(person, policy);
  return capacity === null || person.load < capacity;
}

export interface Choice {
  person: Person;
  reason: Reason;
}

/**
 * Whom to give it to, or null: it waits. Somebody named by a rule comes first, then the last agent of the customer, then the
 * strategy of the team.
 */
export function choose(
  people: readonly Person[],
  { team, named, last }: { team: string | null; named: string | null; last: string | null },
  settings: AssignmentValues,
): Choice | null {
  const policy = policyOf(settings, team);
  // A rule may name somebody who is not in the team; their limit holds all the same.
  const hasRoom = (person: Person) => {
    const capacity = capacityOf(person, policy);
    return !person.isGone && (person.isOnline || !settings.needsPresence) && (capacity === null || person.load < capacity);
  };
  const wanted = named === null ? undefined : people.find(({ id }) => id === named);
  if (wanted && hasRoom(wanted)) return { person: wanted, reason: "rule" };
  const free = people.filter((person) => isFree(person, team, policy, settings));
  const known = policy.isSticky ? free.find(({ id }) => id === last) : undefined;
  if (known) return { person: known, reason: "last-agent" };
  if (policy.strategy === "manual") return null;
  const queue = queueOf(team);
  const waited = (person: Person) => person.lastGiven.get(queue) ?? 0;
  const [next] = free.toSorted(
    (a, b) => (policy.strategy === "least-busy" ? a.load - b.load : 0) || waited(a) - waited(b) || (a.id < b.id ? -1 : 1),
  );
  return next ? { person: next, reason: policy.strategy } : null;
}
