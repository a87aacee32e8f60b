/** Repeats to a client what it has missed, from the log, and lets it join in without a gap. */
import { fail } from "../core/errors";
import type { EventBus } from "../events/bus";
import type { EventLog } from "../events/log";
import { failureBody } from "./errors";
import { eventFrame, type LiveRooms, leftFrame, type Seat } from "./live-rooms";

export interface ResumeDeps {
  bus: EventBus;
  eventLog: EventLog;
  rooms: LiveRooms;
}

/** Well below the limit at which a slow client is closed. */
const MOST_BUFFERED = 256 * 1024;

/** Tells a client to load its page anew. */
export const resync = (seat: Seat, bus: EventBus): unknown =>
  seat.raw.send(JSON.stringify({ type: "resync", seq: bus.seq, ...failureBody(fail("live.too-old"), seat.id) }));

/** Sends what was missed, then joins the topics in the same turn of the event loop: nothing is skipped, nothing comes twice. */
export async function resume(seat: Seat, since: number, { bus, eventLog, rooms }: ResumeDeps): Promise<void> {
  seat.isCatchingUp = true;
  rooms.seat(seat);
  try {
    for (let seen = since; seen !== bus.seq; ) {
      // A number we have never given: our data were restored from an older state.
      const missed = seen < bus.seq ? await eventLog.since(seen) : null;
      if (!missed || missed.length === 0) {
        resync(seat, bus);
        break;
      }
      const own = rooms.placesOf(seat);
      for (const { _id, event, topics, left = [], data } of missed) {
        const topic = topics.find((one) => own.has(one));
        if (topic) seat.raw.send(eventFrame({ seq: _id, event, json: data }, topic));
        else if (left.some((room) => own.has(room))) {
          const { id } = (JSON.parse(data) as { conversation: { id: string } }).conversation;
          seat.raw.send(leftFrame(_id, id));
          rooms.onLost(seat, id);
        }
        seen = _id;
        // A client that reads is never closed for what it has missed.
        if (seat.raw.getBufferedAmount() > MOST_BUFFERED) await drained(seat);
        if (seat.isGone) return;
      }
    }
  } finally {
    seat.isCatchingUp = false;
    if (!seat.isGone) rooms.seat(seat);
  }
}

/** Until the client has read what was sent, or is gone. */
const drained = (seat: Seat): Promise<void> =>
  new Promise((resolve) => {
    seat.onDrained = () => {
      seat.onDrained = null;
      resolve();
    };
  });
