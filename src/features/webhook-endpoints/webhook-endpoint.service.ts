/** The rules of outgoing webhooks: where they go, what they carry, with which secret, and from which event on. */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { UrlGuard } from "../../core/url-guard";
import type { EventBus } from "../../events/bus";
import { durableEvents } from "../../events/catalog";
import type { EventModel } from "../../events/event.model";
import type { Change, EventLog } from "../../events/log";
import { type CallWebhook, TIMEOUT_MS } from "./webhook-call";
import type { WebhookDelivery, WebhookDeliveryModel } from "./webhook-delivery.model";
import { MOST_ENDPOINTS } from "./webhook-dispatch.service";
import type { SigningSecret, WebhookEndpoint, WebhookEndpointModel } from "./webhook-endpoint.model";
import type {
  DeliveryQuery,
  DeliveryView,
  EndpointPatch,
  EndpointView,
  NewEndpoint,
  ResumeBody,
} from "./webhook-endpoint.schema";
import { eventsBeyond, permissionOf, SENT_EVENTS } from "./webhook-event";
import { entryOf } from "./webhook-lane";
import { newSigningSecret } from "./webhook-sign";

export interface WebhookEndpointService {
  listEndpoints(): Promise<EndpointView[]>;
  getEndpoint(id: string): Promise<EndpointView>;
  /** Throws `auth.cannot-grant` for events the actor may not see, `url.refused` for an address that may not be reached. */
  createEndpoint(endpoint: NewEndpoint, actor: Actor): Promise<{ endpoint: EndpointView; secret: string }>;
  patchEndpoint(id: string, patch: EndpointPatch, actor: Actor): Promise<EndpointView>;
  removeEndpoint(id: string, actor: Actor): Promise<void>;
  /** A new secret; the old ones sign along for `hours`. */
  rotateSecret(id: string, hours: number, actor: Actor): Promise<{ endpoint: EndpointView; secret: string }>;
  pause(id: string, actor: Actor): Promise<EndpointView>;
  resume(id: string, from: ResumeBody["from"], actor: Actor): Promise<EndpointView>;
  /** Sends everything from this sequence on once more. Throws `webhook-endpoint.too-old` when the log begins later. */
  replay(id: string, from: number, actor: Actor): Promise<EndpointView>;
  /** Calls the endpoint at once, whatever its state, and tells what came of it. */
  sendTest(id: string, actor: Actor): Promise<DeliveryView>;
  listDeliveries(id: string, query: DeliveryQuery): Promise<Page<DeliveryView>>;
  listEvents(): { event: string; permission: string; data: unknown }[];
}

/** Locks the secrets; see the credential box. */
export interface SecretBox {
  lock(value: object, owner: string): string;
  open(locked: string, owner: string): unknown;
}

export interface WebhookEndpointDeps {
  endpoints: WebhookEndpointModel;
  deliveries: WebhookDeliveryModel;
  events: EventModel;
  bus: EventBus;
  guard: UrlGuard;
  box: SecretBox;
  call: CallWebhook;
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
}

const HOUR_MS = 3_600_000;
const MOST_SECRETS = 2;
const HEALTHY = { failures: 0, failingSince: null, nextAttemptAt: null, lastError: null } satisfies Partial<WebhookEndpoint>;

const ownerOf = (id: string): string => `webhook:${id}`;

/** The secrets that sign now, the newest first. Those that cannot be opened, because the key was changed, sign no more. */
export function secretsOf({ _id, secrets }: WebhookEndpoint, box: SecretBox, now: number): string[] {
  return secrets
    .filter(({ endsAt }) => endsAt === null || endsAt.getTime() > now)
    .map(({ sealed }) => box.open(sealed, ownerOf(_id)) as { secret: string } | null)
    .flatMap((opened) => (opened ? [opened.secret] : []));
}

