/** The way in: password, then a second factor where there is one or the role needs one, then a session. */
import type { ClientSession } from "mongoose";
import type { Auditor } from "../../core/audit-port";
import { isLoopback, networkOf } from "../../core/client-address";
import { type ErrorCode, fail } from "../../core/errors";
import type { Origin } from "../../core/origin";
import type { Change, EventLog } from "../../events/log";
import type { Agent } from "../agents/agent.model";
import type { AgentService } from "../agents/agent.service";
import type { LinkService } from "./link.service";
import type { GuardKey, LoginGuard } from "./login-guard";
import type { Notices } from "./notices";
import type { SecondFactorService } from "./second-factor.service";
import type { Grant, SessionService } from "./session.service";

export interface Opened extends Grant {
  agent: Agent;
}

/** What is still needed: a code, or a second factor to be set up. */
export interface Challenge {
  code: "auth.second-factor-required" | "auth.second-factor-setup";
  challenge: string;
}

/** How somebody has shown who they are, and what they hear when it does not count any more. */
const WAYS_IN = {
  password: "auth.wrong-credentials",
  invitation: "auth.bad-link",
  "second factor": "auth.challenge-ended",
  "single sign-on": "single-sign-on.not-allowed",
} as const satisfies Record<string, ErrorCode>;
export type WayIn = keyof typeof WAYS_IN;

export interface AuthService {
  /** Throws `auth.wrong-credentials`, the same for an unknown e-mail and a wrong password, or `auth.too-many-attempts`. */
  signIn(credentials: { email: string; password: string }, origin: Origin): Promise<Opened | Challenge>;
  /** For somebody who has shown who they are, unless they were shut out, or given another password, since then. */
  proceed(agent: Agent, origin: Origin, by: WayIn): Promise<Opened | Challenge>;
  /** The code behind a sign-in. Throws `auth.wrong-code` or `auth.challenge-ended`. */
  verify(challenge: string, code: string, origin: Origin): Promise<Opened>;
  /** The secret for somebody whose role needs a second factor. */
  beginSetup(challenge: string): Promise<{ secret: string; uri: string }>;
  finishSetup(challenge: string, code: string, origin: Origin): Promise<Opened & { recoveryCodes: string[] }>;
  confirmFactor(agent: Agent, code: string, origin: Origin): Promise<string[]>;
  /** New recovery codes; the old ones end. */
  renewRecovery(agent: Agent, code: string, origin: Origin): Promise<string[]>;
  removeFactor(agent: Agent, proof: { password: string; code: string }, origin: Origin): Promise<void>;
  /** Exchanges a refresh token. Throws `auth.invalid-token`. */
  refresh(refreshToken: string, origin: Origin): Promise<Opened>;
  /** Tries of somebody unknown from this address are counted. Throws `auth.too-many-attempts`. */
  guardAddress(origin: Origin): Promise<GuardKey[]>;
}

export interface AuthDeps {
  agents: AgentService;
  sessions: SessionService;
  links: LinkService;
  factor: SecondFactorService;
  guard: LoginGuard;
  notices: Notices;
  /** Roles whose people need a second factor. */
  secondFactorRoles: () => readonly string[];
  audit: Auditor<ClientSession>;
  log: EventLog;
}

