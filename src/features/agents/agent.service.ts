/** Who the agents are and whether a password is theirs. Hashes never leave this feature. */
import type { ClientSession } from "mongoose";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { Change } from "../../events/log";
import type { AgentView } from "../../events/view";
import type { Agent, AgentModel } from "./agent.model";
import type { AgentQuery } from "./agent.schema";
import { hashPassword, newPassword, verifyPassword } from "./password-hash";
import { isEasyPassword } from "./password-strength";

export interface AgentService {
  /** Creates the first admin when nobody exists yet. Gives the password to print when it was made here, else null. */
  ensureFirstAdmin(email: string, password: string | undefined): Promise<{ email: string; password: string | null } | null>;
  /** The active agent with this e-mail and password, or null. Takes the same time for an unknown e-mail as for a wrong password. */
  findByCredentials(email: string, password: string): Promise<Agent | null>;
  /** Whether this is the agent's password. */
  hasPassword(id: string, password: string): Promise<boolean>;
  findByEmail(email: string): Promise<Agent | null>;
  findById(id: string): Promise<Agent | null>;
  findActive(id: string): Promise<Agent | null>;
  /** Everybody who can sign in. */
  listActive(): Promise<Agent[]>;
  getAgent(id: string, session?: ClientSession): Promise<Agent>;
  /** By name. */
  listAgents(query: AgentQuery): Promise<Page<AgentView>>;
  /**
   * Throws `agent.password-short` or `agent.password-easy`. Slow on purpose: call it outside of a transaction. `own`: whose it will be;
   * a new one is made when none is given.
   */
  hash(password: string | undefined, own: Pick<Agent, "name" | "email">): Promise<{ password: string; hash: string }>;
  /**
   * Whether somebody is still what they were when they showed who they are: active, with the same password and second factor. It holds
   * until the change is over: of two at once, one that lets them in and one that shuts them out, the second is run again and sees the first.
   */
  hold(agent: Pick<Agent, "_id"> & Partial<Agent>, change: Change): Promise<boolean>;
  /** Changes an agent and tells it. */
  update(id: string, fields: Partial<Agent>, change: Change): Promise<Agent>;
  isRoleInUse(role: string, session: ClientSession): Promise<boolean>;
  /** Takes everybody out of a team. */
  dismiss(team: string, change: Change): Promise<void>;
}

export interface AgentDeps {
  agents: AgentModel;
  /** Least length of new passwords. */
  passwordMinimum: () => number;
  clock: Clock;
}

export function createAgentService({ agents, passwordMinimum, clock }: AgentDeps): AgentService {
  const emailKey = (email: string) => email.trim().toLowerCase();

  const service: AgentService = {
    async ensureFirstAdmin(email, given) {
      if (await agents.exists({})) return null;
      const password = given ?? newPassword();
      const now = new Date(clock.now());
      await agents.create({
        _id: newId(),
        name: "Admin",
        email,
        passwordHash: await hashPassword(password),
        role: "admin",
        isActive: true,
        createdAt: now,
        updatedAt: now,
      });
      return { email, password: given === undefined ? password : null };
    },

    async findByCredentials(email, password) {
      const agent = await service.findByEmail(email);
      const matches = await verifyPassword(password, agent?.passwordHash);
      return agent?.isActive && !agent.isInvited && matches ? agent : null;
    },

    async hasPassword(id, password) {
      const agent = (await agents.findById(id).lean()) as Agent | null;
      return verifyPassword(password, agent?.passwordHash);
    },

    async findByEmail(email) {
      return (await agents.findOne({ email: emailKey(email) }).lean()) as Agent | null;
    },

    async findById(id) {
      return (await agents.findById(id).lean()) as Agent | null;
    },

    async findActive(id) {
      return (await agents.findOne({ _id: id, isActive: true, isInvited: { $ne: true } }).lean()) as Agent | null;
    },

    async listActive() {
      return (await agents.find({ isActive: true, isInvited: { $ne: true } }).lean()) as Agent[];
    },

    async getAgent(id, session) {
      const agent = await agents.findById(id, null, session ? { session } : {}).lean();
      if (!agent) throw fail("agent.not-found");
      return agent as Agent;
    },

    async listAgents({ limit, cursor, status, team }) {
      const [name, id] = cursor ? decodeCursor(cursor, ["string", "string"]) : [];
      const after = cursor ? { $or: [{ name: { $gt: name } }, { name, _id: { $gt: id } }] } : {};
      const rows = await agents
        .find({ ...(status ? STATUS[status] : {}), ...(team ? { teams: team } : {}), ...after } as Record<string, unknown>)
        .sort({ name: 1, _id: 1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as Agent[], limit, toAgentView, (agent) => [agent.name, agent._id]);
    },

    async hash(given, { name, email }) {
      const password = given ?? newPassword();
      const minimum = passwordMinimum();
      if (password.length < minimum)
        throw fail("agent.password-short", { message: `The password needs at least ${minimum} characters.` });
      if (isEasyPassword(password, [name, email])) throw fail("agent.password-easy");
      return { password, hash: await hashPassword(password) };
    },

    async hold({ _id, passwordHash, hasSecondFactor }, { session }) {
      const same = {
        ...(passwordHash === undefined ? {} : { passwordHash }),
        ...(hasSecondFactor === undefined ? {} : { hasSecondFactor: hasSecondFactor ? true : { $ne: true } }),
      };
      const held = await agents.collection.updateOne(
        { _id: _id as never, isActive: true, isInvited: { $ne: true }, ...same },
        { $set: { heldAt: new Date(clock.now()) } as never },
        { session },
      );
      return held.matchedCount > 0;
    },

    async update(id, fields, change) {
      const after = (await agents.collection.findOneAndUpdate(
        { _id: id as never },
        { $set: { ...fields, updatedAt: new Date(clock.now()) } as never },
        { session: change.session, returnDocument: "after" },
      )) as unknown as Agent | null;
      if (!after) throw fail("agent.not-found");
      change.emit("agent:updated", { agent: toAgentView(after) });
      return after;
    },

    async isRoleInUse(role, session) {
      return (await agents.exists({ role }).session(session)) !== null;
    },

    async dismiss(team, change) {
      const members = (await agents.find({ teams: team }, null, { session: change.session }).lean()) as Agent[];
      for (const { _id, teams } of members) await service.update(_id, { teams: teams.filter((one) => one !== team) }, change);
    },
  };
  return service;
}

const STATUS: Record<AgentView["status"], Record<string, unknown>> = {
  active: { isActive: true, isInvited: { $ne: true } },
  invited: { isActive: true, isInvited: true },
  inactive: { isActive: false },
};

/** Documents older than teams lack some fields. */
export const toAgentView = ({
  _id,
  name,
  email,
  role,
  isActive,
  isInvited = false,
  teams = [],
  capacity = null,
  hasSecondFactor = false,
}: Agent): AgentView => ({
  id: _id,
  name,
  email,
  role,
  teams: [...teams],
  capacity,
  status: !isActive ? "inactive" : isInvited ? "invited" : "active",
  hasSecondFactor,
});
