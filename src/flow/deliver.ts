/**
 * Sends what is queued, lane by lane, each in its order. Decides which lane moves when: some are walked at once, the others wait
 * for their turn, for a time, or for their number's line to recover. A crash leaves `sending` behind, which is settled, never
 * blindly repeated.
 */
import { throughputOf } from "../channels/whatsapp/pace";
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { Message } from "../features/messages/message.model";
import type { DeliveryService, Due } from "../features/messages/message-delivery.service";
import type { ChannelRuntime } from "./channel-runtime";
import type { Lanes } from "./lane";
import type { Learn } from "./learn";
import { createLines } from "./line";
import { createSend } from "./send";
import { createSettle } from "./settle";
import type { Trace } from "./trace";

export interface DeliverDeps {
  deliveries: DeliveryService;
  conversations: ConversationService;
  lanes: Lanes;
  learn: Learn;
  findChannel: (id: string) => ChannelRuntime | null;
  /** A refusal that is about the number and not about the message: an administrator has to know. */
  onNumberInTrouble: (channel: string, reason: string) => void;
  settleMs: number;
  /** Since when WhatsApp finds our webhook open without a break, on the clock that never goes back. */
  reachableSince: () => number;
  /** Whether something accepted before this time (wall clock) still waits to be processed. */
  isBehind: (at: number) => Promise<boolean>;
  /** WhatsApp told us the id of a sent message: statuses that came before it can be applied. */
  onSent: (channel: string, wamid: string) => void;
  clock: Clock;
  log: Log;
  trace: Trace;
}

export interface Deliver {
  /** Something is queued in this lane. Cheap to call often. */
  wake(lane: string): void;
  /** Messages came in on a number: WhatsApp's throughput counts both directions. */
  received(channel: string, count: number): void;
  /** Meta has told about a number: the level of its throughput, and whether it takes the token. */
  toldNumber(channel: string, news: { throughput: string | null; isTokenValid: boolean | null }): void;
  /**
   * Wakes lanes that are due and that nobody looks after: the next page of them, beginning anew behind the last. Says whether there
   * are more.
   */
  rebuild(): Promise<boolean>;
  /** Finishes the calls in flight; what is still queued stays stored. */
  stop(): Promise<void>;
}

const LANE_HELD_MS = 1_000;
const REBUILD_LIMIT = 1_000;
/** Lanes walked at the same time: enough for 1,000 messages a second at Meta's 100 ms, below the connections a client opens. */
const MOST_AT_ONCE = 100;
/** How often a cut line is looked at; its breaker decides whether the look becomes a call. */
const PROBE_MS = 500;
const AFTER_FAILURE_MS = 2_000;
/** A time that is farther away is looked at in between: the clock that set it may have been wrong. */
const LONGEST_ALARM_MS = 60_000;

type Next = "sent" | "continue" | "idle" | { waitUntil: number } | { parked: string };

