/** One client's frames, worked off one by one: who they are, what they hear, what they do. Calls run beside them. */
import { can } from "../core/actor";
import type { Clock } from "../core/clock";
import { AppError, fail } from "../core/errors";
import type { Log } from "../core/log";
import type { EventBus } from "../events/bus";
import type { EventLog } from "../events/log";
import { COUNTS, conversationTopic, INBOX, namedTopic } from "../events/topics";
import type { Access, AccessChange, AccessService, TokenReader } from "../features/auth/access.service";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { PresenceService } from "../features/presence/presence.service";
import { failureBody } from "./errors";
import { assertMayListen, assertReaches, hearingOf, type Places } from "./live-access";
import type { LiveCounts } from "./live-counts";
import { type ClientFrame, readFrame } from "./live-frames";
import { resume, resync } from "./live-resume";
import { eventFrame, type LiveRooms, type Seat } from "./live-rooms";
import { answerCall, type Handle, type RpcCall, refusalOf } from "./live-rpc";
import type { LiveTyping } from "./live-typing";
import type { LiveViewing } from "./live-viewing";

export interface Line {
  seat: Seat;
  reader: TokenReader;
}

export interface LineDeps {
  access: AccessService;
  places: Places;
  conversations: Pick<ConversationService, "markRead">;
  presence: PresenceService;
  rooms: LiveRooms;
  typing: LiveTyping;
  viewing: LiveViewing;
  counts: LiveCounts;
  bus: EventBus;
  eventLog: EventLog;
  /** False: frames are not counted (benchmarks). */
  limitsRates: boolean;
  /** The door of the REST API, once it is open. */
  handle: () => Handle | null;
  clock: Clock;
  log: Log;
}

const CLOSE_POLICY = 1008;
/** More frames than a client has reason to send before it has an answer. */
const MOST_PENDING = 500;
const MOST_TOPICS = 1_000;
const MOST_CALLS = 32;
/** Frames at once, and a second from then on. */
export const FRAME_BURST = 300;
const FRAMES_PER_SECOND = 50;
/** Who goes on sending what is refused is closed. */
const MOST_REFUSED = 300;

