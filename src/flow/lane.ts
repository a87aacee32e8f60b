/**
 * Lanes: everything that leaves for one contact from one number goes through one lane, and one process holds it. A lease is taken
 * by one atomic update, kept until it runs out, and fenced: its token is checked in the transaction that writes each intent, so a
 * process that slept through the end of its lease sends nothing.
 */
import type { Clock } from "../core/clock";
import type { Fence } from "../features/messages/message-delivery.service";
import type { LaneModel } from "./lane.model";

const LEASE_MS = 30_000;
/** A lease with less than this left is renewed before the next call, so that it does not run out during one. */
const SAFETY_MS = 25_000;
const DUPLICATE_KEY = 11_000;

export interface Lanes {
  /** True when this process holds the lane for long enough to send one message. */
  hold(lane: string): Promise<boolean>;
  /** What proves, when an intent is written, that the lane is still ours. Null where nobody else can hold it. */
  fence(lane: string): Fence | null;
  /** Gives all lanes back, so that another process need not wait. */
  releaseAll(): Promise<void>;
}

/** The only process on this data holds every lane without asking. */
export const ownLanes: Lanes = {
  hold: () => Promise.resolve(true),
  fence: () => null,
  releaseAll: () => Promise.resolve(),
};

interface Held {
  token: number;
  until: number;
}

/** Lanes that several processes share through the store. */
export function createLeasedLanes({ lanes, owner, clock }: { lanes: LaneModel; owner: string; clock: Clock }): Lanes {
  const held = new Map<string, Held>();

  async function claim(lane: string, now: number): Promise<boolean> {
    const leaseUntil = new Date(now + LEASE_MS);
    try {
      const taken = await lanes.collection.findOneAndUpdate(
        {
          _id: lane as never,
          $or: [{ owner }, { leaseUntil: { $lt: new Date(now) } }, { leaseUntil: { $gt: new Date(now + 2 * LEASE_MS) } }],
        },
        { $set: { owner, leaseUntil }, $inc: { token: 1 } } as never,
        { upsert: true, returnDocument: "after" },
      );
      held.delete(lane);
      held.set(lane, { token: Number(taken?.token), until: leaseUntil.getTime() });
      return true;
    } catch (error) {
      // The upsert of a lane that somebody else holds collides with their document.
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  return {
    async hold(lane) {
      const now = clock.now();
      // Oldest claims first: what has run out is forgotten here, so the map stays as small as the traffic.
      for (const [name, { until }] of held) {
        if (until > now) break;
        held.delete(name);
      }
      const left = (held.get(lane)?.until ?? 0) - now;
      // A wall clock that jumped back would make a lease look endless.
      if (left > SAFETY_MS && left <= LEASE_MS) return true;
      held.delete(lane);
      return claim(lane, now);
    },

    fence(lane) {
      const token = held.get(lane)?.token ?? -1;
      return async (session) => {
        const result = await lanes.collection.updateOne(
          { _id: lane as never, owner, token },
          { $set: { leaseUntil: new Date(clock.now() + LEASE_MS) } } as never,
          { session },
        );
        return result.matchedCount === 1;
      };
    },

    async releaseAll() {
      held.clear();
      await lanes.deleteMany({ owner });
    },
  };
}