export function createDeliver(deps: DeliverDeps): Deliver {
  const { deliveries, lanes, clock, log } = deps;
  const running = new Map<string, { again: boolean; finished: Promise<void> }>();
  /** Lanes with something to do that wait for one of the others to end, with the time of their alarm. */
  const ready = new Map<string, number>();
  const alarms = new Map<string, Timer>();
  /** Lanes of numbers whose line is cut, by number. */
  const parked = new Map<string, Set<string>>();
  let stopped = false;
  /** Where the next page of due messages begins. */
  let seen: Due | undefined;

  const lineOf = createLines({
    clock,
    log,
    toldThroughput: (channel) => throughputOf(deps.findChannel(channel)?.throughput),
    onRecovered: (channel) => unpark(channel),
  });
  const settle = createSettle({ ...deps, lineOf });
  const sender = createSend({ ...deps, settle, lineOf });

  /** `at`: the time of the alarm that rang, if one did. It counted by the clock that never jumps, so it is believed. */
  async function walk(lane: string, at: number): Promise<void> {
    for (;;) {
      if (stopped) return;
      if (!(await lanes.hold(lane))) return setAlarm(lane, clock.now() + LANE_HELD_MS);
      const [message, following] = await deliveries.listNext(lane);
      if (!message) return;
      const next = await step(message, Math.max(clock.now(), at));
      // What was queued since then has woken this lane again.
      if (next === "idle" || (next === "sent" && !following)) return;
      if (next === "sent" || next === "continue") continue;
      return "parked" in next ? park(lane, next.parked) : setAlarm(lane, next.waitUntil);
    }
  }

  async function step(message: Message, now: number): Promise<Next> {
    const dueAt = message.delivery?.dueAt?.getTime() ?? 0;
    const plannedAt = (message.delivery?.intentAt ?? message.createdAt).getTime();
    // What was queued for at once is due, and so is everything whose plan was made by a clock that was set back since.
    const isDue = dueAt <= now || dueAt <= message.createdAt.getTime() || plannedAt > clock.now();
    switch (message.delivery?.state) {
      case "queued": {
        if (!isDue) return { waitUntil: dueAt };
        const result = await sender.send(message, lanes.fence(message.lane));
        if (result === "sent") return "sent";
        if (result === "done") return "continue";
        return "parked" in result ? { parked: message.channel } : result;
      }
      case "sending":
        if (sender.isInFlight(message._id)) return "idle";
        await settle.begin(message, "the process ended during the call");
        return "continue";
      case "unknown":
        if (!isDue) return { waitUntil: dueAt };
        return (await settle.end(message, now)) ?? "continue";
      default:
        return "idle";
    }
  }

  function park(lane: string, channel: string): void {
    const waiting = parked.get(channel) ?? new Set();
    parked.set(channel, waiting.add(lane));
    armProbe(channel);
  }

  /** One lane of a cut line rings as the probe, and then the next: a lane that has tried may have to wait for its own outcome. */
  function armProbe(channel: string): void {
    const key = `line:${channel}`;
    if (alarms.has(key)) return;
    const probe = () => {
      alarms.delete(key);
      const waiting = parked.get(channel);
      const [first] = waiting ?? [];
      if (first === undefined) return;
      waiting?.delete(first);
      deliver.wake(first);
      armProbe(channel);
    };
    alarms.set(key, clock.timer(PROBE_MS, probe));
  }

  function unpark(channel: string): void {
    const waiting = parked.get(channel);
    parked.delete(channel);
    for (const lane of waiting ?? []) deliver.wake(lane);
  }

  function setAlarm(lane: string, at: number): void {
    alarms.get(lane)?.cancel();
    const leftMs = Math.max(0, at - clock.now());
    const isHop = leftMs > LONGEST_ALARM_MS;
    alarms.set(
      lane,
      clock.timer(isHop ? LONGEST_ALARM_MS : leftMs, () => {
        alarms.delete(lane);
        rouse(lane, isHop ? 0 : at);
      }),
    );
  }

  function rouse(lane: string, at: number): void {
    if (stopped) return;
    const walking = running.get(lane);
    if (walking) walking.again = true;
    else if (running.size >= MOST_AT_ONCE) ready.set(lane, at);
    else begin(lane, at);
  }

  function begin(lane: string, at: number): void {
    const entry = { again: false, finished: Promise.resolve() };
    running.set(lane, entry);
    entry.finished = walk(lane, at)
      .catch((error) => {
        // The store failed: everything is still stored, so look again in a moment.
        log.error("a lane stopped and is tried again", { lane, reason: describeError(error) });
        setAlarm(lane, clock.now() + AFTER_FAILURE_MS);
      })
      .finally(() => {
        running.delete(lane);
        if (entry.again) deliver.wake(lane);
        const [next] = ready;
        if (next === undefined || stopped) return;
        ready.delete(next[0]);
        begin(...next);
      });
  }

  const isKnown = (lane: string, channel: string): boolean =>
    running.has(lane) || ready.has(lane) || alarms.has(lane) || (parked.get(channel)?.has(lane) ?? false);

  const deliver: Deliver = {
    wake: (lane) => rouse(lane, 0),
    received: (channel, count) => lineOf(channel).pace.received(count),
    toldNumber(channel, { throughput, isTokenValid }) {
      const { pace, access } = lineOf(channel);
      const told = throughputOf(throughput);
      if (told !== undefined) pace.raiseTo(told);
      if (isTokenValid && access.isOpen) access.succeeded();
    },
    async rebuild() {
      const page = await deliveries.listDue(REBUILD_LIMIT, seen);
      for (const { lane, channel, dueAt } of page) {
        if (isKnown(lane, channel)) continue;
        if (dueAt.getTime() > clock.now()) setAlarm(lane, dueAt.getTime());
        else deliver.wake(lane);
      }
      seen = page.length < REBUILD_LIMIT ? undefined : page.at(-1);
      return seen !== undefined;
    },
    async stop() {
      stopped = true;
      ready.clear();
      for (const alarm of alarms.values()) alarm.cancel();
      await Promise.all([...running.values()].map(({ finished }) => finished));
    },
  };
  return deliver;
}