export function createWebhookEndpointService(deps: WebhookEndpointDeps): WebhookEndpointService {
  const { endpoints, deliveries, events, bus, guard, box, call, audit, log, clock } = deps;
  const view = (endpoint: WebhookEndpoint) => toEndpointView(endpoint, bus.seq);

  async function find(id: string, session?: ClientSession): Promise<WebhookEndpoint> {
    const found = await endpoints.findById(id, null, session ? { session } : {}).lean();
    if (!found) throw fail("webhook-endpoint.not-found");
    return found as WebhookEndpoint;
  }

  function assertMaySee(
    { events: wanted = [], teams }: { events?: readonly string[] | undefined; teams?: string[] | null | undefined },
    actor: Actor,
  ): void {
    const beyond = eventsBeyond(wanted, actor);
    if (beyond.length > 0)
      throw fail("auth.cannot-grant", { details: beyond.map((message) => ({ path: "body.events", message })) });
    const foreign = teams?.filter((team) => actor.reach !== "all" && !actor.teams.includes(team)) ?? [];
    if (foreign.length > 0 || (actor.reach !== "all" && teams === null))
      throw fail("auth.cannot-grant", { details: [{ path: "body.teams", message: "only teams of your own" }] });
  }

  const sealed = (id: string, secret: string): SigningSecret => ({
    sealed: box.lock({ secret }, ownerOf(id)),
    createdAt: new Date(clock.now()),
    endsAt: null,
  });

  /** Every change by people begins a new generation, so that no lane goes on with what it knew before. */
  async function change(
    id: string,
    action: `webhook-endpoint.${string}`,
    actor: Actor,
    fields: (before: WebhookEndpoint, change: Change) => Partial<WebhookEndpoint> | Promise<Partial<WebhookEndpoint>>,
  ): Promise<EndpointView> {
    return log.change(async (one) => {
      const before = await find(id, one.session);
      const updatedAt = new Date(clock.now());
      const changed = { ...(await fields(before, one)), updatedAt, generation: before.generation + 1 };
      await endpoints.collection.updateOne({ _id: id as never }, { $set: changed as never }, { session: one.session });
      const after = { ...before, ...changed };
      // Whoever could not have made it as it is now does not lead it elsewhere either, nor gets its secret; anybody may stop it.
      if (action !== "webhook-endpoint.pause") assertMaySee(after, actor);
      await audit.record(one, { actor, action, target: target(after), before: audited(before), after: audited(after) });
      one.emit("webhook-endpoint:changed", { endpoints: [id] });
      return view(after);
    });
  }

  /** The position from which the event `from` comes next. */
  async function positionBefore(from: number): Promise<number> {
    const oldest = (await events.findOne({}, { _id: 1 }).sort({ _id: 1 }).lean())?._id ?? bus.seq + 1;
    if (from < oldest)
      throw fail("webhook-endpoint.too-old", { details: [{ path: "body.from", message: `the oldest event is ${oldest}` }] });
    return Math.min(from - 1, bus.seq);
  }

  return {
    async listEndpoints() {
      return ((await endpoints.find({}).sort({ _id: 1 }).limit(MOST_ENDPOINTS).lean()) as WebhookEndpoint[]).map(view);
    },

    getEndpoint: async (id) => view(await find(id)),

    async createEndpoint({ name, url, events: wanted, teams = null }, actor) {
      assertMaySee({ events: wanted, teams }, actor);
      await guard.check(url);
      const now = new Date(clock.now());
      const id = newId(clock.now());
      const secret = newSigningSecret();
      const endpoint: WebhookEndpoint = {
        _id: id,
        name: name.trim(),
        url,
        events: wanted,
        teams,
        state: "active",
        reason: null,
        secrets: [sealed(id, secret)],
        position: bus.seq,
        generation: 1,
        ...HEALTHY,
        deliveredAt: null,
        missed: null,
        lease: null,
        createdAt: now,
        updatedAt: now,
      };
      await log.change(async (one) => {
        if ((await endpoints.countDocuments({}, { session: one.session })) >= MOST_ENDPOINTS)
          throw fail("webhook-endpoint.too-many");
        await endpoints.collection.insertOne(endpoint as never, { session: one.session });
        await audit.record(one, { actor, action: "webhook-endpoint.create", target: target(endpoint), after: audited(endpoint) });
        one.emit("webhook-endpoint:changed", { endpoints: [id] });
      });
      return { endpoint: view(endpoint), secret };
    },

    async patchEndpoint(id, patch, actor) {
      assertMaySee(patch, actor);
      if (patch.url !== undefined) await guard.check(patch.url);
      return change(id, "webhook-endpoint.update", actor, () => ({ ...patch, ...(patch.url === undefined ? {} : HEALTHY) }));
    },

    async removeEndpoint(id, actor) {
      await log.change(async (one) => {
        const before = await find(id, one.session);
        await endpoints.collection.deleteOne({ _id: id as never }, { session: one.session });
        await audit.record(one, { actor, action: "webhook-endpoint.remove", target: target(before), before: audited(before) });
        one.emit("webhook-endpoint:changed", { endpoints: [id] });
      });
    },

    async rotateSecret(id, hours, actor) {
      const secret = newSigningSecret();
      const endsAt = new Date(clock.now() + hours * HOUR_MS);
      const endpoint = await change(id, "webhook-endpoint.rotate", actor, ({ secrets }) => {
        const ending = secrets.map((one) => ({ ...one, endsAt: one.endsAt && one.endsAt < endsAt ? one.endsAt : endsAt }));
        return { secrets: [sealed(id, secret), ...ending].slice(0, MOST_SECRETS) };
      });
      return { endpoint, secret };
    },

    pause: (id, actor) =>
      change(id, "webhook-endpoint.pause", actor, () => ({ state: "paused", reason: `${actor.name} has paused it.` })),

    async resume(id, from, actor) {
      const position = from === undefined ? {} : { position: from === "newest" ? bus.seq : await positionBefore(from) };
      return change(id, "webhook-endpoint.resume", actor, () => ({ ...HEALTHY, ...position, state: "active", reason: null }));
    },

    async replay(id, from, actor) {
      const position = await positionBefore(from);
      return change(id, "webhook-endpoint.replay", actor, () => ({ ...HEALTHY, position }));
    },

    async sendTest(id, actor) {
      const endpoint = await find(id);
      const now = clock.now();
      const delivery = `test_${newId(now)}`;
      const data = { endpoint: id, by: actor.id };
      const body = JSON.stringify({ type: "webhook:test", timestamp: new Date(now).toISOString(), sequence: null, data });
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const outcome = await call(endpoint.url, secretsOf(endpoint, box, now), { id: delivery, body }, signal);
      const entry = entryOf(id, { event: "webhook:test", seq: null }, delivery, 1, outcome, clock.now());
      await deliveries.collection.insertOne(entry as never);
      return toDeliveryView(entry);
    },

    async listDeliveries(id, { limit, cursor, result }) {
      await find(id);
      const [last] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const rows = await deliveries
        .find({
          endpoint: id,
          ...(last ? { _id: { $lt: last as string } } : {}),
          ...(result ? { isDelivered: result === "delivered" } : {}),
        })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as WebhookDelivery[], limit, toDeliveryView, ({ _id }) => [_id]);
    },

    listEvents: () =>
      SENT_EVENTS.map((event) => ({
        event,
        permission: permissionOf(event),
        data: JSON.parse(JSON.stringify(durableEvents[event])),
      })),
  };
}

