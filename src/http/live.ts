/**
 * The live connection: one WebSocket an agent, native Bun topics, durable events in order and exactly once a socket. A client that
 * was away resumes from the last sequence it has seen; one that was away for too long is told to load its page anew.
 */
import type { ServerWebSocket } from "bun";
import { Elysia } from "elysia";
import type { Clock } from "../core/clock";
import { AppError, fail } from "../core/errors";
import { newId } from "../core/id";
import type { Log } from "../core/log";
import type { EventBus, PublishedEvent } from "../events/bus";
import type { EventLog } from "../events/log";
import { INBOX, isTopic } from "../events/topics";
import type { AuthPlugin } from "../features/auth/auth.plugin";
import { failureBody } from "./errors";
import { type ClientFrame, readFrame } from "./live-frames";

export interface LiveDeps {
  auth: AuthPlugin;
  bus: EventBus;
  eventLog: EventLog;
  clock: Clock;
  log: Log;
}

/** Sockets that have not said who they are by then are closed. */
const AUTH_WITHIN_MS = 10_000;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;

type Raw = Pick<ServerWebSocket<unknown>, "send" | "close" | "subscribe" | "unsubscribe" | "publish">;

interface Socket {
  id: string;
  raw: Raw;
  agent: string | null;
  /** What the client asked for. */
  wanted: Set<string>;
  /** What Bun publishes to it: nothing while it catches up. */
  joined: Set<string>;
  isCatchingUp: boolean;
  authTimer: { cancel(): void };
}

/** The server's own topics. */
export interface Topics {
  publish(topic: string, frame: string): void;
  subscriberCount(topic: string): number;
}

export interface Live {
  plugin: ReturnType<typeof livePlugin>;
  /** Starts handing events to the sockets. Call once the server listens. */
  start(topics: Topics): void;
  /** Closes every socket, so that the server can stop. */
  stop(): void;
  readonly sockets: number;
}

export function createLive(deps: LiveDeps): Live {
  const sockets = new Map<string, Socket>();
  let unsubscribe = () => {};
  return {
    plugin: livePlugin(deps, sockets),
    start(topics) {
      unsubscribe = deps.bus.subscribe((event) => {
        for (const topic of event.topics) if (topics.subscriberCount(topic) > 0) topics.publish(topic, eventFrame(event, topic));
      });
    },
    stop() {
      unsubscribe();
      for (const { raw, authTimer } of sockets.values()) {
        authTimer.cancel();
        raw.close(CLOSE_GOING_AWAY, "the server is restarting");
      }
    },
    get sockets() {
      return sockets.size;
    },
  };
}

