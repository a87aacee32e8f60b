/**
 * One thin WebSocket for the whole app: signs in, keeps subscriptions over reconnects, delivers each durable event once and
 * in order, and asks for what was missed while the line was broken. It knows no store: stores listen to events by name.
 * Passing events are never repeated; whoever shows them loads anew when the line opens.
 */
import { effect, inject, Service, signal, untracked } from "@angular/core";
import type { EventName } from "@server/events/catalog";
import { type Cancelable, Clock } from "../clock";
import { Session } from "../session/session";
import { type ClientFrame, type EventData, type EventFrame, readFrame, type ServerFrame } from "./live-frame";

export type LineState = "idle" | "connecting" | "open" | "reconnecting" | "offline";

type Listener = (data: never, frame: EventFrame) => void;

/** Half the silence after which the server gives a socket up, so one lost ping is survivable. */
const PING_MS = 25_000;
const DEAD_MS = 60_000;
/** A network that swallows packets neither opens a socket nor closes it; a slow one takes five journeys until it greets. */
const OPENS_WITHIN_MS = 20_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

@Service()
export class LiveConnection {
  readonly #session = inject(Session);
  readonly #clock = inject(Clock);

  readonly #state = signal<LineState>("idle");
  readonly state = this.#state.asReadonly();

  readonly #listeners = new Map<EventName, Set<Listener>>();
  readonly #gapListeners = new Set<() => void>();
  readonly #openListeners = new Set<() => void>();
  readonly #topics = new Map<string, number>();

  #socket: WebSocket | null = null;
  #wanted = false;
  #attempts = 0;
  #lastSeq: number | null = null;
  #lastHeard = 0;
  #retry: Cancelable | null = null;
  #beat: Cancelable | null = null;

  constructor() {
    effect(() => {
      const isIn = this.#session.isSignedIn();
      untracked(() => (isIn ? this.#start() : this.#stop()));
    });
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.#drop("offline"));
    document.addEventListener("visibilitychange", () => this.#checkAfterSleep());
  }

  /** Calls `listener` for each event of this name until the returned function is called. */
  on<E extends EventName>(event: E, listener: (data: EventData<E>, frame: EventFrame) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set<Listener>();
    this.#listeners.set(event, set);
    set.add(listener as Listener);
    return () => set.delete(listener as Listener);
  }

  /**
   * Calls `listener` when durable events may have passed unseen: after the first connection, because what is shown was loaded
   * before it, and when the server cannot replay. What is shown must be loaded again then.
   */
  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  }

  /** Calls `listener` each time the line opens. */
  onOpen(listener: () => void): () => void {
    this.#openListeners.add(listener);
    return () => this.#openListeners.delete(listener);
  }

  /** Joins a topic now and after each reconnect, until the returned function is called. Several owners may hold one topic. */
  subscribe(topic: string): () => void {
    const owners = this.#topics.get(topic) ?? 0;
    this.#topics.set(topic, owners + 1);
    if (owners === 0) this.send({ type: "subscribe", topics: [topic] });
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.#topics.get(topic) ?? 1) - 1;
      if (left > 0) this.#topics.set(topic, left);
      else {
        this.#topics.delete(topic);
        this.send({ type: "unsubscribe", topics: [topic] });
      }
    };
  }

  /** Sends a frame when the line is open; otherwise it is dropped, because nothing sent here may be late. */
  send(frame: ClientFrame): void {
    if (this.#state() === "open") this.#socket?.send(JSON.stringify(frame));
  }

  /** Stops waiting for the next try. */
  retryNow(): void {
    if (this.#wanted && this.#state() !== "open" && this.#state() !== "connecting") this.#open();
  }

  #start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#open();
  }

  #stop(): void {
    this.#wanted = false;
    this.#lastSeq = null;
    this.#attempts = 0;
    this.#drop("idle");
  }

  #open(): void {
    this.#retry?.cancel();
    this.#closeSocket();
    if (this.#attempts === 0) this.#state.set("connecting");
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v2/live`);
    this.#socket = socket;
    this.#lastHeard = this.#clock.now();
    this.#beat?.cancel();
    this.#beat = this.#clock.timer(OPENS_WITHIN_MS, () => this.#drop("reconnecting"));
    socket.onopen = () => {
      const frame: ClientFrame = { type: "auth", token: this.#session.accessToken ?? "" };
      // The server sends what came after `since` before anything newer, so the order holds.
      if (this.#lastSeq !== null) frame.since = this.#lastSeq;
      socket.send(JSON.stringify(frame));
    };
    socket.onmessage = ({ data }) => {
      this.#lastHeard = this.#clock.now();
      const frame = readFrame(data);
      if (frame) this.#read(frame);
    };
    socket.onclose = () => this.#drop("reconnecting");
  }

  #read(frame: ServerFrame): void {
    switch (frame.type) {
      case "connected":
        this.#attempts = 0;
        this.#state.set("open");
        this.#watch();
        if (this.#topics.size > 0) this.send({ type: "subscribe", topics: [...this.#topics.keys()] });
        // A sequence that went back means another database behind the same address.
        if (this.#lastSeq === null || this.#lastSeq > frame.seq) this.#startFrom(frame.seq);
        for (const listener of this.#openListeners) listener();
        break;
      case "event":
        this.#receive(frame);
        break;
      case "resync":
        this.#startFrom(frame.seq);
        break;
      case "error":
        if (frame.code.startsWith("auth.")) void this.#renewAndReturn();
        break;
      case "pong":
        break;
    }
  }

  #startFrom(seq: number): void {
    this.#lastSeq = seq;
    for (const listener of this.#gapListeners) listener();
  }

  #receive(frame: EventFrame): void {
    if (frame.seq !== null) {
      if (this.#lastSeq !== null && frame.seq <= this.#lastSeq) return;
      this.#lastSeq = frame.seq;
    }
    for (const listener of this.#listeners.get(frame.event) ?? []) listener(frame.data as never, frame);
  }

  async #renewAndReturn(): Promise<void> {
    const stale = this.#session.accessToken;
    this.#closeSocket();
    // Awaited: no server answers; then the usual retry asks again.
    const isIn = await this.#session.renew(stale).catch(() => true);
    if (isIn && this.#wanted) this.#drop("reconnecting");
  }

  /** Gives the current socket up and, unless idle, plans the next try. */
  #drop(next: LineState): void {
    this.#closeSocket();
    this.#beat?.cancel();
    this.#retry?.cancel();
    if (!this.#wanted || next === "idle") {
      this.#state.set("idle");
      return;
    }
    this.#state.set(navigator.onLine ? "reconnecting" : "offline");
    this.#attempts++;
    const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#attempts - 1, 10));
    this.#retry = this.#clock.timer(Math.round(full * (0.5 + Math.random() / 2)), () => this.#open());
  }

  #closeSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** Pings, and gives up a line on which nothing was heard for too long. */
  #watch(): void {
    this.#beat?.cancel();
    this.#beat = this.#clock.timer(PING_MS, () => {
      if (this.#clock.now() - this.#lastHeard > DEAD_MS) this.#drop("reconnecting");
      else {
        this.send({ type: "ping" });
        this.#watch();
      }
    });
  }

  /** Timers stand still while a machine sleeps: look at the line as soon as somebody looks at the page. */
  #checkAfterSleep(): void {
    if (document.visibilityState !== "visible" || !this.#wanted) return;
    if (this.#state() !== "open") this.retryNow();
    else if (this.#clock.now() - this.#lastHeard > DEAD_MS) this.#drop("reconnecting");
    else this.send({ type: "ping" });
  }
}
