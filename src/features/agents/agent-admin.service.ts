/** What an administrator does for somebody who cannot get in, or must get out. Never for somebody who may do more than they. */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Change, EventLog } from "../../events/log";
import type { Agent } from "./agent.model";
import type { Handed } from "./agent.schema";
import type { AgentService } from "./agent.service";
import type { AgentLifeService } from "./agent-life.service";

export interface AgentAdminService {
  makeResetLink(id: string, actor: Actor): Promise<Handed>;
  signOut(id: string, actor: Actor): Promise<void>;
  removeFactor(id: string, actor: Actor): Promise<void>;
}

export interface AgentAdminDeps {
  agents: AgentService;
  life: Pick<AgentLifeService, "assertBelow">;
  makeResetLink: (agent: Agent, actor: Actor) => Promise<Handed>;
  endSessions: (agent: string, change: Change) => Promise<void>;
  removeFactor: (agent: string, change: Change) => Promise<void>;
  /** Tells them that their second factor is gone. */
  tellRemoved: (agent: Agent, change: Change) => Promise<void>;
  audit: Auditor<ClientSession>;
  log: EventLog;
}

export function createAgentAdminService(deps: AgentAdminDeps): AgentAdminService {
  const { agents, life, audit, log } = deps;

  function act(id: string, actor: Actor, action: `agent.${string}`, work: (change: Change) => Promise<void>): Promise<void> {
    return log.change(async (change) => {
      const agent = await agents.getAgent(id, change.session);
      await life.assertBelow(agent, actor);
      await work(change);
      await audit.record(change, { actor, action, target: { kind: "agent", id, name: agent.name } });
    });
  }

  return {
    async makeResetLink(id, actor) {
      const agent = await agents.getAgent(id);
      await life.assertBelow(agent, actor);
      return deps.makeResetLink(agent, actor);
    },
    signOut: (id, actor) => act(id, actor, "agent.sign-out", (change) => deps.endSessions(id, change)),
    removeFactor: (id, actor) =>
      act(id, actor, "agent.remove-second-factor", async (change) => {
        await deps.removeFactor(id, change);
        await deps.tellRemoved(await agents.getAgent(id, change.session), change);
        // Whoever found the phone may be signed in as well.
        await deps.endSessions(id, change);
      }),
  };
}
