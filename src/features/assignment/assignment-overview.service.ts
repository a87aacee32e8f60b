/** What people see of the assignment: how much everybody has, what waits, and where. */
import { type Actor, reaches } from "../../core/actor";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { PresenceService } from "../presence/presence.service";
import { assignmentSettings } from "../settings/assignment-settings.service";
import type { SettingsService } from "../settings/setting.service";
import { capacityOf, type Person, policyOf, queueOf } from "./assignment-choice";
import { type AssignmentQueue, needsSomebody, type Waiting, waitsSince } from "./assignment-queue.service";

export interface Load {
  agent: string;
  name: string;
  state: "online" | "away" | "offline";
  teams: string[];
  load: number;
  /** The limit that holds for conversations of no team; null: none. */
  capacity: number | null;
}

export interface Place {
  conversation: string;
  team: string | null;
  /** From 1; null: there are too many before it. */
  position: number | null;
  /** How many wait in its queue, as far as they are counted. */
  total: number;
  waitingSince: string;
}

export interface AssignmentOverview {
  listLoads(): Promise<Load[]>;
  /** What waits within the actor's reach, each with its place in its team's queue. */
  listQueue(team: string | null | undefined, actor: Actor): Promise<Place[]>;
  /** The place of one conversation; null when it does not wait. */
  placeOf(conversation: string, actor: Actor): Promise<Place | null>;
}

export interface OverviewDeps {
  listPeople: () => Promise<Person[]>;
  queue: Pick<AssignmentQueue, "list">;
  conversations: Pick<ConversationService, "getReachable">;
  presence: Pick<PresenceService, "stateOf">;
  settings: Pick<SettingsService, "get">;
}

export function createAssignmentOverview(deps: OverviewDeps): AssignmentOverview {
  const { listPeople, queue, conversations, presence, settings } = deps;

  async function placesIn(team: string | null | undefined): Promise<{ row: Waiting; place: Place }[]> {
    const rows = await queue.list(team);
    const counts = new Map<string, number>();
    const placed = rows.map((row) => {
      const of = queueOf(row.team ?? null);
      const position = (counts.get(of) ?? 0) + 1;
      counts.set(of, position);
      return { row, of, position };
    });
    return placed.map(({ row, of, position }) => ({ row, place: toPlace(row, position, counts.get(of) ?? 0) }));
  }

  return {
    async listLoads() {
      const policy = policyOf(settings.get(assignmentSettings), null);
      const people = await listPeople();
      return people
        .map((person) => ({
          agent: person.id,
          name: person.name,
          state: presence.stateOf(person.id),
          teams: [...person.teams],
          load: person.load,
          capacity: capacityOf(person, policy),
        }))
        .sort((a, b) => a.name.localeCompare(b.name) || (a.agent < b.agent ? -1 : 1));
    },

    async listQueue(team, actor) {
      const placed = await placesIn(team);
      return placed
        .filter(({ row }) => reaches(actor, { assignedAgent: null, team: row.team, participants: row.participants }))
        .map(({ place }) => place);
    },

    async placeOf(id, actor) {
      const conversation = await conversations.getReachable(id, actor);
      if (!needsSomebody(conversation)) return null;
      const placed = await placesIn(conversation.team ?? null);
      return placed.find(({ row }) => row._id === id)?.place ?? toPlace(conversation, null, placed.length);
    },
  };
}

const toPlace = (row: Waiting | Conversation, position: number | null, total: number): Place => ({
  conversation: row._id,
  team: row.team ?? null,
  position,
  total,
  waitingSince: new Date(waitsSince(row)).toISOString(),
});
