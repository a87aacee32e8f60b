/**
 * Who a bearer speaks for. Asked on every request, so the answer is remembered for a moment; whatever changes it (a session, a key, a
 * role, an agent) is an event, and takes it out of memory with its commit.
 */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { sha256Hex } from "../../core/id";
import { TtlMap } from "../../core/ttl-map";
import type { EventBus } from "../../events/bus";
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
  /** Throws `auth.invalid-token`. */
  authenticate(bearer: string, reader: TokenReader): Promise<Access>;
  /** The actor an agent is now. */
  actorOf(agent: Agent): Actor;
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
  roles: Pick<RoleService, "rightsOf">;
  sessions: Pick<SessionService, "isAlive">;
  keys: Pick<ApiKeyService, "resolve" | "touch">;
  bus: EventBus;
  clock: Clock;
  /** No other process works on these data: nothing changes unheard. */
  isAlone: boolean;
}

const REMEMBER_MS = 60_000;
/** The longest that another process may go on with what has ended. */
const REMEMBER_AMONG_OTHERS_MS = 2_000;
const MOST_REMEMBERED = 20_000;
export const KEY_PREFIX = "ck_";

export function createAccessService({ agents, roles, sessions, keys, bus, clock, isAlone }: AccessDeps): AccessService {
  const ttlMs = isAlone ? REMEMBER_MS : REMEMBER_AMONG_OTHERS_MS;
  const known = new TtlMap<string, Access>({ ttlMs, maxEntries: MOST_REMEMBERED, clock });
  const listeners = new Set<(change: AccessChange) => void>();
  /** Counts what has changed: an answer that was looked up meanwhile may be an old one. */
  let generation = 0;
  let unsubscribe = () => {};

  function actorOf({ _id, name, role, teams = [] }: Agent): Actor {
    return { kind: "agent", id: _id, name, role, ...roles.rightsOf(role), teams: [...teams] };
  }

  function forget(change: AccessChange): void {
    generation++;
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
    return { actor: actorOf(agent), agent, session: claims.sid, endsAt: claims.exp * 1000 };
  }

  return {
    actorOf,

    async authenticate(bearer, reader) {
      const digest = sha256Hex(bearer);
      const remembered = known.get(digest);
      const before = generation;
      const access = remembered ?? (await lookUp(bearer, reader));
      if (access.endsAt <= clock.now()) throw fail("auth.invalid-token");
      if (!remembered && before === generation) known.set(digest, access);
      if (access.actor.kind === "key") keys.touch(access.actor.id);
      return access;
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    start() {
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event === "agent:updated") forget({ agent: (data.agent as { id: string }).id });
        else if (event === "session:ended") forget({ sessions: data.sessions as string[] });
        else if (event === "api-key:changed") forget({ keys: data.keys as string[] });
        else if (event === "role:updated" || event === "role:removed") forget({});
      });
    },

    stop() {
      unsubscribe();
      known.clear();
    },
  };
}
