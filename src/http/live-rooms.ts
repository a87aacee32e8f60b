/**
 * Who hears which event. Halls, which many join, are Bun's own topics; an event names at most one. Everything smaller is kept here, so
 * that nobody hears an event twice and those a conversation has just left are told once.
 */
import type { ServerWebSocket } from "bun";
import { type Actor, type Belonging, reaches } from "../core/actor";
import type { Timer } from "../core/clock";
import type { PublishedEvent } from "../events/bus";
import { conversationTopic, INBOX, inboxOf, isHall, isHeardBy } from "../events/topics";

export type Raw = Pick<
  ServerWebSocket<unknown>,
  "send" | "close" | "subscribe" | "unsubscribe" | "publish" | "getBufferedAmount"
>;

/** Somebody who listens. */
export interface Seat {
  id: string;
  raw: Raw;
  /** Null until they have said who they are. */
  actor: Actor | null;
  bearer: string;
  session: string | null;
  /** What the client asked for, and may have. */
  wanted: Set<string>;
  /** Where it sits now: nowhere while it catches up. */
  joined: Set<string>;
  isCatchingUp: boolean;
  /** Ends the connection: unless they sign in, then when their token ends. */
  deadline: Timer;
  /** Frames are worked off one by one. */
  turn: Promise<void>;
  pending: number;
  /** Calls that run beside the other frames. */
  calls: number;
  /** Frames it may still send at once, and when that was counted. */
  budget: { left: number; at: number; refused: number };
  /** Client address and program of the connection, for the audit log. */
  address: string;
  userAgent: string;
  isGone: boolean;
  /** Called when what was sent has been read, or the connection is gone. */
  onDrained: (() => void) | null;
}

/** The server's own topics. */
export interface Topics {
  publish(topic: string, frame: string): void;
  subscriberCount(topic: string): number;
}

type Told = Pick<PublishedEvent, "seq" | "event" | "json">;

export const eventFrame = ({ seq, event, json }: Told, topic: string): string =>
  `{"type":"event","seq":${seq},"topic":"${shown(topic)}","event":"${event}","data":${json}}`;

export const leftFrame = (seq: number | null, conversation: string): string =>
  eventFrame({ seq, event: "conversation:left" as never, json: JSON.stringify({ conversation }) }, INBOX);

/** Clients know one inbox, whatever rooms it has. */
const shown = (topic: string): string => (topic.startsWith("inbox:") ? INBOX : topic);

export class LiveRooms {
  readonly #seats = new Map<string, Set<Seat>>();
  /** Called when a conversation is out of somebody's reach now. */
  onLost: (seat: Seat, conversation: string) => void = () => {};
  /** How often a conversation has moved: what was read of its place before may be old. */
  moves = 0;

  /** Whether somebody sits in the inbox who does not see everything, or follows a single topic. */
  get hasSmallOnes(): boolean {
    return this.#seats.size > 0;
  }

  /** Everywhere this one belongs. */
  placesOf({ actor, wanted }: Seat): Set<string> {
    const places = new Set<string>();
    if (!actor) return places;
    for (const topic of wanted) {
      if (topic === INBOX) for (const room of inboxOf(actor)) places.add(room);
      else places.add(topic);
    }
    return places;
  }

  /** Sits them where they belong now. */
  seat(seat: Seat): void {
    const next = seat.isCatchingUp ? new Set<string>() : this.placesOf(seat);
    for (const topic of seat.joined) if (!next.has(topic)) this.#leave(seat, topic);
    for (const topic of next) if (!seat.joined.has(topic)) this.#join(seat, topic);
    seat.joined = next;
  }

  remove(seat: Seat): void {
    for (const topic of seat.joined) if (!isHall(topic)) this.#leave(seat, topic);
    seat.joined = new Set();
  }

  /** Hands an event to everybody who may hear it, once. Gives those of the small rooms who have heard it. */
  deliver(event: PublishedEvent, server: Topics): Set<Seat> {
    const hall = event.topics.find(isHall);
    if (hall && server.subscriberCount(hall) > 0) server.publish(hall, eventFrame(event, hall));
    const heard = new Set<Seat>();
    if (event.left.length > 0) this.moves++;
    if (!this.hasSmallOnes) return heard;
    for (const topic of event.topics) if (!isHall(topic)) this.tell(event, topic, hall, heard);
    for (const room of event.left)
      for (const seat of this.#seats.get(room) ?? [])
        if (!heard.has(seat) && !(hall && seat.joined.has(hall))) {
          heard.add(seat);
          this.#takeAway(seat, event);
        }
    return heard;
  }

  /** Tells an event to those of one room who have not heard it yet. */
  tell(event: PublishedEvent, topic: string, hall: string | undefined, heard: Set<Seat>): void {
    for (const seat of [...(this.#seats.get(topic) ?? [])]) {
      if (heard.has(seat) || (hall && seat.joined.has(hall)) || !mayHear(seat, event, topic)) continue;
      heard.add(seat);
      if (event.event === "conversation:updated" && !reaches(seat.actor as Actor, placeIn(event))) this.#takeAway(seat, event);
      else seat.raw.send(eventFrame(event, topic));
    }
  }

  /** The conversation is out of reach now: they are told, and follow it no longer. */
  #takeAway(seat: Seat, event: PublishedEvent): void {
    const { id } = placeIn(event);
    seat.raw.send(leftFrame(event.seq, id));
    this.onLost(seat, id);
    if (seat.wanted.delete(conversationTopic(id))) this.seat(seat);
  }

  #join(seat: Seat, topic: string): void {
    if (isHall(topic)) return void seat.raw.subscribe(topic);
    const seats = this.#seats.get(topic) ?? new Set();
    this.#seats.set(topic, seats.add(seat));
  }

  #leave(seat: Seat, topic: string): void {
    if (isHall(topic)) return void seat.raw.unsubscribe(topic);
    const seats = this.#seats.get(topic);
    seats?.delete(seat);
    if (seats?.size === 0) this.#seats.delete(topic);
  }
}

const placeIn = ({ data }: PublishedEvent) => data.conversation as Belonging & { id: string };

/** Rooms of the inbox are about conversations and contacts, which need a permission each. */
const mayHear = ({ actor }: Seat, { event }: PublishedEvent, topic: string): boolean =>
  actor !== null && (!topic.startsWith("inbox:") || isHeardBy(event as never, actor));
