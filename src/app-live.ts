/** What people see of each other at once: the bus between processes, presence, and the live connection. Opened by app.ts. */
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import { shortHash } from "./core/id";
import type { Log } from "./core/log";
import { NOBODY } from "./core/neighbours";
import { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import { createForeignEvents } from "./events/foreign-events";
import type { AssignmentTurnModel } from "./features/assignment/assignment.model";
import { type AssignmentDeps, createAssignmentService } from "./features/assignment/assignment.service";
import { createAssignmentQueue } from "./features/assignment/assignment-queue.service";
import type { ConversationModel } from "./features/conversations/conversation.model";
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

export interface LiveRoomsDeps extends Omit<LiveDeps, "presence"> {
  presences: PresenceModel;
  owner: string;
  isAlone: boolean;
}

export function openLive({ presences, owner, isAlone, ...deps }: LiveRoomsDeps) {
  const presence = createPresenceService({ ...deps, presences, owner, isAlone });
  return { live: createLive({ ...deps, presence }), presence };
}

export interface AssignmentRoomsDeps extends Pick<AssignmentDeps, "actorOf" | "hours" | "eventLog" | "bus" | "clock" | "log"> {
  models: { conversations: ConversationModel; assignmentTurns: AssignmentTurnModel };
  services: Pick<AssignmentDeps, "agents" | "teams" | "contacts" | "conversations" | "actions" | "presence" | "settings">;
}

export const openAssignment = ({ models, services, ...deps }: AssignmentRoomsDeps) =>
  createAssignmentService({
    ...deps,
    ...services,
    turns: models.assignmentTurns,
    queue: createAssignmentQueue(models.conversations),
  });
