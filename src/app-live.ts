/** What people see of each other at once: the bus between processes, presence, and the live connection. Opened by app.ts. */
import type { Inbox } from "./app-inbox";
import type { People } from "./app-people";
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import { shortHash } from "./core/id";
import type { Log } from "./core/log";
import { NOBODY } from "./core/neighbours";
import { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import { createForeignEvents } from "./events/foreign-events";
import type { AgentAbsenceModel } from "./features/assignment/agent-absence.model";
import type { AssignmentTurnModel } from "./features/assignment/assignment.model";
import { type AssignmentDeps, createAssignmentService } from "./features/assignment/assignment.service";
import type { Hours } from "./features/assignment/assignment-hand.service";
import { createAssignmentQueue } from "./features/assignment/assignment-queue.service";
import type { ConversationModel } from "./features/conversations/conversation.model";
import type { ConversationService } from "./features/conversations/conversation.service";
import type { PresenceModel } from "./features/presence/presence.model";
import { createPresenceService } from "./features/presence/presence.service";
import { createLive, type LiveDeps } from "./http/live";
import { openRedisNeighbours } from "./store/redis-neighbours";

export interface CompanyDeps {
  config: Pick<Config, "redisUrl" | "mongodbUri">;
  models: { events: EventModel };
  owner: string;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

/** The other processes on these data, if there can be any. */
export async function openCompany({ config, models, owner, isAlone, clock, log }: CompanyDeps) {
  const { redisUrl, mongodbUri } = config;
  const installation = shortHash(/^[^/]+\/\/[^/]+\/([^?]*)/.exec(mongodbUri ?? "")?.[1] ?? "");
  const redis = !isAlone && redisUrl ? await openRedisNeighbours({ url: redisUrl, installation, owner, clock, log }) : null;
  const neighbours = redis ?? NOBODY;
  const bus = new EventBus(log, neighbours);
  const foreign = isAlone ? null : createForeignEvents({ events: models.events, bus, neighbours, clock, log });
  return {
    neighbours,
    bus,
    foreign,
    async close() {
      await foreign?.stop();
      redis?.close();
    },
  };
}

export interface LiveRoomsDeps extends Pick<LiveDeps, "places" | "eventLog" | "bus" | "neighbours" | "clock" | "log"> {
  models: {
    presences: PresenceModel;
    conversations: ConversationModel;
    assignmentTurns: AssignmentTurnModel;
    agentAbsences: AgentAbsenceModel;
  };
  people: Pick<People, "plugin" | "access" | "services">;
  inbox: { services: Pick<Inbox["services"], "lists" | "actions"> };
  services: Pick<AssignmentDeps, "contacts" | "settings"> & { conversations: ConversationService };
  hours: Hours;
  config: Pick<Config, "edge">;
  owner: string;
  isAlone: boolean;
}

export function openLive({ config, models, people, inbox, services, hours, owner, isAlone, places, ...deps }: LiveRoomsDeps) {
  const { lists, actions } = inbox.services;
  const { conversations } = services;
  const presence = createPresenceService({ ...deps, presences: models.presences, owner, isAlone });
  const { plugin: auth, access } = people;
  const { limitsRates } = config.edge;
  const live = createLive({ ...deps, auth, access, places, conversations, lists, presence, limitsRates });
  const assignment = createAssignmentService({
    ...deps,
    ...services,
    agents: people.services.agents,
    teams: people.services.teams,
    actions,
    presence,
    hours,
    actorOf: people.access.actorOf,
    turns: models.assignmentTurns,
    absences: models.agentAbsences,
    queue: createAssignmentQueue(models.conversations),
  });
  return { live, presence, assignment };
}
