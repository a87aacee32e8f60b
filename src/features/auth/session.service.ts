/**
 * Sessions: a refresh token may be used once; using it gives the next one of its session. A token that comes back after its use was
 * stolen or copied, so the session ends. Ended sessions are told to every process, because each remembers who is signed in.
 */
import type { ClientSession } from "mongoose";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId, newSecret, sha256Hex } from "../../core/id";
import type { Log } from "../../core/log";
import type { Origin } from "../../core/origin";
import type { Change, EventLog } from "../../events/log";
import type { RefreshToken, RefreshTokenModel } from "./refresh-token.model";
import type { SessionModel, StoredSession } from "./session.model";
import { deviceOf } from "./user-agent";

/**
 * Two tabs may refresh at the same instant, and an answer may be lost on its way: a token used this recently gets a sibling instead of
 * an accusation.
 */
const REUSE_GRACE_MS = 10_000;

export interface Grant {
  session: string;
  refreshToken: string;
  /** When it ends unless it is refreshed before; what is given out by it ends then too. */
  expiresAt: Date;
}

export interface SessionView {
  id: string;
  device: string;
  address: string;
  createdAt: string;
  usedAt: string;
  expiresAt: string;
  isCurrent: boolean;
}

export interface SessionService {
  /** In a change of the caller, who has made sure that the agent may come in. */
  open(agent: string, origin: Origin, change: Change): Promise<Grant>;
  /** Whether the agent has no session from such a device and such a place, as far back as sessions are remembered. */
  isNewDevice(agent: string, origin: Origin, change: Change): Promise<boolean>;
  /** Exchanges a refresh token. Throws `auth.invalid-token`. */
  refresh(refreshToken: string, origin: Origin): Promise<Grant & { agent: string }>;
  /** Whether it goes on, for the agent who opened it. */
  isAlive(id: string, agent: string): Promise<boolean>;
  /** Ends the session of this token. Unknown tokens are ignored: the outcome is the same. */
  endByToken(refreshToken: string): Promise<void>;
  /** Ends one of the agent's sessions. Throws `session.not-found`. */
  end(id: string, agent: string): Promise<void>;
  /** Ends all sessions of an agent but one. In a change of the caller, or one of its own. */
  endAll(agent: string, options?: { except?: string; change?: Change }): Promise<void>;
  /** Those that go on, the last used first. */
  list(agent: string, current: string | null): Promise<SessionView[]>;
}

export interface SessionDeps {
  sessions: SessionModel;
  tokens: RefreshTokenModel;
  refreshTtlSeconds: number;
  limits: () => { perAgent: number; days: number };
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
  logger: Log;
}

const DAY_MS = 86_400_000;
const MOST_COMPARED = 100;

/** Addresses of one line change; what stays the same is roughly the provider's part: 16 bits of IPv4, 32 of IPv6. */
const regionOf = (address: string): string =>
  address.includes(":") ? address.split(":").slice(0, 2).join(":") : address.split(".").slice(0, 2).join(".");

