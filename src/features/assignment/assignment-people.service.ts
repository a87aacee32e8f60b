/** Everybody who may be given conversations, with what they have at this moment. */
import { type Actor, can } from "../../core/actor";
import type { Agent } from "../agents/agent.model";
import type { AgentService } from "../agents/agent.service";
import type { PresenceService } from "../presence/presence.service";
import type { AssignmentTurn, AssignmentTurnModel } from "./assignment.model";
import type { Person } from "./assignment-choice";
import type { AssignmentQueue } from "./assignment-queue.service";

export interface PeopleDeps {
  turns: AssignmentTurnModel;
  queue: Pick<AssignmentQueue, "loadOf">;
  agents: Pick<AgentService, "listActive">;
  presence: Pick<PresenceService, "stateOf">;
  actorOf: (agent: Agent) => Actor;
  /** Who has been gone for so long that they are given nothing. */
  listGone: () => Promise<ReadonlySet<string>>;
}

/** Gives the list anew each time it is called: everybody who may answer customers. */
export function createPeopleList({ turns, queue, agents, presence, actorOf, listGone }: PeopleDeps): () => Promise<Person[]> {
  return async () => {
    const able = (await agents.listActive()).filter((agent) => {
      const actor = actorOf(agent);
      return can(actor, "messages.send") && can(actor, "conversations.read");
    });
    const rows = (await turns.find({ agent: { $in: able.map(({ _id }) => _id) } }).lean()) as AssignmentTurn[];
    const gone = await listGone();
    return Promise.all(
      able.map(async ({ _id, name, role, teams = [], capacity = null }) => ({
        id: _id,
        name,
        role,
        teams: [...teams],
        isOnline: presence.stateOf(_id) === "online",
        isGone: gone.has(_id),
        ownCapacity: capacity,
        load: await queue.loadOf(_id),
        lastGiven: new Map(rows.filter(({ agent }) => agent === _id).map((row) => [row.queue, row.at])),
      })),
    );
  };
}
