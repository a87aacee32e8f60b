/** The rules of agents: who they are and whether a password is theirs. Hashes never leave this file. */
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId, newSecret } from "../../core/id";
import type { AgentView } from "../../events/view";
import type { Agent, AgentModel } from "./agent.model";

const MIN_PASSWORD = 10;
const HASH = { algorithm: "argon2id", memoryCost: 65_536, timeCost: 2 } as const;

export interface AgentService {
  /** Creates the first admin when nobody exists yet. Gives the password to print when it was made here, else null. */
  ensureFirstAdmin(email: string, password: string | undefined): Promise<{ email: string; password: string | null } | null>;
  /** The active agent with this e-mail and password, or null. Takes the same time for an unknown e-mail as for a wrong password. */
  findByCredentials(email: string, password: string): Promise<Agent | null>;
  findActive(id: string): Promise<Agent | null>;
  getAgent(id: string): Promise<Agent>;
  /** Everybody, by name. */
  listAgents(): Promise<AgentView[]>;
  /** Sets a new password; a generated one when none is given. Gives the password that holds now. */
  resetPassword(email: string, password?: string): Promise<string>;
}

export function createAgentService({ agents, clock }: { agents: AgentModel; clock: Clock }): AgentService {
  /** Compared against when the e-mail is unknown, so that the answer takes as long. Made at first use. */
  let decoy: Promise<string> | null = null;
  const decoyHash = () => (decoy ??= Bun.password.hash(newSecret(), HASH));

  return {
    async ensureFirstAdmin(email, given) {
      if (await agents.exists({})) return null;
      const password = given ?? newPassword();
      const now = new Date(clock.now());
      await agents.create({
        _id: newId(),
        name: "Admin",
        email,
        passwordHash: await Bun.password.hash(password, HASH),
        role: "admin",
        isActive: true,
        createdAt: now,
        updatedAt: now,
      });
      return { email, password: given === undefined ? password : null };
    },

    async findByCredentials(email, password) {
      const agent = await agents.findOne({ email: email.trim().toLowerCase() }).lean();
      const matches = await Bun.password.verify(password, agent?.passwordHash ?? (await decoyHash()));
      return agent?.isActive && matches ? (agent as Agent) : null;
    },

    async findActive(id) {
      return (await agents.findOne({ _id: id, isActive: true }).lean()) as Agent | null;
    },

    async getAgent(id) {
      const agent = await agents.findById(id).lean();
      if (!agent) throw fail("agent.not-found");
      return agent as Agent;
    },

    async listAgents() {
      return ((await agents.find({}).sort({ name: 1 }).limit(500).lean()) as Agent[]).map(toAgentView);
    },

    async resetPassword(email, given) {
      const password = given ?? newPassword();
      if (password.length < MIN_PASSWORD) throw fail("agent.password-short");
      const result = await agents.updateOne(
        { email: email.trim().toLowerCase() },
        { $set: { passwordHash: await Bun.password.hash(password, HASH), updatedAt: new Date(clock.now()) } },
      );
      if (result.matchedCount === 0) throw fail("agent.not-found", { message: `There is no agent with the e-mail ${email}.` });
      return password;
    },
  };
}

/** For people to copy: no signs that a terminal or a chat would break. */
const newPassword = (): string => newSecret(18).replace(/[-_]/g, "").slice(0, 16);

export const toAgentView = ({ _id, name, email, role }: Agent): AgentView => ({ id: _id, name, email, role });
