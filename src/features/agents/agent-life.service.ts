/**
 * How people come, change and go. Whoever goes loses everything with one commit: sessions, keys, links and conversations. The last
 * administrator can neither go nor become something else.
 */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Change, EventLog } from "../../events/log";
import type { AgentView } from "../../events/view";
import { isWider, type RoleService } from "../roles/role.service";
import type { TeamService } from "../teams/team.service";
import type { Agent, AgentModel } from "./agent.model";
import type { AgentPatch, Handed, Invitation } from "./agent.schema";
import type { AgentService } from "./agent.service";
import { toAgentView } from "./agent.service";

export interface AgentLifeService {
  invite(invitation: Invitation, actor: Actor): Promise<{ agent: AgentView; invitation: Handed }>;
  /** A new link for somebody who has not come yet; the old one ends. */
  inviteAgain(id: string, actor: Actor): Promise<Handed>;
  /** Forgets somebody who has not come yet. */
  withdraw(id: string, actor: Actor): Promise<void>;
  patch(id: string, patch: AgentPatch, actor: Actor): Promise<AgentView>;
  activate(id: string, actor: Actor): Promise<AgentView>;
  deactivate(id: string, actor: Actor): Promise<AgentView>;
  join(id: string, team: string, actor: Actor): Promise<AgentView>;
  leave(id: string, team: string, actor: Actor): Promise<AgentView>;
  /** Throws `agent.beyond` when they may do something that the actor may not: nobody rises by changing others. */
  assertBelow(agent: Agent, actor: Actor): Promise<void>;
  /** Throws `agent.last-admin` when nobody is left. Call it after a change, in its transaction. */
  assertAdminRemains(session: ClientSession): Promise<void>;
}

/** What somebody leaves behind; each ends with the commit of `change`. */
export interface Belongings {
  endSessions(agent: string, change: Change): Promise<void>;
  endKeys(agent: string, change: Change): Promise<void>;
  endLinks(agent: string, change: Change): Promise<void>;
  releaseConversations(agent: string, change: Change): Promise<void>;
}

export interface Invitations {
  /** Stores a link in the change; the secret is known only now. */
  issueInvitation(agent: string, change: Change): Promise<{ secret: string; expiresAt: Date }>;
  /** Sends it, or gives it back to be handed over. Call after the commit. */
  hand(agent: Agent, link: { secret: string; expiresAt: Date }): Promise<Handed>;
}

export interface AgentLifeDeps {
  model: AgentModel;
  agents: AgentService;
  roles: RoleService;
  teams: Pick<TeamService, "assertExist">;
  belongings: Belongings;
  invitations: Invitations;
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
}

