/**
 * Delivers the events of one endpoint, one after the other in the order of their sequence, each until it has been taken. How far it
 * has come is stored after the calls, so a crash in between repeats some of them under the same id; none is left out. Lanes share
 * nothing: a slow endpoint keeps nobody waiting but itself.
 */
import type { Clock, Timer } from "../../core/clock";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import { backoffMs } from "../../core/retry";
import type { DurableEvent } from "../../events/catalog";
import type { EventModel } from "../../events/event.model";
import { createFollower, type FollowedEvent, type FollowerDeps } from "../../events/follower";
import type { CallOutcome, CallWebhook, WebhookMessage } from "./webhook-call";
import type { WebhookDelivery, WebhookDeliveryModel } from "./webhook-delivery.model";
import type { WebhookEndpoint, WebhookEndpointModel } from "./webhook-endpoint.model";
import { isWithin } from "./webhook-event";

export interface WebhookLane {
  start(): void;
  /** Leaves the call it is at; it is repeated after the next start. */
  stop(): Promise<void>;
}

export interface WebhookLaneDeps extends FollowerDeps {
  events: EventModel;
  endpoints: WebhookEndpointModel;
  deliveries: WebhookDeliveryModel;
  call: CallWebhook;
  secretsOf: (endpoint: WebhookEndpoint) => string[];
  clock: Clock;
  log: Log;
}

const BACKOFF = { baseMs: 1_000, factor: 2, maxMs: 3_600_000 };
/** An endpoint that has failed that long has a fault that only people can mend. The log still reaches back further. */
export const PAUSE_AFTER_MS = 3 * 86_400_000;
/** So many calls, or that much time, may be repeated after a crash. */
const KEEP_EVERY = 20;
const KEEP_EVERY_MS = 500;
/** Events it did not want move the position, which is stored now and then only. */
const KEEP_IDLE_MS = 10_000;

/** Thrown to leave the follower: somebody else decides what happens next. */
class LaneLeft extends Error {}

type Progress = Partial<Omit<WebhookEndpoint, "_id">>;

