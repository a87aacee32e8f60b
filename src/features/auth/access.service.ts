/**
 * Who a bearer speaks for. Asked on every request, so the answer is remembered for a moment; whatever changes it (a session, a key, a
 * role, an agent) is an event, and takes it out of memory: with its commit here, and in other processes once they have read the log.
 */
import { type Actor, SYSTEM } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { sha256Hex } from "../../core/id";
import { TtlMap } from "../../core/ttl-map";
import type { DurableEvent } from "../../events/catalog";
import type { News } from "../../events/news";
import type { Agent } from "../agents/agent.model";
import type { AgentService } from "../agents/agent.service";
import type { ApiKeyService } from "../api-keys/api-key.service";
import type { RoleService } from "../roles/role.service";
import type { AccessClaims } from "./auth.schema";
import type { SessionService } from "./session.service";

export interface Access {
  actor: Actor;
  /** Null for API keys. */
  agent: Agent | null;
  session: string | null;
  /** Milliseconds: then the bearer no longer counts. */
  endsAt: number;
}

/** The part of the JWT plugin that is needed. */
export interface TokenReader {
  verify(token: string, options: { currentDate: Date }): Promise<AccessClaims | false>;
}

export interface AccessService {
  /** How often something has changed: an answer that was looked up meanwhile may be an old one. */
  readonly changes: number;
  /** Throws `auth.invalid-token`. */
  authenticate(bearer: string, reader: TokenReader): Promise<Access>;
  /** The actor an agent is now. */
  actorOf(agent: Agent): Actor;
  /** Somebody as they are now, for work that goes on after their request; null when they may do nothing any more. */
  findActor(who: Pick<Actor, "kind" | "id">): Promise<Actor | null>;
  /** Calls back when somebody may have lost or got something; nobody named: it may be about everybody. */
  onChange(listener: (change: AccessChange) => void): () => void;
  start(): void;
  stop(): void;
}

export interface AccessChange {
  agent?: string;
  sessions?: readonly string[];
  keys?: readonly string[];
}

export interface AccessDeps {
  agents: Pick<AgentService, "findActive">;
  roles: Pick<RoleService, "rightsOf" | "learn">;
  sessions: Pick<SessionService, "isAlive">;
  keys: Pick<ApiKeyService, "resolve" | "find" | "touch">;
  news: Pick<News, "listen">;
  clock: Clock;
  /** No other process works on these data: nothing changes unheard. */
  isAlone: boolean;
}

/** What takes an answer out of memory. */
export const ACCESS_EVENTS: readonly DurableEvent[] = [
  "agent:updated",
  "session:ended",
  "api-key:changed",
  "role:updated",
  "role:removed",
];

const REMEMBER_MS = 60_000;
/** The longest that this process may go on with what has ended in another one, should the log not be readable. */
const REMEMBER_AMONG_OTHERS_MS = 2_000;
const MOST_REMEMBERED = 20_000;
export const KEY_PREFIX = "ck_";

export function createAccessService({ agents, roles, sessions, keys, news, clock, isAlone }: AccessDeps): AccessService {
  const ttlMs = isAlone ? REMEMBER_MS : REMEMBER_AMONG_OTHERS_MS;
  const known = new TtlMap<string, Access>({ ttlMs, maxEntries: MOST_REMEMBERED, clock });
  const listeners = new Set<(change: AccessChange) => void>();
  let changes = 0;
  let unsubscribe = () => {};

  function actorOf({ _id, name, role, teams = [] }: Agent): Actor {
    return { kind: "agent", id: _id, name, role, ...roles.rightsOf(role), teams: [...teams] };
  }

  function forget(change: AccessChange): void {
    changes++;
    // Changes are rare, and a few thousand entries are soon looked up again.
    known.clear();
    for (const listener of listeners) listener(change);
  }

  async function lookUp(bearer: string, reader: TokenReader): Promise<Access> {
    if (bearer.startsWith(KEY_PREFIX)) {
      const found = await keys.resolve(bearer);
      if (!found) throw fail("auth.invalid-token");
      return { ...found, agent: null, session: null };
    }
    const claims = await reader.verify(bearer, { currentDate: new Date(clock.now()) });
    if (!claims) throw fail("auth.invalid-token");
    const [agent, isAlive] = await Promise.all([agents.findActive(claims.sub), sessions.isAlive(claims.sid, claims.sub)]);
    if (!agent || !isAlive) throw fail("auth.invalid-token");
    await roles.learn(agent.role);
    return { actor: actorOf(agent), agent, session: claims.sid, endsAt: claims.exp * 1000 };
  }

  return {
    actorOf,
    get changes() {
      return changes;
    },

    async findActor({ kind, id }) {
      if (kind === "system") return SYSTEM;
      if (kind === "key") return keys.find(id);
      const agent = await agents.findActive(id);
      if (!agent) return null;
      await roles.learn(agent.role);
      return actorOf(agent);
    },

    async authenticate(bearer, reader) {
      const digest = sha256Hex(bearer);
      const remembered = known.get(digest);
      const before = changes;
      const access = remembered ?? (await lookUp(bearer, reader));
      if (access.endsAt <= clock.now()) throw fail("auth.invalid-token");
      if (!remembered && before === changes) known.set(digest, access);
      if (access.actor.kind === "key") keys.touch(access.actor.id);
      return access;
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    start() {
      unsubscribe = news.listen((told) => {
        if (told?.event === "agent:updated") forget({ agent: (told.data.agent as { id: string }).id });
        else if (told?.event === "session:ended") forget({ sessions: told.data.sessions as string[] });
        else if (told?.event === "api-key:changed") forget({ keys: told.data.keys as string[] });
        else forget({});
      });
    },

    stop() {
      unsubscribe();
      known.clear();
    },
  };
}
