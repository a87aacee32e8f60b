/** Agents whom the company's own sign-in service vouches for: found by what it calls them, then by e-mail, or taken in when they may. */
import type { ClientSession } from "mongoose";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import type { Origin } from "../../core/origin";
import type { Change, EventLog } from "../../events/log";
import type { RoleService } from "../roles/role.service";
import type { Agent, AgentModel } from "./agent.model";
import { type AgentService, toAgentView } from "./agent.service";
import type { AgentLifeService } from "./agent-life.service";

export interface Vouched {
  subject: string;
  email: string;
  name: string;
  role: string | null;
}

export interface AgentIdentityService {
  /** The agent this is. Throws `single-sign-on.not-allowed`. */
  admit(identity: Vouched, origin: Origin): Promise<Agent>;
}

export interface AgentIdentityDeps {
  model: AgentModel;
  agents: AgentService;
  roles: Pick<RoleService, "exists" | "learn">;
  life: Pick<AgentLifeService, "assertAdminRemains">;
  /** Whether people come in who were not invited. */
  anyoneMayJoin: boolean;
  /** Whether the provider decides about roles. */
  hasRoles: boolean;
  endLinks: (agent: string, change: Change) => Promise<void>;
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
  logger: Log;
}

export function createAgentIdentityService(deps: AgentIdentityDeps): AgentIdentityService {
  const { model, agents, roles, life, anyoneMayJoin, hasRoles, endLinks, audit, log, clock, logger } = deps;

  async function find({ subject, email }: Vouched, session: ClientSession): Promise<Agent | null> {
    const bySubject = (await model.findOne({ subject }, null, { session }).lean()) as Agent | null;
    if (bySubject) return bySubject;
    const byEmail = (await model.findOne({ email }, null, { session }).lean()) as Agent | null;
    // Somebody else had this address before: the provider gave it to another person.
    if (byEmail?.subject) throw fail("single-sign-on.not-allowed");
    return byEmail;
  }

  async function takeIn({ subject, email, name, role }: Vouched, origin: Origin, change: Change): Promise<Agent> {
    if (!anyoneMayJoin || !role || !roles.exists(role)) throw fail("single-sign-on.not-allowed");
    const at = new Date(clock.now());
    const agent: Agent = {
      _id: newId(at.getTime()),
      name,
      email,
      passwordHash: "",
      role,
      isActive: true,
      isInvited: false,
      teams: [],
      capacity: null,
      hasSecondFactor: false,
      subject,
      createdAt: at,
      updatedAt: at,
    };
    await model.collection.insertOne(agent as never, { session: change.session });
    const view = toAgentView(agent);
    const target = { kind: "agent", id: agent._id, name };
    const actor = { kind: "agent" as const, id: agent._id, name, origin };
    await audit.record(change, { actor, action: "agent.join", target, after: view });
    change.emit("agent:updated", { agent: view });
    return agent;
  }

  return {
    admit: (identity, origin) =>
      log.change(async (change) => {
        if (identity.role) await roles.learn(identity.role);
        const known = await find(identity, change.session);
        if (!known) return takeIn(identity, origin, change);
        if (!known.isActive) throw fail("single-sign-on.not-allowed");
        const { role } = identity;
        if (hasRoles && (!role || !roles.exists(role))) throw fail("single-sign-on.not-allowed");
        const fields: Partial<Agent> = {
          ...(known.subject ? {} : { subject: identity.subject }),
          ...(known.isInvited ? { isInvited: false, name: identity.name } : {}),
          ...(hasRoles && role && role !== known.role ? { role } : {}),
        };
        if (known.isInvited) await endLinks(known._id, change);
        if (Object.keys(fields).length === 0) return known;
        const after = await agents.update(known._id, fields, change);
        try {
          await life.assertAdminRemains(change.session);
        } catch (error) {
          // The provider would take the last administrator away: they stay what they are.
          if (!(error instanceof AppError) || error.code !== "agent.last-admin") throw error;
          logger.warn("single sign-on would leave nobody as administrator; the role stays", { agent: known._id });
          return agents.update(known._id, { role: known.role }, change);
        }
        const actor = { kind: "agent" as const, id: known._id, name: after.name, origin };
        const target = { kind: "agent", id: known._id, name: after.name };
        const [before, is] = [toAgentView(known), toAgentView(after)];
        await audit.record(change, { actor, action: "agent.follow-provider", target, before, after: is });
        return after;
      }),
  };
}