export function createWebhookLane(deps: WebhookLaneDeps, endpoint: WebhookEndpoint): WebhookLane {
  const { events, endpoints, deliveries, call, secretsOf, clock, log } = deps;
  const left = new AbortController();
  let { failures, failingSince, nextAttemptAt } = endpoint;
  let position = endpoint.position;
  let made: WebhookDelivery[] = [];
  let keptAt = clock.monotonic();

  const follower = createFollower(deps, {
    name: `the webhook ${endpoint.name}`,
    events: endpoint.events as DurableEvent[],
    position: async () => position,
    apply,
    lost: skipLost,
  });

  async function apply(batch: readonly FollowedEvent[], upTo: number): Promise<void> {
    for (const event of batch) {
      if (isWithin(endpoint.teams, event)) await deliver(event);
      position = event.seq;
      if (made.length >= KEEP_EVERY || (made.length > 0 && clock.monotonic() - keptAt >= KEEP_EVERY_MS)) await keep();
    }
    position = upTo;
    if (made.length > 0 || clock.monotonic() - keptAt >= KEEP_IDLE_MS) await keep();
  }

  async function deliver(event: FollowedEvent): Promise<void> {
    const message = messageOf(event);
    for (;;) {
      if (nextAttemptAt) await rest(nextAttemptAt.getTime() - clock.now());
      const outcome = await call(endpoint.url, secretsOf(endpoint), message, left.signal);
      if (left.signal.aborted) throw new LaneLeft();
      made.push(entryOf(endpoint._id, event, message.id, failures + 1, outcome, clock.now()));
      if (outcome.isDelivered) return succeed();
      await failed(outcome);
    }
  }

  async function succeed(): Promise<void> {
    if (failures === 0) return;
    [failures, failingSince, nextAttemptAt] = [0, null, null];
    await keep({ lastError: null });
  }

  async function failed(outcome: CallOutcome): Promise<void> {
    const now = clock.now();
    failures++;
    failingSince ??= new Date(now);
    nextAttemptAt = new Date(now + Math.max(backoffMs(failures, BACKOFF), outcome.retryAfterMs ?? 0));
    const lastError = outcome.error ?? "";
    if (outcome.isGone)
      return leave({ state: "disabled", reason: "It answered 410: it does not want to be called again.", lastError });
    if (now - failingSince.getTime() >= PAUSE_AFTER_MS)
      return leave({ state: "paused", reason: "Nothing could be delivered for three days.", lastError });
    await keep({ lastError });
  }

  async function leave(change: Progress): Promise<never> {
    log.warn("an outgoing webhook has stopped", { endpoint: endpoint._id, reason: change.reason ?? "" });
    await keep({ ...change, nextAttemptAt: null });
    void stop();
    throw new LaneLeft();
  }

  /** Stores how far it has come, together with what it has done since. */
  async function keep(change: Progress = {}): Promise<void> {
    if (made.length > 0) await deliveries.collection.insertMany(made as never[], { ordered: false });
    const deliveredAt = made.findLast(({ isDelivered }) => isDelivered)?.at;
    made = [];
    keptAt = clock.monotonic();
    const { matchedCount } = await endpoints.collection.updateOne(
      { _id: endpoint._id as never, generation: endpoint.generation },
      { $set: { position, failures, failingSince, nextAttemptAt, ...(deliveredAt ? { deliveredAt } : {}), ...change } as never },
    );
    // People have changed or removed it meanwhile: a new lane begins where they said.
    if (matchedCount === 0) {
      void stop();
      throw new LaneLeft();
    }
  }

  /** The log no longer reaches back to the position: what is gone is said, and the rest is delivered. */
  async function skipLost(newest: number): Promise<void> {
    const oldest = (await events.findOne({}, { _id: 1 }).sort({ _id: 1 }).lean())?._id ?? newest + 1;
    const isOtherLog = position > newest;
    const missed = { from: position + 1, to: oldest - 1, at: new Date(clock.now()) };
    position = isOtherLog ? newest : Math.max(position, oldest - 1);
    if (!isOtherLog) log.warn("events were gone before a webhook came to them", { endpoint: endpoint._id, ...missed });
    await keep(isOtherLog || missed.to < missed.from ? {} : { missed });
  }

  async function rest(ms: number): Promise<void> {
    let timer: Timer | null = null;
    await new Promise<void>((resolve) => {
      timer = clock.timer(ms, resolve);
      left.signal.addEventListener("abort", () => resolve(), { once: true });
      if (left.signal.aborted) resolve();
    });
    (timer as Timer | null)?.cancel();
    if (left.signal.aborted) throw new LaneLeft();
  }

  async function stop(): Promise<void> {
    left.abort();
    await follower.stop();
  }

  return { start: () => follower.start(), stop };
}

/** The body is what the log holds: the same text at every try. */
export function messageOf({ seq, event, json, at }: FollowedEvent): WebhookMessage {
  const timestamp = at.toISOString();
  const head = JSON.stringify({ type: event, timestamp, sequence: seq });
  // A restored backup numbers other events alike: the time keeps them apart.
  return { id: `evt_${seq}_${at.getTime().toString(36)}`, body: `${head.slice(0, -1)},"data":${json}}` };
}

export const entryOf = (
  endpoint: string,
  { event, seq }: { event: string; seq: number | null },
  delivery: string,
  attempt: number,
  { isDelivered, status, ms, answer, error }: CallOutcome,
  now: number,
): WebhookDelivery => ({
  _id: newId(now),
  endpoint,
  kind: seq === null ? "test" : "event",
  delivery,
  event,
  seq,
  attempt,
  isDelivered,
  status,
  ms,
  answer,
  error,
  at: new Date(now),
});