export function createAgentLifeService(deps: AgentLifeDeps): AgentLifeService {
  const { model, agents, roles, teams, belongings, invitations, audit, log, clock } = deps;

  /**
   * Holds against races as well: every change here tells an event, and events of two transactions are numbered by the same counter,
   * so the second one of two at once is run again and sees the first.
   */
  async function assertAdminRemains(session: ClientSession): Promise<void> {
    const remaining = await model.countDocuments({ role: "admin", isActive: true, isInvited: { $ne: true } }).session(session);
    if (remaining === 0) throw fail("agent.last-admin");
  }

  async function assertRole(role: string, actor: Actor): Promise<void> {
    await roles.learn(role);
    if (!roles.exists(role)) throw fail("role.not-found", { details: [{ path: "body.role", message: role }] });
    roles.assertGrantable(role, actor);
  }

  async function assertBelow({ role, _id }: Agent, actor: Actor): Promise<void> {
    if (_id === actor.id) return;
    await roles.learn(role);
    const { permissions, reach } = roles.rightsOf(role);
    const isBeyond = [...permissions].some((one) => !actor.permissions.has(one)) || isWider(reach, actor.reach);
    if (isBeyond) throw fail("agent.beyond");
  }

  /** Where reach goes by team, a team is a right: whoever does not see everything gives away only the teams they are in. */
  async function assertTeams(wanted: readonly string[], actor: Actor, session: ClientSession): Promise<void> {
    await teams.assertExist(wanted, session);
    const beyond = actor.reach === "all" ? [] : wanted.filter((team) => !actor.teams.includes(team));
    if (beyond.length > 0)
      throw fail("auth.cannot-grant", { details: beyond.map((message) => ({ path: "body.teams", message })) });
  }

  /** Reads, checks, changes and notes it in one transaction. */
  function changeAgent(
    id: string,
    actor: Actor,
    action: `agent.${string}`,
    work: (before: Agent, change: Change) => Promise<Partial<Agent> | null>,
  ): Promise<AgentView> {
    return log.change(async (change) => {
      const before = await agents.getAgent(id, change.session);
      await assertBelow(before, actor);
      const fields = await work(before, change);
      if (!fields) return toAgentView(before);
      const after = await agents.update(id, fields, change);
      await assertAdminRemains(change.session);
      const [was, is] = [toAgentView(before), toAgentView(after)];
      await audit.record(change, { actor, action, target: target(after), before: was, after: is });
      return is;
    });
  }

  async function getInvited(id: string, actor: Actor, session: ClientSession): Promise<Agent> {
    const agent = await agents.getAgent(id, session);
    if (!agent.isInvited || !agent.isActive) throw fail("agent.not-invited");
    await assertBelow(agent, actor);
    return agent;
  }

  return {
    assertBelow,
    assertAdminRemains,

    async invite({ email, name, role, teams: wanted = [], capacity = null }, actor) {
      await assertRole(role, actor);
      const { agent, link } = await log.change(async (change) => {
        const address = email.trim().toLowerCase();
        if (await model.exists({ email: address }).session(change.session)) throw fail("agent.email-taken");
        await assertTeams(wanted, actor, change.session);
        const at = new Date(clock.now());
        const invited: Agent = {
          _id: newId(at.getTime()),
          name: name?.trim() ?? address.slice(0, address.indexOf("@")),
          email: address,
          passwordHash: "",
          role,
          isActive: true,
          isInvited: true,
          teams: [...wanted],
          capacity,
          hasSecondFactor: false,
          createdAt: at,
          updatedAt: at,
        };
        await model.collection.insertOne(invited as never, { session: change.session });
        const issued = await invitations.issueInvitation(invited._id, change);
        const view = toAgentView(invited);
        await audit.record(change, { actor, action: "agent.invite", target: target(invited), after: view });
        change.emit("agent:updated", { agent: view });
        return { agent: invited, link: issued };
      });
      return { agent: toAgentView(agent), invitation: await invitations.hand(agent, link) };
    },

    async inviteAgain(id, actor) {
      const { agent, link } = await log.change(async (change) => {
        const invited = await getInvited(id, actor, change.session);
        await belongings.endLinks(id, change);
        const issued = await invitations.issueInvitation(id, change);
        await audit.record(change, { actor, action: "agent.invite-again", target: target(invited) });
        return { agent: invited, link: issued };
      });
      return invitations.hand(agent, link);
    },

    async withdraw(id, actor) {
      await log.change(async (change) => {
        const invited = await getInvited(id, actor, change.session);
        await belongings.endLinks(id, change);
        await model.collection.deleteOne({ _id: id as never }, { session: change.session });
        await audit.record(change, { actor, action: "agent.withdraw", target: target(invited), before: toAgentView(invited) });
        change.emit("agent:removed", { agent: id });
      });
    },

    patch: (id, { name, ...patch }, actor) =>
      changeAgent(id, actor, "agent.update", async (before, change) => {
        if (patch.role !== undefined && patch.role !== before.role) await assertRole(patch.role, actor);
        const had = before.teams ?? [];
        if (patch.teams) await teams.assertExist(patch.teams, change.session);
        await assertTeams(patch.teams?.filter((team) => !had.includes(team)) ?? [], actor, change.session);
        return { ...patch, ...(name === undefined ? {} : { name: name.trim() }) };
      }),

    activate: (id, actor) =>
      changeAgent(id, actor, "agent.activate", async ({ isActive }) => (isActive ? null : { isActive: true })),

    deactivate: (id, actor) =>
      changeAgent(id, actor, "agent.deactivate", async ({ isActive }, change) => {
        if (!isActive) return null;
        await belongings.endSessions(id, change);
        await belongings.endKeys(id, change);
        await belongings.endLinks(id, change);
        await belongings.releaseConversations(id, change);
        return { isActive: false };
      }),

    join: (id, team, actor) =>
      changeAgent(id, actor, "agent.join", async ({ teams: own = [] }, change) => {
        await assertTeams([team], actor, change.session);
        return own.includes(team) ? null : { teams: [...own, team] };
      }),

    leave: (id, team, actor) =>
      changeAgent(id, actor, "agent.leave", async ({ teams: own = [] }, change) => {
        await teams.assertExist([team], change.session);
        return own.includes(team) ? { teams: own.filter((one) => one !== team) } : null;
      }),
  };
}

const target = ({ _id, name }: Agent) => ({ kind: "agent", id: _id, name });
