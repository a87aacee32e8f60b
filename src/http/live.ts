/**
 * The live connection: one WebSocket a person, durable events in order and exactly once a socket, each only to those who may see what
 * it is about. A client that was away resumes from the last sequence it has seen; one that was away for too long is told to load its
 * page anew. Whoever loses their access loses the connection with it.
 */
import { Elysia } from "elysia";
import { can } from "../core/actor";
import type { Clock } from "../core/clock";
import { AppError, describeError, fail } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import type { EventBus, PublishedEvent } from "../events/bus";
import type { EventLog } from "../events/log";
import { INBOX, isHall, roomsOf } from "../events/topics";
import type { Access, AccessChange, AccessService, TokenReader } from "../features/auth/access.service";
import { type AuthPlugin, bearerIn } from "../features/auth/auth.plugin";
import { failureBody } from "./errors";
import { assertMayListen, assertReaches, hearingOf, type Places } from "./live-access";
import { type ClientFrame, readFrame } from "./live-frames";
import { eventFrame, LiveRooms, leftFrame, type Raw, type Seat, type Topics } from "./live-rooms";

export interface LiveDeps {
  auth: AuthPlugin;
  access: AccessService;
  places: Places;
  bus: EventBus;
  eventLog: EventLog;
  clock: Clock;
  log: Log;
}

/** Sockets that have not said who they are by then are closed. */
const AUTH_WITHIN_MS = 10_000;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;
/** More frames than a client has reason to send before it has an answer. */
const MOST_PENDING = 500;
const MOST_TOPICS = 1_000;

export interface Live {
  plugin: ReturnType<typeof livePlugin>["routes"];
  /** Starts handing events to the sockets. Call once the server listens. */
  start(topics: Topics): void;
  /** Closes every socket, so that the server can stop. */
  stop(): void;
  readonly sockets: number;
}

interface Line {
  seat: Seat;
  reader: TokenReader;
}

export function createLive(deps: LiveDeps): Live {
  const { access, bus, places, log } = deps;
  const lines = new Map<string, Line>();
  const rooms = new LiveRooms();
  const ends: (() => void)[] = [];
  const plugin = livePlugin(deps, lines, rooms);

  /** Where a passing event belongs is not written in it. */
  function deliver(event: PublishedEvent, topics: Topics): void {
    const heard = rooms.deliver(event, topics);
    const { conversation } = event.data;
    if (event.seq !== null || typeof conversation !== "string" || !rooms.hasSmallOnes) return;
    places.find(conversation).then(
      (place) => {
        const hall = event.topics.find(isHall);
        if (place) for (const room of roomsOf(place)) rooms.tell(event, room, hall, heard);
      },
      // Nothing is lost with a passing event.
      (error: unknown) => log.debug("a passing event was not shown", { reason: describeError(error) }),
    );
  }

  return {
    plugin: plugin.routes,
    start(topics) {
      ends.push(
        bus.subscribe((event) => deliver(event, topics)),
        access.onChange((change) => {
          for (const line of lines.values()) plugin.reconsider(line, change);
        }),
      );
    },
    stop() {
      for (const end of ends.splice(0)) end();
      for (const { seat } of lines.values()) {
        seat.deadline.cancel();
        seat.raw.close(CLOSE_GOING_AWAY, "the server is restarting");
      }
    },
    get sockets() {
      return lines.size;
    },
  };
}

