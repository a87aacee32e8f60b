/**
 * Keys for other systems. A key may do what it was given, as long as its owner may: it shrinks with their role and ends with them.
 */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import { can } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import { newId, newSecret, sha256Hex } from "../../core/id";
import type { Log } from "../../core/log";
import { decodeCursor, type Page, toPage } from "../../core/page";
import { TtlMap } from "../../core/ttl-map";
import type { Change, EventLog } from "../../events/log";
import type { AgentService } from "../agents/agent.service";
import { isWider, type RoleService } from "../roles/role.service";
import type { ApiKey, ApiKeyModel } from "./api-key.model";
import type { ApiKeyQuery, ApiKeyView, NewApiKey } from "./api-key.schema";

export interface ApiKeyService {
  /** Who a key speaks for, and until when; null when it counts no longer. */
  resolve(secret: string): Promise<{ actor: Actor; endsAt: number } | null>;
  /** The same for a key that is known by its id. */
  find(id: string): Promise<Actor | null>;
  /** Notes that it was used, at most once a minute. */
  touch(id: string): void;
  /** The newest first. */
  listKeys(query: ApiKeyQuery): Promise<Page<ApiKeyView>>;
  createKey(key: NewApiKey, actor: Actor): Promise<{ key: ApiKeyView; secret: string }>;
  revokeKey(id: string, actor: Actor): Promise<ApiKeyView>;
  /** The keys of somebody who goes. */
  revokeOf(owner: string, change: Change): Promise<void>;
}

export interface ApiKeyDeps {
  keys: ApiKeyModel;
  agents: Pick<AgentService, "findActive" | "hold">;
  roles: Pick<RoleService, "rightsOf" | "learn">;
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
  logger: Log;
}

const PREFIX = "ck_";
const HINT_LENGTH = 8;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 365;
const TOUCH_MS = 60_000;

export function createApiKeyService({ keys, agents, roles, audit, log, clock, logger }: ApiKeyDeps): ApiKeyService {
  const touched = new TtlMap<string, true>({ ttlMs: TOUCH_MS, maxEntries: 10_000, clock });
  const view = (key: ApiKey) => toApiKeyView(key, clock.now());

  async function revoke(found: readonly ApiKey[], change: Change): Promise<Date> {
    const revokedAt = new Date(clock.now());
    const ids = found.map(({ _id }) => _id);
    await keys.collection.updateMany(
      { _id: { $in: ids as never[] } },
      { $set: { revokedAt } as never },
      { session: change.session },
    );
    change.emit("api-key:changed", { keys: ids });
    return revokedAt;
  }

  /** Whom a key speaks for now; null when it counts no longer. */
  async function actorOf(key: ApiKey | null): Promise<Actor | null> {
    if (!key || key.revokedAt || (key.expiresAt && key.expiresAt.getTime() <= clock.now())) return null;
    const owner = await agents.findActive(key.owner);
    if (!owner) return null;
    await roles.learn(owner.role);
    const rights = roles.rightsOf(owner.role);
    return {
      kind: "key",
      id: key._id,
      name: key.name,
      role: owner.role,
      permissions: new Set(key.permissions.filter((one) => rights.permissions.has(one))),
      reach: isWider(key.reach, rights.reach) ? rights.reach : key.reach,
      teams: [...(owner.teams ?? [])],
    };
  }

  return {
    async resolve(secret) {
      const key = (await keys.findOne({ hash: sha256Hex(secret) }).lean()) as ApiKey | null;
      const actor = await actorOf(key);
      return actor && { actor, endsAt: key?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY };
    },

    find: async (id) => actorOf((await keys.findById(id).lean()) as ApiKey | null),

    touch(id) {
      if (touched.has(id)) return;
      touched.set(id, true);
      keys.updateOne({ _id: id }, { $set: { lastUsedAt: new Date(clock.now()) } }).catch((error: unknown) => {
        // The store is away for a moment. It is noted with a later use.
        touched.delete(id);
        logger.debug("the use of a key was not noted", { key: id, reason: describeError(error) });
      });
    },

    async listKeys({ limit, cursor }) {
      const [last] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const rows = await keys
        .find(last ? { _id: { $lt: last as string } } : {})
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as ApiKey[], limit, view, ({ _id }) => [_id]);
    },

    async createKey({ name, permissions, reach, days = DEFAULT_DAYS }, actor) {
      if (actor.kind !== "agent") throw fail("auth.person-only");
      const beyond = permissions.filter((one) => !can(actor, one));
      if (beyond.length > 0)
        throw fail("auth.cannot-grant", { details: beyond.map((message) => ({ path: "body.permissions", message })) });
      const wanted = reach ?? actor.reach;
      if (isWider(wanted, actor.reach)) throw fail("auth.cannot-grant", { details: [{ path: "body.reach", message: wanted }] });
      const secret = PREFIX + newSecret();
      const now = clock.now();
      const key: ApiKey = {
        _id: newId(now),
        name: name.trim(),
        hash: sha256Hex(secret),
        hint: secret.slice(0, HINT_LENGTH),
        owner: actor.id,
        permissions,
        reach: wanted,
        createdAt: new Date(now),
        expiresAt: days === null ? null : new Date(now + days * DAY_MS),
        lastUsedAt: null,
        revokedAt: null,
      };
      await log.change(async (change) => {
        // Shut out since the request was let in: their keys have ended with one commit, and this one would stay.
        if (!(await agents.hold({ _id: actor.id }, change))) throw fail("auth.invalid-token");
        await keys.collection.insertOne(key as never, { session: change.session });
        await audit.record(change, { actor, action: "api-key.create", target: target(key), after: view(key) });
        change.emit("api-key:changed", { keys: [key._id] });
      });
      return { key: view(key), secret };
    },

    async revokeKey(id, actor) {
      return log.change(async (change) => {
        const key = (await keys.findById(id, null, { session: change.session }).lean()) as ApiKey | null;
        if (!key) throw fail("api-key.not-found");
        if (key.revokedAt) return view(key);
        const revokedAt = await revoke([key], change);
        await audit.record(change, { actor, action: "api-key.revoke", target: target(key) });
        return view({ ...key, revokedAt });
      });
    },

    async revokeOf(owner, change) {
      const found = (await keys.find({ owner, revokedAt: null }, null, { session: change.session }).lean()) as ApiKey[];
      if (found.length > 0) await revoke(found, change);
    },
  };
}

const target = ({ _id, name }: ApiKey) => ({ kind: "api-key", id: _id, name });

const toApiKeyView = (key: ApiKey, now: number): ApiKeyView => ({
  id: key._id,
  name: key.name,
  hint: key.hint,
  owner: key.owner,
  permissions: [...key.permissions],
  reach: key.reach,
  state: key.revokedAt ? "revoked" : key.expiresAt && key.expiresAt.getTime() <= now ? "expired" : "active",
  createdAt: key.createdAt.toISOString(),
  expiresAt: key.expiresAt?.toISOString() ?? null,
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
});