export function createSessionService(deps: SessionDeps): SessionService {
  const { sessions, tokens, refreshTtlSeconds, limits, audit, log, clock, logger } = deps;
  const now = () => new Date(clock.now());

  async function issue(agent: string, session: string, expiresAt: Date, change: Change): Promise<Grant> {
    const refreshToken = newSecret();
    const token: RefreshToken = { _id: sha256Hex(refreshToken), agent, session, createdAt: now(), expiresAt, usedAt: null };
    await tokens.collection.insertOne(token as never, { session: change.session });
    return { session, refreshToken, expiresAt };
  }

  /** A session lives as long as it is used, but not for ever. */
  const endOf = (createdAt: Date): Date =>
    new Date(Math.min(clock.now() + refreshTtlSeconds * 1000, createdAt.getTime() + limits().days * DAY_MS));

  const alive = (agent: string) => ({ agent, endedAt: null, expiresAt: { $gt: now() } });

  async function endThese(
    agent: string,
    ids: readonly string[] | null,
    except: string | undefined,
    change: Change,
  ): Promise<void> {
    const filter = { ...alive(agent), ...(ids ? { _id: { $in: [...ids] } } : except ? { _id: { $ne: except } } : {}) };
    const found = (await sessions.find(filter, { _id: 1 }, { session: change.session }).lean()) as { _id: string }[];
    if (found.length === 0) return;
    const ended = found.map(({ _id }) => _id);
    const which = { _id: { $in: ended as never[] } };
    await sessions.collection.updateMany(which, { $set: { endedAt: now() } as never }, { session: change.session });
    change.emit("session:ended", { agent, sessions: ended });
  }

  /** Beyond the limit the devices that were used least recently are signed out. */
  async function makeRoom(agent: string, change: Change): Promise<void> {
    const spare = (await sessions
      .find(alive(agent), { _id: 1 }, { session: change.session })
      .sort({ usedAt: -1 })
      .skip(limits().perAgent - 1)
      .lean()) as { _id: string }[];
    const ids = spare.map(({ _id }) => _id);
    if (ids.length > 0) await endThese(agent, ids, undefined, change);
  }

  async function getAlive(id: string, agent: string, session?: ClientSession): Promise<StoredSession | null> {
    return (await sessions
      .findOne({ _id: id, ...alive(agent) }, null, session ? { session } : {})
      .lean()) as StoredSession | null;
  }

  return {
    async open(agent, { userAgent, address }, change) {
      await makeRoom(agent, change);
      const at = now();
      const expiresAt = endOf(at);
      const session: StoredSession = {
        _id: newId(at.getTime()),
        agent,
        userAgent: userAgent.slice(0, 300),
        address,
        createdAt: at,
        usedAt: at,
        expiresAt,
        endedAt: null,
      };
      await sessions.collection.insertOne(session as never, { session: change.session });
      return issue(agent, session._id, expiresAt, change);
    },

    async isNewDevice(agent, { userAgent, address }, { session }) {
      const known = (await sessions
        .find({ agent }, { userAgent: 1, address: 1 }, { session })
        .sort({ usedAt: -1 })
        .limit(MOST_COMPARED)
        .lean()) as Pick<StoredSession, "userAgent" | "address">[];
      const [device, place] = [deviceOf(userAgent), regionOf(address)];
      return !known.some((one) => deviceOf(one.userAgent) === device && regionOf(one.address) === place);
    },

    async refresh(refreshToken, origin) {
      const { address, userAgent } = origin;
      const at = now();
      const id = sha256Hex(refreshToken);
      const claimed = await tokens
        .findOneAndUpdate({ _id: id, usedAt: null, expiresAt: { $gt: at } }, { $set: { usedAt: at } })
        .lean();
      const token = (claimed ?? (await tokens.findById(id).lean())) as RefreshToken | null;
      if (!token || token.expiresAt <= at) throw fail("auth.invalid-token");
      const session = await getAlive(token.session, token.agent);
      if (!session) throw fail("auth.invalid-token");
      if (!claimed && token.usedAt && at.getTime() - token.usedAt.getTime() > REUSE_GRACE_MS) {
        await log.change(async (change) => {
          await endThese(token.agent, [token.session], undefined, change);
          await audit.record(change, {
            actor: { kind: "guest", id: "", name: "", origin },
            action: "session.reuse",
            target: { kind: "agent", id: token.agent },
          });
        });
        logger.warn("a used refresh token came back; its session is ended", { agent: token.agent, session: token.session });
        throw fail("auth.invalid-token");
      }
      const expiresAt = endOf(session.createdAt);
      if (expiresAt <= at) {
        // Sessions may last less long than when it began.
        await log.change((change) => endThese(token.agent, [token.session], undefined, change));
        throw fail("auth.invalid-token");
      }
      const fields = { usedAt: at, expiresAt, address, userAgent: userAgent.slice(0, 300) };
      return log.change(async (change) => {
        const which = { _id: session._id as never, endedAt: null };
        const renewed = await sessions.collection.updateOne(which, { $set: fields as never }, { session: change.session });
        // Ended since it was looked up.
        if (renewed.matchedCount === 0) throw fail("auth.invalid-token");
        return { agent: token.agent, ...(await issue(token.agent, session._id, expiresAt, change)) };
      });
    },

    isAlive: async (id, agent) => (await getAlive(id, agent)) !== null,

    async endByToken(refreshToken) {
      const token = (await tokens.findById(sha256Hex(refreshToken)).lean()) as RefreshToken | null;
      if (token) await log.change((change) => endThese(token.agent, [token.session], undefined, change));
    },

    async end(id, agent) {
      await log.change(async (change) => {
        if (!(await getAlive(id, agent, change.session))) throw fail("session.not-found");
        await endThese(agent, [id], undefined, change);
      });
    },

    async endAll(agent, { except, change } = {}) {
      if (change) await endThese(agent, null, except, change);
      else await log.change((own) => endThese(agent, null, except, own));
    },

    async list(agent, current) {
      const rows = (await sessions.find(alive(agent)).sort({ usedAt: -1 }).limit(100).lean()) as StoredSession[];
      return rows.map(({ _id, userAgent, address, createdAt, usedAt, expiresAt }) => ({
        id: _id,
        device: deviceOf(userAgent),
        address,
        createdAt: createdAt.toISOString(),
        usedAt: usedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        isCurrent: _id === current,
      }));
    },
  };
}