function livePlugin({ auth, access, places, bus, eventLog, clock, log }: LiveDeps, lines: Map<string, Line>, rooms: LiveRooms) {
  const frame = (value: unknown) => JSON.stringify(value);
  const moves = () => rooms.moves;

  function refuse(seat: Seat, error: AppError): void {
    seat.raw.send(frame({ type: "error", ...failureBody(error, seat.id) }));
    if (error.status === 401) hangUp(seat);
  }

  /** From now on nothing is sent to them. */
  function hangUp(seat: Seat): void {
    seat.actor = null;
    seat.wanted.clear();
    rooms.seat(seat);
    seat.raw.close(CLOSE_POLICY, "sign in again");
  }

  const resync = (seat: Seat) =>
    seat.raw.send(frame({ type: "resync", seq: bus.seq, ...failureBody(fail("live.too-old"), seat.id) }));

  /** Sends what was missed, then joins the topics in the same turn of the event loop: nothing is skipped, nothing comes twice. */
  async function resume(seat: Seat, since: number): Promise<void> {
    seat.isCatchingUp = true;
    rooms.seat(seat);
    try {
      for (let seen = since; seen !== bus.seq; ) {
        // A number we have never given: our data were restored from an older state.
        const missed = seen < bus.seq ? await eventLog.since(seen) : null;
        if (!missed || missed.length === 0) {
          resync(seat);
          break;
        }
        const own = rooms.placesOf(seat);
        for (const { _id, event, topics, left = [], data } of missed) {
          const topic = topics.find((one) => own.has(one));
          if (topic) seat.raw.send(eventFrame({ seq: _id, event, json: data }, topic));
          else if (left.some((room) => own.has(room)))
            seat.raw.send(leftFrame(_id, (JSON.parse(data) as { conversation: { id: string } }).conversation.id));
          seen = _id;
        }
      }
    } finally {
      seat.isCatchingUp = false;
      rooms.seat(seat);
    }
  }

  function sitDown(seat: Seat, { actor, session, endsAt }: Access, bearer: string): void {
    if (seat.actor && seat.actor.id !== actor.id) throw fail("auth.invalid-token");
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
    else await resume(seat, since);
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
        return rooms.seat(seat);
      }
      case "unsubscribe":
        for (const topic of message.topics) seat.wanted.delete(topic);
        return rooms.seat(seat);
      case "resume":
        return resume(seat, message.since);
      case "typing":
        if (!can(actor, "messages.send")) throw fail("auth.forbidden");
        await assertReaches(message.conversationId, actor, places, moves);
        return bus.pass("typing:indicator", { conversation: message.conversationId, by: "agent", on: message.on });
    }
  }

  /** Works a frame off after those before it. */
  function take(line: Line, read: () => ClientFrame): void {
    const { seat } = line;
    if (++seat.pending > MOST_PENDING) hangUp(seat);
    else seat.turn = seat.turn.then(() => answer(line, read));
  }

  async function answer(line: Line, read: () => ClientFrame): Promise<void> {
    const { seat } = line;
    try {
      await handle(line, read());
    } catch (error) {
      // AppError: the client's mistake, told in its own envelope. Anything else is ours.
      const told = error instanceof AppError ? error : fail("internal", { cause: error });
      if (told.code === "internal") log.error("a live frame failed", { error });
      refuse(seat, told);
    } finally {
      seat.pending--;
    }
  }

  /** Their rights may be others now. Sessions that have ended end at once; the rest is looked up. */
  function reconsider(line: Line, { agent, sessions, keys }: AccessChange): void {
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
      rooms.seat(seat);
      resync(seat);
    } catch (error) {
      // Not allowed any more; or nobody can say at this moment, and then they ask again by themselves.
      refuse(seat, error instanceof AppError && error.status === 401 ? error : fail("auth.invalid-token", { cause: error }));
    }
  }

  const routes = new Elysia({ name: "live" }).use(auth).ws("/live", {
    // Frames are read here and not by a schema, so that a bad one is answered in our own words.
    parse: (_ws, message) => (typeof message === "string" ? message : JSON.stringify(message)),
    // Whoever names a token with the upgrade is answered by HTTP when it does not count.
    beforeHandle: async ({ request, accessJwt }) => {
      const bearer = bearerIn(request);
      if (bearer !== null) await access.authenticate(bearer, accessJwt);
    },
    open: (ws) => {
      const raw = ws.raw as unknown as Raw;
      const deadline = clock.timer(AUTH_WITHIN_MS, () => raw.close(CLOSE_POLICY, "sign in within 10 seconds"));
      const seat: Seat = {
        id: newId(clock.now()),
        raw,
        actor: null,
        bearer: "",
        session: null,
        wanted: new Set(),
        joined: new Set(),
        isCatchingUp: false,
        deadline,
        turn: Promise.resolve(),
        pending: 0,
      };
      const line = { seat, reader: ws.data.accessJwt };
      lines.set(ws.id, line);
      const token = bearerIn(ws.data.request);
      if (token !== null) take(line, () => ({ type: "auth", token }));
    },
    message: (ws, message) => {
      const line = lines.get(ws.id);
      if (line) take(line, () => readFrame(String(message)));
    },
    close: (ws) => {
      const line = lines.get(ws.id);
      if (!line) return;
      lines.delete(ws.id);
      const leave = () => {
        line.seat.deadline.cancel();
        rooms.remove(line.seat);
      };
      leave();
      // A frame that is being worked off may still sit them down.
      line.seat.turn = line.seat.turn.then(leave);
    },
  });
  return { routes, reconsider };
}
