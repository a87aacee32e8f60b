/**
 * Who is here. An agent is online while one of their connections lives and gives signs of life, away when they say so or when all of
 * them have fallen silent, offline when none is left. Several processes tell each other through the store, each for its own connections.
 */
import type { Clock, Timer } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { Neighbours } from "../../core/neighbours";
import type { EventBus } from "../../events/bus";
import type { PresenceView } from "../../events/catalog";
import type { Presence, PresenceModel } from "./presence.model";

export interface PresenceService {
  /** A connection of this agent has opened. */
  connect(agent: string, seat: string): void;
  /** It gives a sign of life. */
  touch(agent: string, seat: string): void;
  disconnect(agent: string, seat: string): void;
  stateOf(agent: string): PresenceView["state"];
  /** Everybody who is not offline, or has said that they are away. */
  list(): PresenceView[];
  /** What somebody says about themselves; kept until they say something else. */
  say(agent: string, state: "online" | "away"): Promise<PresenceView>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface PresenceDeps {
  presences: PresenceModel;
  bus: EventBus;
  neighbours: Neighbours;
  /** This process. */
  owner: string;
  /** No other process has connections. */
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

/** Loading a page anew is not leaving. */
export const GRACE_MS = 10_000;
/** Clients send something every 25 s; the page of a sleeping machine or a hidden tab does not, or more rarely. */
export const SILENT_MS = 120_000;
const LOOK_EVERY_MS = 5_000;
/** A process that has died is believed for so long. */
const LEASE_MS = 45_000;
const RENEW_MS = 15_000;
const LONG_DEAD_MS = 3_600_000;
const LOOK_AT_OTHERS_MS = 2_000;
const TOLD = "presence";

interface Here {
  /** Last sign of life of each connection, in monotonic milliseconds. */
  seats: Map<string, number>;
  leaving: Timer | null;
}

export function createPresenceService(deps: PresenceDeps): PresenceService {
  const { presences, bus, neighbours, owner, isAlone, clock, log } = deps;
  const here = new Map<string, Here>();
  const elsewhere = new Set<string>();
  const away = new Map<string, Date>();
  /** What was told last. */
  const shown = new Map<string, PresenceView>();
  const timers = new Set<Timer>();
  let unlisten = () => {};
  let isStopped = false;
  let storing: Promise<unknown> = Promise.resolve();

  function stateOf(agent: string): PresenceView["state"] {
    const seats = here.get(agent)?.seats;
    if (!seats && !elsewhere.has(agent)) return "offline";
    if (away.has(agent)) return "away";
    if (elsewhere.has(agent)) return "online";
    if (!seats || seats.size === 0) return "online";
    const alive = clock.monotonic() - SILENT_MS;
    return [...seats.values()].some((at) => at > alive) ? "online" : "away";
  }

  function viewOf(agent: string): PresenceView {
    const state = stateOf(agent);
    const before = shown.get(agent);
    const isSame = before?.state === state && before.isAway === away.has(agent);
    return isSame ? before : { agent, state, isAway: away.has(agent), since: new Date(clock.now()).toISOString() };
  }

  /** Tells it when it is new. */
  function show(agent: string): void {
    const view = viewOf(agent);
    const before = shown.get(agent);
    if (view === before || (!before && view.state === "offline" && !view.isAway)) return;
    if (view.state === "offline" && !view.isAway) shown.delete(agent);
    else shown.set(agent, view);
    bus.pass("presence:changed", { presence: view });
  }

  /** Other processes read it in the store. In order, or a later word could be overtaken by an earlier one. */
  function store(agent: string, update: Record<string, unknown>): Promise<void> {
    const insert = { isAway: false, since: new Date(clock.now()) };
    const stored = storing.then(async () => {
      const $set = (update.$set ?? {}) as object;
      const fresh = Object.fromEntries(Object.entries(insert).filter(([name]) => !(name in $set)));
      await presences.collection.updateOne({ _id: agent as never }, { ...update, $setOnInsert: fresh } as never, {
        upsert: true,
      });
      neighbours.tell(TOLD, agent);
    });
    storing = stored.catch(() => {});
    return stored;
  }

  const storeSeat = (agent: string, isHere: boolean) => {
    if (isAlone) return;
    const update = isHere
      ? { $set: { [`seats.${owner}`]: new Date(clock.now() + LEASE_MS) } }
      : { $unset: { [`seats.${owner}`]: "" } };
    store(agent, update).catch((error: unknown) =>
      // Told again with the next renewal, or forgotten by itself.
      log.warn("other processes could not be told who is here", { reason: describeError(error) }),
    );
  };

  function take({ _id, isAway, since, seats = {} }: Presence): void {
    if (isAway) away.set(_id, since);
    else away.delete(_id);
    const isElsewhere = Object.entries(seats).some(([process, until]) => process !== owner && until.getTime() > clock.now());
    if (isElsewhere && !isAlone) elsewhere.add(_id);
    else elsewhere.delete(_id);
    show(_id);
  }

  async function lookAtOthers(agent?: string): Promise<void> {
    const rows = (await presences.collection.find((agent ? { _id: agent } : {}) as never).toArray()) as unknown as Presence[];
    for (const row of rows) take(row);
  }

  /** Processes that died long ago left their names. */
  async function tidy(): Promise<void> {
    const rows = (await presences.collection.find({}).toArray()) as unknown as Presence[];
    for (const { _id, seats = {} } of rows) {
      const dead = Object.entries(seats).filter(([, until]) => until.getTime() < clock.now() - LONG_DEAD_MS);
      if (dead.length === 0) continue;
      const $unset = Object.fromEntries(dead.map(([process]) => [`seats.${process}`, ""]));
      await presences.collection.updateOne({ _id: _id as never }, { $unset } as never);
    }
  }

  function renew(): Promise<unknown> {
    const agents = [...here.keys()];
    if (agents.length === 0) return Promise.resolve();
    return presences.collection.updateMany(
      { _id: { $in: agents as never[] } },
      { $set: { [`seats.${owner}`]: new Date(clock.now() + LEASE_MS) } as never },
    );
  }

  /** Again and again until the end; a failure is told and tried again with the next round. */
  function every(ms: number, work: () => unknown): void {
    const timer = clock.timer(ms, async () => {
      timers.delete(timer);
      try {
        await work();
      } catch (error) {
        // The store is away for a moment.
        log.warn("who is here could not be exchanged with other processes", { reason: describeError(error) });
      }
      if (!isStopped) every(ms, work);
    });
    timers.add(timer);
  }

  return {
    connect(agent, seat) {
      const known = here.get(agent) ?? { seats: new Map(), leaving: null };
      known.leaving?.cancel();
      known.leaving = null;
      known.seats.set(seat, clock.monotonic());
      if (!here.has(agent)) {
        here.set(agent, known);
        storeSeat(agent, true);
      }
      show(agent);
    },

    touch(agent, seat) {
      const seats = here.get(agent)?.seats;
      if (!seats?.has(seat)) return;
      seats.set(seat, clock.monotonic());
      if (shown.get(agent)?.state === "away") show(agent);
    },

    disconnect(agent, seat) {
      const known = here.get(agent);
      if (!known?.seats.delete(seat) || known.seats.size > 0 || isStopped) return;
      known.leaving = clock.timer(GRACE_MS, () => {
        here.delete(agent);
        storeSeat(agent, false);
        show(agent);
      });
    },

    stateOf,
    list: () => [...shown.keys()].map(viewOf),

    async say(agent, state) {
      const isAway = state === "away";
      if (away.has(agent) !== isAway) {
        const since = new Date(clock.now());
        await store(agent, { $set: { isAway, since } });
        if (isAway) away.set(agent, since);
        else away.delete(agent);
        show(agent);
      }
      return viewOf(agent);
    },

    async start() {
      await tidy();
      await lookAtOthers();
      every(LOOK_EVERY_MS, () => {
        for (const agent of here.keys()) show(agent);
      });
      if (isAlone) return;
      unlisten = neighbours.listen(TOLD, (agent: string) => {
        lookAtOthers(agent).catch((error: unknown) =>
          // It is looked at again in a moment.
          log.debug("a presence could not be read", { reason: describeError(error) }),
        );
      });
      every(LOOK_AT_OTHERS_MS, () => lookAtOthers());
      every(RENEW_MS, renew);
    },

    async stop() {
      isStopped = true;
      unlisten();
      for (const timer of timers) timer.cancel();
      for (const { leaving } of here.values()) leaving?.cancel();
      await storing;
      if (!isAlone && here.size > 0)
        await presences.collection.updateMany({ _id: { $in: [...here.keys()] as never[] } }, {
          $unset: { [`seats.${owner}`]: "" },
        } as never);
    },
  };
}
