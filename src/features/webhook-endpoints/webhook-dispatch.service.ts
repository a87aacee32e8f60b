/**
 * Keeps one lane running for each active endpoint. Where several processes share the store, one of them delivers for an endpoint at
 * a time: a lease says which.
 */
import type { Clock, Timer } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { WebhookEndpoint } from "./webhook-endpoint.model";
import { createWebhookLane, type WebhookLane, type WebhookLaneDeps } from "./webhook-lane";

export interface WebhookDispatchService {
  start(): void;
  stop(): Promise<void>;
}

export interface WebhookDispatchDeps extends WebhookLaneDeps {
  /** Names this process. */
  owner: string;
  clock: Clock;
}

export const MOST_ENDPOINTS = 50;
const LOOK_EVERY_MS = 5_000;
const LEASE_MS = 30_000;

export function createWebhookDispatch(deps: WebhookDispatchDeps): WebhookDispatchService {
  const { endpoints, bus, isAlone, owner, clock, log } = deps;
  const lanes = new Map<string, { generation: number; lane: WebhookLane }>();
  let unsubscribe = () => {};
  let timer: Timer | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let isStopped = false;

  /** Whether it is this process that delivers. */
  async function holds(endpoint: WebhookEndpoint): Promise<boolean> {
    if (isAlone) return true;
    const now = clock.now();
    const lease = { owner, until: new Date(now + LEASE_MS) };
    const free = [{ lease: null }, { "lease.owner": owner }, { "lease.until": { $lt: new Date(now) } }];
    const { matchedCount } = await endpoints.collection.updateOne(
      { _id: endpoint._id as never, $or: free },
      { $set: { lease } as never },
    );
    return matchedCount === 1;
  }

  async function leave(id: string): Promise<void> {
    const known = lanes.get(id);
    lanes.delete(id);
    await known?.lane.stop();
  }

  async function look(): Promise<void> {
    const rows = (await endpoints.find({}).limit(MOST_ENDPOINTS).lean()) as WebhookEndpoint[];
    const active = new Map(rows.filter(({ state }) => state === "active").map((row) => [row._id, row]));
    for (const id of lanes.keys()) if (!active.has(id)) await leave(id);
    for (const endpoint of active.values()) {
      if (isStopped) return;
      const known = lanes.get(endpoint._id);
      if (!(await holds(endpoint))) await leave(endpoint._id);
      else if (known?.generation !== endpoint.generation) {
        await leave(endpoint._id);
        // Its position may have moved while the lane before came to its end.
        const fresh = (await endpoints.findById(endpoint._id).lean()) as WebhookEndpoint | null;
        if (fresh?.state !== "active") continue;
        const lane = createWebhookLane(deps, fresh);
        lanes.set(fresh._id, { generation: fresh.generation, lane });
        lane.start();
      }
    }
  }

  function soon(): void {
    again = true;
    if (running || isStopped) return;
    timer?.cancel();
    again = false;
    running = look()
      .catch((error: unknown) => {
        // The store is away for a moment.
        log.warn("the outgoing webhooks could not be looked at", { reason: describeError(error) });
        again = false;
        timer = clock.timer(LOOK_EVERY_MS, soon);
      })
      .finally(() => {
        running = null;
        if (again) soon();
        else if (!isAlone && !isStopped) timer = clock.timer(LOOK_EVERY_MS, soon);
      });
  }

  return {
    start() {
      unsubscribe = bus.subscribe(({ event }) => {
        if (event === "webhook-endpoint:changed") soon();
      });
      soon();
    },
    async stop() {
      isStopped = true;
      unsubscribe();
      timer?.cancel();
      await running;
      await Promise.all([...lanes.values()].map(({ lane }) => lane.stop()));
      lanes.clear();
    },
  };
}