export function createLineWork(deps: LineDeps) {
  const { access, places, conversations, presence, rooms, typing, viewing, counts, bus, clock, log } = deps;
  const frame = (value: unknown) => JSON.stringify(value);
  const moves = () => rooms.moves;

  function refuse(seat: Seat, error: AppError): void {
    if (!seat.isGone) seat.raw.send(frame({ type: "error", ...failureBody(error, seat.id) }));
    if (error.status === 401) hangUp(seat);
  }

  /** From now on nothing is sent to them. */
  function hangUp(seat: Seat): void {
    forget(seat);
    seat.raw.close(CLOSE_POLICY, "sign in again");
  }

  /** The connection is over. Safe to call twice. */
  function forget(seat: Seat): void {
    seat.isGone = true;
    seat.deadline.cancel();
    seat.onDrained?.();
    counts.leave(seat);
    typing.leave(seat.id);
    viewing.leave(seat.id);
    if (seat.actor) presence.disconnect(seat.actor.id, seat.id);
    seat.actor = null;
    seat.wanted.clear();
    rooms.remove(seat);
  }

  function sitDown(seat: Seat, { actor, session, endsAt }: Access, bearer: string): void {
    if (seat.isGone || (seat.actor && seat.actor.id !== actor.id)) throw fail("auth.invalid-token");
    Object.assign(seat, { actor, session, bearer });
    seat.deadline.cancel();
    if (Number.isFinite(endsAt))
      seat.deadline = clock.timer(Math.max(0, endsAt - clock.now()), () => refuse(seat, fail("auth.invalid-token")));
  }

  async function signIn({ seat, reader }: Line, token: string, since: number | undefined): Promise<void> {
    // A change that came meanwhile has not found them in their seat: they are looked up again.
    for (let before = -1; before !== access.changes; ) {
      before = access.changes;
      const found = await access.authenticate(token, reader);
      if (before === access.changes) sitDown(seat, found, token);
    }
    if (seat.actor?.kind === "agent") presence.connect(seat.actor.id, seat.id);
    seat.wanted.add(INBOX);
    seat.raw.send(
      frame({
        type: "connected",
        clientId: seat.id,
        serverTime: new Date(clock.now()).toISOString(),
        seq: bus.seq,
        config: { heartbeatMs: 25_000 },
      }),
    );
    if (since === undefined) rooms.seat(seat);
    else await resume(seat, since, deps);
  }

  async function handle(line: Line, message: ClientFrame): Promise<void> {
    const { seat } = line;
    if (message.type === "ping")
      return void seat.raw.send(frame({ type: "pong", serverTime: new Date(clock.now()).toISOString() }));
    if (message.type === "auth") return signIn(line, message.token, message.since);
    const { actor } = seat;
    if (actor === null) throw fail("auth.required");
    switch (message.type) {
      case "subscribe": {
        if (seat.wanted.size + message.topics.length > MOST_TOPICS)
          throw fail("request.invalid", { message: "Too many topics." });
        for (const topic of message.topics) await assertMayListen(topic, actor, places, moves);
        if (seat.actor !== actor) return handle(line, message);
        for (const topic of message.topics) seat.wanted.add(topic);
        rooms.seat(seat);
        for (const topic of new Set(message.topics)) showState(seat, topic);
        return;
      }
      case "unsubscribe":
        for (const topic of message.topics) seat.wanted.delete(topic);
        if (message.topics.includes(COUNTS)) counts.leave(seat);
        return rooms.seat(seat);
      case "resume":
        return resume(seat, message.since, deps);
      case "typing": {
        if (!can(actor, "messages.send")) throw fail("auth.forbidden");
        if (actor.kind !== "agent") throw fail("auth.person-only");
        await assertReaches(message.conversationId, actor, places, moves);
        if (seat.isGone) return;
        if (message.on) typing.on(seat.id, actor.id, message.conversationId);
        else typing.off(seat.id, message.conversationId);
        return;
      }
      case "viewing": {
        if (actor.kind !== "agent") throw fail("auth.person-only");
        if (message.conversationId !== null) await assertReaches(message.conversationId, actor, places, moves);
        if (!seat.isGone) viewing.look(seat.id, actor.id, message.conversationId);
        return;
      }
      case "read":
        if (!can(actor, "conversations.write")) throw fail("auth.forbidden");
        await conversations.markRead(message.conversationId, actor);
        return;
    }
  }

  /** What holds now of what passes by on a topic and is not repeated. */
  function showState(seat: Seat, topic: string): void {
    if (topic === COUNTS) counts.join(seat);
    const named = namedTopic(topic);
    if (named?.kind !== "conversation") return;
    const conversation = named.id;
    const show = (event: "viewing:changed" | "typing:indicator", data: object) =>
      seat.raw.send(eventFrame({ seq: null, event, json: JSON.stringify(data) }, topic));
    show("viewing:changed", { conversation, viewers: viewing.viewersOf(conversation) });
    for (const agent of typing.whoTypesIn(conversation)) show("typing:indicator", { conversation, by: "agent", agent, on: true });
  }

  async function answer(line: Line, message: ClientFrame): Promise<void> {
    const { seat } = line;
    try {
      if (!seat.isGone) await handle(line, message);
    } catch (error) {
      // AppError: the client's mistake, told in its own envelope. Anything else is ours.
      const told = error instanceof AppError ? error : fail("internal", { cause: error });
      if (told.code === "internal") log.error("a live frame failed", { error });
      refuse(seat, told);
    } finally {
      seat.pending--;
    }
  }

  /** Beside the other frames: a slow one must not keep a ping from its pong. */
  async function call(seat: Seat, message: RpcCall): Promise<void> {
    const handle = deps.handle();
    if (seat.actor === null) return refuse(seat, fail("auth.required"));
    if (!handle) return void seat.raw.send(refusalOf(message.id, fail("store.unavailable")));
    if (seat.calls >= MOST_CALLS) return void seat.raw.send(refusalOf(message.id, fail("live.too-many-calls")));
    seat.calls++;
    const reply = await answerCall(message, seat, handle, log);
    seat.calls--;
    if (!seat.isGone) seat.raw.send(reply);
  }

  /** Takes one frame off what a client may send. */
  function isTooFast({ budget }: Seat): boolean {
    if (!deps.limitsRates) return false;
    const now = clock.monotonic();
    budget.left = Math.min(FRAME_BURST, budget.left + ((now - budget.at) / 1000) * FRAMES_PER_SECOND);
    budget.at = now;
    if (budget.left < 1) {
      budget.refused++;
      return true;
    }
    budget.left--;
    budget.refused = 0;
    return false;
  }

  async function renew({ seat, reader }: Line): Promise<void> {
    if (!seat.actor) return;
    const before = hearingOf(seat.actor);
    try {
      sitDown(seat, await access.authenticate(seat.bearer, reader), seat.bearer);
      if (hearingOf(seat.actor) === before) return;
      for (const topic of seat.wanted)
        await assertMayListen(topic, seat.actor, places, moves).catch((error: unknown) => {
          if (!(error instanceof AppError)) throw error;
          seat.wanted.delete(topic);
        });
      const looksAt = viewing.of(seat.id);
      if (looksAt && !seat.wanted.has(conversationTopic(looksAt)))
        await assertReaches(looksAt, seat.actor, places, moves).catch((error: unknown) => {
          if (!(error instanceof AppError)) throw error;
          viewing.leave(seat.id);
        });
      rooms.seat(seat);
      counts.leave(seat);
      if (seat.wanted.has(COUNTS)) counts.join(seat);
      resync(seat, bus);
    } catch (error) {
      // Not allowed any more; or nobody can say at this moment, and then they ask again by themselves.
      refuse(seat, error instanceof AppError && error.status === 401 ? error : fail("auth.invalid-token", { cause: error }));
    }
  }

  rooms.onLost = (seat, conversation) => {
    typing.off(seat.id, conversation);
    if (viewing.of(seat.id) === conversation) viewing.leave(seat.id);
  };

  return {
    forget,

    /** A frame has come. */
    hear(line: Line, text: string): void {
      const { seat } = line;
      if (seat.isGone) return;
      if (isTooFast(seat)) {
        if (seat.budget.refused > MOST_REFUSED) hangUp(seat);
        else refuse(seat, fail("request.rate-limited", { retryAfter: 1 }));
        return;
      }
      if (seat.actor) presence.touch(seat.actor.id, seat.id);
      viewing.touch(seat.id);
      let message: ClientFrame;
      try {
        message = readFrame(text);
      } catch (error) {
        // AppError: no frame of ours. Told in its turn, after the answers to what came before.
        seat.turn = seat.turn.then(() => refuse(seat, error as AppError));
        return;
      }
      if (message.type === "rpc") {
        const { id, method, params } = message;
        // After the frames before it, such as signing in.
        seat.turn = seat.turn.then(() => void call(seat, { id, method, params }));
        return;
      }
      if (++seat.pending > MOST_PENDING) hangUp(seat);
      else seat.turn = seat.turn.then(() => answer(line, message));
    },

    /** Their rights may be others now. Sessions that have ended end at once; the rest is looked up. */
    reconsider(line: Line, { agent, sessions, keys }: AccessChange): void {
      const { seat } = line;
      const { actor } = seat;
      if (!actor) return;
      if (sessions) {
        if (seat.session && sessions.includes(seat.session)) refuse(seat, fail("auth.invalid-token"));
        return;
      }
      // A key changes with its owner, who is not named here.
      const isMeant = keys ? keys.includes(actor.id) : agent === undefined || agent === actor.id || actor.kind === "key";
      if (isMeant) seat.turn = seat.turn.then(() => renew(line));
    },
  };
}
