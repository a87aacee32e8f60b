/**
 * The live connection: one WebSocket a person, durable events in order and exactly once a socket, each only to those who may see what
 * it is about. A client that was away resumes from the last sequence it has seen; one that was away for too long is told to load its
 * page anew. Whoever loses their access loses the connection with it.
 */
import { Elysia } from "elysia";
import type { Clock } from "../core/clock";
import { describeError } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import type { Neighbours } from "../core/neighbours";
import type { EventBus, PublishedEvent } from "../events/bus";
import type { EventLog } from "../events/log";
import { ALL, isHall, roomsOf } from "../events/topics";
import type { AccessService } from "../features/auth/access.service";
import { type AuthPlugin, bearerIn } from "../features/auth/auth.plugin";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { ConversationListService } from "../features/conversations/conversation-list.service";
import type { PresenceService } from "../features/presence/presence.service";
import type { Places } from "./live-access";
import { LiveCounts } from "./live-counts";
import { createLineWork, FRAME_BURST, type Line } from "./live-line";
import { LiveRooms, type Raw, type Seat, type Topics } from "./live-rooms";
import type { Handle } from "./live-rpc";
import { LiveTyping } from "./live-typing";
import { LiveViewing } from "./live-viewing";

export interface LiveDeps {
  auth: AuthPlugin;
  access: AccessService;
  places: Places;
  conversations: Pick<ConversationService, "markRead">;
  lists: Pick<ConversationListService, "countTabs">;
  presence: PresenceService;
  bus: EventBus;
  eventLog: EventLog;
  neighbours: Neighbours;
  limitsRates: boolean;
  clock: Clock;
  log: Log;
}

/** Sockets that have not said who they are by then are closed. */
const AUTH_WITHIN_MS = 10_000;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;
const LONGEST_USER_AGENT = 400;

export interface Live {
  plugin: ReturnType<typeof livePlugin>;
  /** Starts handing events to the sockets and taking calls. Call once the server listens. */
  start(topics: Topics, handle: Handle): void;
  /** Closes every socket, so that the server can stop. */
  stop(): Promise<void>;
  readonly sockets: number;
}

export function createLive(deps: LiveDeps): Live {
  const { access, bus, places, log } = deps;
  const lines = new Map<string, Line>();
  const rooms = new LiveRooms();
  const typing = new LiveTyping(deps);
  const viewing = new LiveViewing(deps);
  const counts = new LiveCounts(deps);
  const ends: (() => void)[] = [];
  let door: Handle | null = null;
  const work = createLineWork({ ...deps, rooms, typing, viewing, counts, handle: () => door });

  /** Where a passing event belongs is not written in it. */
  function deliver(event: PublishedEvent, topics: Topics): void {
    counts.hear(event);
    const heard = rooms.deliver(event, topics);
    const { conversation } = event.data;
    if (event.seq !== null || typeof conversation !== "string" || !rooms.hasSmallOnes || !event.topics.includes(ALL)) return;
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
    plugin: livePlugin(deps, lines, work),
    start(topics, handle) {
      door = handle;
      viewing.start();
      ends.push(
        bus.subscribe((event) => deliver(event, topics)),
        access.onChange((change) => {
          for (const line of lines.values()) work.reconsider(line, change);
        }),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      for (const { seat } of lines.values()) {
        seat.deadline.cancel();
        seat.raw.close(CLOSE_GOING_AWAY, "the server is restarting");
      }
      typing.stop();
      viewing.stop();
      await counts.stop();
    },
    get sockets() {
      return lines.size;
    },
  };
}

function livePlugin({ auth, access, clock }: LiveDeps, lines: Map<string, Line>, work: ReturnType<typeof createLineWork>) {
  return new Elysia({ name: "live" }).use(auth).ws("/live", {
    // Frames are read here and not by a schema, so that a bad one is answered in our own words.
    parse: (_ws, message) => (typeof message === "string" ? message : JSON.stringify(message)),
    // Whoever names a token with the upgrade is answered by HTTP when it does not count.
    beforeHandle: async ({ request, accessJwt }) => {
      const bearer = bearerIn(request);
      if (bearer !== null) await access.authenticate(bearer, accessJwt);
    },
    open: (ws) => {
      const raw = ws.raw as unknown as Raw;
      const { request } = ws.data as unknown as { request: Request };
      const deadline = clock.timer(AUTH_WITHIN_MS, () => raw.close(CLOSE_POLICY, "sign in within 10 seconds"));
      const origin = ws.data.originOf(request, { requestIP: () => ({ address: ws.remoteAddress }) });
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
        calls: 0,
        budget: { left: FRAME_BURST, at: clock.monotonic(), refused: 0 },
        address: origin.address,
        userAgent: origin.userAgent.slice(0, LONGEST_USER_AGENT),
        isGone: false,
        onDrained: null,
      };
      const line = { seat, reader: ws.data.accessJwt };
      lines.set(ws.id, line);
      // Programs can say who they are with the upgrade.
      const token = bearerIn(request);
      if (token !== null) work.hear(line, JSON.stringify({ type: "auth", token }));
    },
    message: (ws, message) => {
      const line = lines.get(ws.id);
      if (line) work.hear(line, String(message));
    },
    drain: (ws) => lines.get(ws.id)?.seat.onDrained?.(),
    close: (ws) => {
      const line = lines.get(ws.id);
      if (!line) return;
      work.forget(line.seat);
      lines.delete(ws.id);
    },
  });
}
