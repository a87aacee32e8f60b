/**
 * Sessions: a refresh token may be used once; using it gives the next one of its family. A token that comes back after its
 * use was stolen or copied, so the whole family ends.
 */
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId, newSecret, sha256Hex } from "../../core/id";
import type { Log } from "../../core/log";
import { TtlMap } from "../../core/ttl-map";
import type { Agent } from "../agents/agent.model";
import type { AgentService } from "../agents/agent.service";
import type { RefreshTokenModel } from "./refresh-token.model";

/** Two tabs may refresh at the same instant: a token used this recently gets a sibling instead of an accusation. */
const REUSE_GRACE_MS = 10_000;
/** Failed sign-ins of one account within FAILURE_WINDOW_MS before it has to wait. */
const MAX_FAILURES = 8;
const FAILURE_WINDOW_MS = 60_000;

export interface Session {
  agent: Agent;
  refreshToken: string;
}

export interface AuthService {
  /** Throws `auth.wrong-credentials`, the same for an unknown e-mail and a wrong password, or `auth.too-many-attempts`. */
  signIn(credentials: { email: string; password: string }, userAgent: string): Promise<Session>;
  /** Exchanges a refresh token. Throws `auth.invalid-token`. */
  refresh(refreshToken: string | undefined, userAgent: string): Promise<Session>;
  /** Ends the family of this token. Unknown tokens are ignored: the outcome is the same. */
  signOut(refreshToken: string | undefined): Promise<void>;
  /** The agent an access token speaks for. Throws `auth.invalid-token` when they may no longer act. */
  getActiveAgent(id: string): Promise<Agent>;
}

export interface AuthDeps {
  agents: AgentService;
  tokens: RefreshTokenModel;
  refreshTtlSeconds: number;
  clock: Clock;
  log: Log;
}

export function createAuthService({ agents, tokens, refreshTtlSeconds, clock, log }: AuthDeps): AuthService {
  const failures = new TtlMap<string, number>({ ttlMs: FAILURE_WINDOW_MS, maxEntries: 10_000, clock });

  async function issue(agent: Agent, family: string, userAgent: string): Promise<Session> {
    const refreshToken = newSecret();
    const now = clock.now();
    await tokens.create({
      _id: sha256Hex(refreshToken),
      agent: agent._id,
      family,
      userAgent: userAgent.slice(0, 300),
      createdAt: new Date(now),
      expiresAt: new Date(now + refreshTtlSeconds * 1000),
    });
    return { agent, refreshToken };
  }

  const endFamily = (family: string) =>
    tokens.updateMany({ family, revokedAt: null }, { $set: { revokedAt: new Date(clock.now()) } });

  return {
    async signIn({ email, password }, userAgent) {
      const account = email.trim().toLowerCase();
      const failed = failures.get(account) ?? 0;
      if (failed >= MAX_FAILURES) throw fail("auth.too-many-attempts", { retryAfter: FAILURE_WINDOW_MS / 1000 });
      // Counted before the slow comparison, so that guesses at the same moment cannot slip past the limit.
      failures.set(account, failed + 1);
      const agent = await agents.findByCredentials(account, password);
      if (!agent) throw fail("auth.wrong-credentials");
      failures.delete(account);
      return issue(agent, newId(), userAgent);
    },

    async refresh(refreshToken, userAgent) {
      if (!refreshToken) throw fail("auth.required");
      const now = new Date(clock.now());
      const id = sha256Hex(refreshToken);
      const claimed = await tokens
        .findOneAndUpdate({ _id: id, usedAt: null, revokedAt: null, expiresAt: { $gt: now } }, { $set: { usedAt: now } })
        .lean();
      const token = claimed ?? (await tokens.findById(id).lean());
      if (!token || token.revokedAt || token.expiresAt <= now) throw fail("auth.invalid-token");
      if (!claimed && token.usedAt && now.getTime() - token.usedAt.getTime() > REUSE_GRACE_MS) {
        await endFamily(token.family);
        log.warn("a used refresh token came back; its sessions are ended", { agent: token.agent });
        throw fail("auth.invalid-token");
      }
      return issue(await this.getActiveAgent(token.agent), token.family, userAgent);
    },

    async signOut(refreshToken) {
      if (!refreshToken) return;
      const token = await tokens.findById(sha256Hex(refreshToken)).lean();
      if (token) await endFamily(token.family);
    },

    async getActiveAgent(id) {
      const agent = await agents.findActive(id);
      if (!agent) throw fail("auth.invalid-token");
      return agent;
    },
  };
}
