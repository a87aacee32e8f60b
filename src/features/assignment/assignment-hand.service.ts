/**
 * Gives one conversation to one person: in a transaction that looks once more at the conversation and at how much the person has, so
 * that nobody gets more than they take and nothing is given twice, however many processes do this at once.
 */
import type { ClientSession } from "mongoose";
import { type Actor, SYSTEM } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { AppError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { Change, EventLog } from "../../events/log";
import type { ContactService } from "../contacts/contact.service";
import type { ConversationActionService } from "../conversation-actions/conversation-action.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { AssignmentRule, AssignmentValues } from "../settings/assignment-settings.service";
import type { TeamService } from "../teams/team.service";
import type { AssignmentTurnModel } from "./assignment.model";
import {
  type Choice,
  choose,
  type Facts,
  isFree,
  type Person,
  policyOf,
  queueOf,
  type Reason,
  ruleFor,
} from "./assignment-choice";
import { type AssignmentQueue, needsSomebody, type Waiting, waitsSince } from "./assignment-queue.service";

/** Business hours, as far as they matter here: of a team or number, or of the company. */
export interface Hours {
  isOpen(whose: { team?: string | null; channel?: string | null }, now: number): boolean;
}

/** `settled`: given, or nobody can have it now. `overtaken`: what was known of people or conversation is old. */
export type Outcome = "settled" | "overtaken" | "failed";

export interface HandDeps {
  turns: AssignmentTurnModel;
  queue: Pick<AssignmentQueue, "loadOf" | "lastAgentOf">;
  teams: Pick<TeamService, "find">;
  contacts: Pick<ContactService, "getContact">;
  conversations: Pick<ConversationService, "findConversation" | "update">;
  actions: Pick<ConversationActionService, "apply">;
  hours: Hours;
  eventLog: EventLog;
  clock: Clock;
  log: Log;
}

/** The team it belongs to, and whether a rule sends it there just now. */
interface Route {
  team: string | null;
  isNew: boolean;
}

export interface AssignmentHand {
  /** Decides about one that waits, among these people, whose loads it keeps up to date. */
  give(row: Waiting, people: Person[], settings: AssignmentValues): Promise<Outcome>;
}

const DAY_MS = 86_400_000;

export const ASSIGNMENT = "assignment";
/** Who it was, in the thread: why, in a few words. */
const NAMES: Readonly<Record<Reason, string>> = {
  rule: "A rule",
  "last-agent": "The queue (they know each other)",
  "round-robin": "The queue (in turn)",
  "least-busy": "The queue (least busy)",
};
const actorFor = (name: string): Actor => ({ ...SYSTEM, id: ASSIGNMENT, name });

export function createAssignmentHand(deps: HandDeps): AssignmentHand {
  const { turns, queue, teams, contacts, conversations, actions, hours, eventLog, clock, log } = deps;
  /** Teams that rules name in vain: each is told once. */
  const gone = new Set<string>();
  let lastTurn = 0;

  async function factsOf(row: Waiting, rules: readonly AssignmentRule[]): Promise<Facts> {
    const needsLanguage = rules.some(({ isActive, languages }) => isActive && languages);
    const language = needsLanguage ? (await contacts.getContact(row.contact)).language : null;
    return { team: row.team ?? null, language, labels: row.labels, channel: row.channel, isOpen: hours.isOpen(row, clock.now()) };
  }

  /** The team a rule sends it to, unless people have decided about that since it began to wait. */
  async function routeOf(row: Waiting, rule: AssignmentRule | null): Promise<Route> {
    const stays = { team: row.team ?? null, isNew: false };
    if (!rule?.toTeam || rule.toTeam === row.team) return stays;
    if (row.routedSince?.getTime() === waitsSince(row)) return stays;
    if (await teams.find(rule.toTeam)) return { team: rule.toTeam, isNew: true };
    // The rule says nothing any more; people find it among the problems of automation.
    if (!gone.has(rule.toTeam)) log.warn("an assignment rule names a team that has gone", { rule: rule.name, team: rule.toTeam });
    gone.add(rule.toTeam);
    return stays;
  }

  async function give(row: Waiting, people: Person[], now: AssignmentValues): Promise<Outcome> {
    const facts = await factsOf(row, now.rules);
    if (now.onlyWhenOpen && !facts.isOpen) return "settled";
    const rule = ruleFor(now, facts);
    const route = await routeOf(row, rule);
    const policy = policyOf(now, route.team);
    const isHopeless = !rule?.toAgent && !people.some((person) => isFree(person, route.team, policy, now));
    if (!route.isNew && isHopeless) return "settled";
    const last = policy.isSticky ? await queue.lastAgentOf(row.contact, new Date(clock.now() - now.stickyDays * DAY_MS)) : null;
    const wanted = { team: route.team, named: rule?.toAgent ?? null, last };
    if (!route.isNew && !choose(people, wanted, now)) return "settled";
    try {
      const given = await eventLog.change(async (change) => {
        const before = await conversations.findConversation(row._id, change.session);
        if (!before || !needsSomebody(before) || (before.team ?? null) !== (row.team ?? null)) return null;
        const choice = await settled(people, wanted, now, (id) => queue.loadOf(id, change.session));
        if (!choice && !route.isNew) return null;
        await carryOut(before, rule, route, choice, change);
        if (choice) await noteTurn(queueOf(route.team), choice.person.id, change.session);
        return { choice };
      });
      if (!given) return "overtaken";
      if (given.choice) {
        const { person } = given.choice;
        person.load++;
        (person.lastGiven as Map<string, number>).set(queueOf(route.team), lastTurn);
      }
      return "settled";
    } catch (error) {
      // AppError: the person or the team has just gone. It is decided anew with the next look.
      if (error instanceof AppError && error.status < 500) {
        log.info("a conversation could not be given to somebody", { conversation: row._id, code: error.code });
        return "failed";
      }
      throw error;
    }
  }

  async function carryOut(
    before: Conversation,
    rule: AssignmentRule | null,
    route: Route,
    choice: Choice | null,
    change: Change,
  ): Promise<void> {
    let conversation = before;
    if (route.isNew) {
      const by = actorFor(`The rule "${rule?.name}"`);
      conversation = await actions.apply(before, [{ do: "transfer", team: route.team }], by, change);
      const routedSince = new Date(waitsSince(conversation));
      conversation = await conversations.update(before._id, { routedSince }, change);
    }
    if (!choice) return;
    const name = choice.reason === "rule" ? `The rule "${rule?.name}"` : NAMES[choice.reason];
    await actions.apply(conversation, [{ do: "assign", agent: choice.person.id }], actorFor(name), change);
  }

  async function noteTurn(of: string, agent: string, session: ClientSession): Promise<void> {
    lastTurn = Math.max(lastTurn + 1, clock.now());
    const _id = `${of}:${agent}`;
    await turns.collection.updateOne({ _id: _id as never }, { $set: { queue: of, agent, at: lastTurn } } as never, {
      upsert: true,
      session,
    });
  }

  return { give };
}

/** The choice that still holds when everybody's load is counted in this very transaction. */
async function settled(
  people: readonly Person[],
  wanted: Parameters<typeof choose>[1],
  settings: AssignmentValues,
  loadOf: (agent: string) => Promise<number>,
): Promise<Choice | null> {
  for (;;) {
    const choice = choose(people, wanted, settings);
    if (!choice) return null;
    const load = await loadOf(choice.person.id);
    if (load === choice.person.load) return choice;
    choice.person.load = load;
  }
}