function livePlugin({ auth, bus, eventLog, clock, log }: LiveDeps, sockets: Map<string, Socket>) {
  const frame = (value: unknown) => JSON.stringify(value);

  /** A socket in the inbox hears of every conversation there, so the conversation's own topic would only repeat it. */
  function join(socket: Socket): void {
    const next = new Set(
      socket.isCatchingUp
        ? []
        : socket.wanted.has(INBOX)
          ? [...socket.wanted].filter((topic) => !topic.startsWith("conversation:"))
          : socket.wanted,
    );
    for (const topic of socket.joined) if (!next.has(topic)) socket.raw.unsubscribe(topic);
    for (const topic of next) if (!socket.joined.has(topic)) socket.raw.subscribe(topic);
    socket.joined = next;
  }

  /** Sends what was missed, then joins the topics in the same turn of the event loop: nothing is skipped, nothing comes twice. */
  async function resume(socket: Socket, since: number): Promise<void> {
    socket.isCatchingUp = true;
    join(socket);
    try {
      for (let seen = since; seen !== bus.seq; ) {
        // A number we have never given: our data were restored from an older state.
        const missed = seen < bus.seq ? await eventLog.since(seen) : null;
        if (!missed || missed.length === 0) {
          socket.raw.send(frame({ type: "resync", seq: bus.seq, ...failureBody(fail("live.too-old"), socket.id) }));
          break;
        }
        for (const { _id, event, topics, data } of missed) {
          const topic = topics.find((one) => socket.wanted.has(one));
          if (topic) socket.raw.send(eventFrame({ seq: _id, event, json: data }, topic));
          seen = _id;
        }
      }
    } finally {
      socket.isCatchingUp = false;
      join(socket);
    }
  }

  async function signIn(socket: Socket, token: string, since: number | undefined, verify: Verify): Promise<void> {
    socket.agent = (await verify(token)).id;
    socket.authTimer.cancel();
    socket.wanted.add(INBOX);
    socket.raw.send(
      frame({
        type: "connected",
        clientId: socket.id,
        serverTime: new Date(clock.now()).toISOString(),
        seq: bus.seq,
        config: { heartbeatMs: 25_000 },
      }),
    );
    if (since === undefined) join(socket);
    else await resume(socket, since);
  }

  async function handle(socket: Socket, message: ClientFrame, verify: Verify): Promise<void> {
    if (message.type === "ping")
      return void socket.raw.send(frame({ type: "pong", serverTime: new Date(clock.now()).toISOString() }));
    if (message.type === "auth") return signIn(socket, message.token, message.since, verify);
    if (socket.agent === null) throw fail("auth.required");
    switch (message.type) {
      case "subscribe": {
        const unknown = message.topics.find((topic) => !isTopic(topic));
        if (unknown !== undefined) throw fail("live.unknown-topic", { details: [{ path: "topics", message: unknown }] });
        for (const topic of message.topics) socket.wanted.add(topic);
        return join(socket);
      }
      case "unsubscribe":
        for (const topic of message.topics) socket.wanted.delete(topic);
        return join(socket);
      case "resume":
        return resume(socket, message.since);
      case "typing":
        return bus.pass("typing:indicator", { conversation: message.conversationId, by: "agent", on: message.on });
    }
  }

  return new Elysia({ name: "live" }).use(auth).ws("/live", {
    // Frames are read here and not by a schema, so that a bad one is answered in our own words.
    parse: (_ws, message) => (typeof message === "string" ? message : JSON.stringify(message)),
    open: (ws) => {
      const id = newId(clock.now());
      const raw = ws.raw as unknown as Raw;
      const authTimer = clock.timer(AUTH_WITHIN_MS, () => raw.close(CLOSE_POLICY, "sign in within 10 seconds"));
      sockets.set(ws.id, { id, raw, agent: null, wanted: new Set(), joined: new Set(), isCatchingUp: false, authTimer });
    },
    message: async (ws, message) => {
      const socket = sockets.get(ws.id);
      if (!socket) return;
      const { accessJwt, authentication } = ws.data;
      const verify: Verify = async (token) => {
        const claims = await accessJwt.verify(token);
        if (!claims) throw fail("auth.invalid-token");
        return { id: (await authentication.getActiveAgent(claims.sub))._id };
      };
      try {
        await handle(socket, readFrame(String(message)), verify);
      } catch (error) {
        // AppError: the client's mistake, told in its own envelope. Anything else is ours.
        const told = error instanceof AppError ? error : fail("internal", { cause: error });
        if (told.code === "internal") log.error("a live frame failed", { error });
        socket.raw.send(frame({ type: "error", ...failureBody(told, socket.id) }));
        if (told.status === 401) socket.raw.close(CLOSE_POLICY, "sign in again");
      }
    },
    close: (ws) => {
      sockets.get(ws.id)?.authTimer.cancel();
      sockets.delete(ws.id);
    },
  });
}

type Verify = (token: string) => Promise<{ id: string }>;

const eventFrame = ({ seq, event, json }: Pick<PublishedEvent, "seq" | "event" | "json">, topic: string): string =>
  `{"type":"event","seq":${seq},"topic":"${topic}","event":"${event}","data":${json}}`;