const target = ({ _id, name }: WebhookEndpoint) => ({ kind: "webhook-endpoint", id: _id, name });

/** What the audit log keeps of it. */
const audited = ({ name, url, events, teams, state, position, secrets }: WebhookEndpoint) => ({
  name,
  url,
  events,
  teams,
  state,
  position,
  signedSince: secrets[0]?.createdAt.toISOString(),
});

const text = (date: Date | null): string | null => date?.toISOString() ?? null;

const toEndpointView = (one: WebhookEndpoint, newest: number): EndpointView => ({
  id: one._id,
  name: one.name,
  url: one.url,
  events: [...one.events],
  teams: one.teams,
  state: one.state === "active" && one.failures > 0 ? "failing" : one.state,
  reason: one.reason,
  position: one.position,
  behind: Math.max(0, newest - one.position),
  failures: one.failures,
  failingSince: text(one.failingSince),
  nextAttemptAt: text(one.nextAttemptAt),
  lastError: one.lastError,
  deliveredAt: text(one.deliveredAt),
  missed: one.missed && { ...one.missed, at: one.missed.at.toISOString() },
  secrets: one.secrets.map(({ createdAt, endsAt }) => ({ createdAt: createdAt.toISOString(), endsAt: text(endsAt) })),
  createdAt: one.createdAt.toISOString(),
  updatedAt: one.updatedAt.toISOString(),
});

const toDeliveryView = ({ _id, seq, at, endpoint: _, ...rest }: WebhookDelivery): DeliveryView => ({
  id: _id,
  ...rest,
  sequence: seq,
  at: at.toISOString(),
});