export function createAuthService(deps: AuthDeps): AuthService {
  const { agents, sessions, links, factor, guard, notices, secondFactorRoles, audit, log } = deps;

  const person = ({ _id, name }: Agent, origin: Origin) => ({ kind: "agent" as const, id: _id, name, origin });
  const target = ({ _id, name }: Agent) => ({ kind: "agent", id: _id, name });
  const needsFactor = ({ role, hasSecondFactor }: Agent) => !hasSecondFactor && secondFactorRoles().includes(role);

  /** The machine itself, or a proxy that is not named in TRUSTED_PROXIES: not somebody to be locked out. */
  const addressKeys = ({ address }: Origin): GuardKey[] =>
    isLoopback(address) ? [] : [{ kind: "address", of: networkOf(address) }];

  async function hold(agent: Agent, by: WayIn, change: Change): Promise<void> {
    if (!(await agents.hold(agent, change))) throw fail(WAYS_IN[by]);
  }

  async function open(agent: Agent, origin: Origin, by: WayIn, change: Change): Promise<Opened> {
    await hold(agent, by, change);
    // Whoever comes for the first time knows that they are here.
    if (agent.heldAt && (await sessions.isNewDevice(agent._id, origin, change)))
      await notices.tell(agent, "new-device", origin, change);
    const grant = await sessions.open(agent._id, origin, change);
    await audit.record(change, { actor: person(agent, origin), action: "session.open", target: target(agent), after: { by } });
    return { agent, ...grant };
  }

  async function getActive(id: string): Promise<Agent> {
    const agent = await agents.findActive(id);
    if (!agent) throw fail("auth.invalid-token");
    return agent;
  }

  /** Codes have few digits: guesses are counted for each person. */
  async function useCode(agent: Agent, code: string): Promise<void> {
    const keys: GuardKey[] = [{ kind: "code", of: agent._id }];
    await guard.begin(keys);
    await factor.use(agent._id, code);
    await guard.succeed(keys);
  }

  async function confirm(agent: Agent, code: string, origin: Origin, challenge?: string): Promise<string[]> {
    const keys: GuardKey[] = [{ kind: "code", of: agent._id }];
    await guard.begin(keys);
    const codes = await log.change(async (change) => {
      if (challenge) await links.use("enrolment", challenge, change.session);
      const made = await factor.confirm(agent, code, change);
      await audit.record(change, { actor: person(agent, origin), action: "second-factor.create", target: target(agent) });
      await notices.tell(agent, "factor-added", origin, change);
      return made;
    });
    await guard.succeed(keys);
    return codes;
  }

  const service: AuthService = {
    async signIn({ email, password }, origin) {
      const account = email.trim().toLowerCase();
      const keys: GuardKey[] = [...addressKeys(origin), { kind: "account", of: account }];
      await guard.begin(keys);
      const agent = await agents.findByCredentials(account, password);
      if (!agent) {
        const actor = { kind: "guest" as const, id: "", name: account, origin };
        await audit.record(null, { actor, action: "session.refuse", target: { kind: "account", id: account } });
        throw fail("auth.wrong-credentials");
      }
      await guard.succeed(keys);
      return service.proceed(agent, origin, "password");
    },

    async proceed(agent, origin, by) {
      const kind = agent.hasSecondFactor ? "challenge" : needsFactor(agent) ? "enrolment" : null;
      return log.change(async (change) => {
        if (kind === null) return open(agent, origin, by, change);
        await hold(agent, by, change);
        const { secret } = await links.issue(kind, agent._id, change.session);
        return { code: kind === "challenge" ? "auth.second-factor-required" : "auth.second-factor-setup", challenge: secret };
      });
    },

    async verify(challenge, code, origin) {
      const agent = await getActive(await links.look("challenge", challenge));
      await useCode(agent, code);
      return log.change(async (change) => {
        await links.use("challenge", challenge, change.session);
        return open(agent, origin, "second factor", change);
      });
    },

    async beginSetup(challenge) {
      return factor.begin(await getActive(await links.look("enrolment", challenge)));
    },

    async finishSetup(challenge, code, origin) {
      const agent = await getActive(await links.look("enrolment", challenge));
      const recoveryCodes = await confirm(agent, code, origin, challenge);
      const now = await getActive(agent._id);
      return { ...(await log.change((change) => open(now, origin, "second factor", change))), recoveryCodes };
    },

    confirmFactor: (agent, code, origin) => confirm(agent, code, origin),

    async renewRecovery(agent, code, origin) {
      await useCode(agent, code);
      return log.change(async (change) => {
        await audit.record(change, { actor: person(agent, origin), action: "second-factor.update", target: target(agent) });
        await notices.tell(agent, "recovery-renewed", origin, change);
        return factor.renewRecovery(agent._id, change.session);
      });
    },

    async removeFactor(agent, { password, code }, origin) {
      const keys: GuardKey[] = [{ kind: "account", of: agent.email }];
      await guard.begin(keys);
      if (!(await agents.hasPassword(agent._id, password))) throw fail("auth.wrong-password");
      await guard.succeed(keys);
      await useCode(agent, code);
      await log.change(async (change) => {
        await factor.remove(agent._id, change);
        await audit.record(change, { actor: person(agent, origin), action: "second-factor.remove", target: target(agent) });
        await notices.tell(agent, "factor-removed", origin, change);
      });
    },

    async refresh(refreshToken, origin) {
      const { agent: id, ...grant } = await sessions.refresh(refreshToken, origin);
      const agent = await getActive(id);
      // The rule is newer than the session: they sign in again and set it up.
      if (needsFactor(agent)) {
        await sessions.end(grant.session, id);
        throw fail("auth.invalid-token");
      }
      return { agent, ...grant };
    },

    async guardAddress(origin) {
      const keys = addressKeys(origin);
      await guard.begin(keys);
      return keys;
    },
  };
  return service;
}
