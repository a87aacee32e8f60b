/**
 * Lanes: everything that leaves for one contact from one number goes through one lane, and one process holds its lease. A held
 * lease is kept until it runs out, so a busy lane costs one write and not two a message.
 */
import type { Clock } from "../core/clock";
import type { LaneModel } from "./lane.model";

const LEASE_MS = 30_000;
/** A lease with less than this left is renewed before the next call, so that it cannot run out during one. */
const SAFETY_MS = 25_000 / 2;
const DUPLICATE_KEY = 11_000;

export interface Lanes {
  /** True when this process holds the lane for long enough to send one message. */
  hold(lane: string): Promise<boolean>;
  /** Gives all lanes back, so that another process need not wait. */
  releaseAll(): Promise<void>;
  /** The only process on this data takes over what a crashed predecessor held. */
  seizeAll(): Promise<void>;
}

export function createLanes({ lanes, owner, clock }: { lanes: LaneModel; owner: string; clock: Clock }): Lanes {
  const held = new Map<string, number>();

  async function claim(lane: string, now: number): Promise<boolean> {
    const leaseUntil = new Date(now + LEASE_MS);
    try {
      await lanes.collection.updateOne(
        { _id: lane as never, $or: [{ owner }, { leaseUntil: { $lt: new Date(now) } }] },
        { $set: { owner, leaseUntil }, $inc: { token: 1 } } as never,
        { upsert: true },
      );
    } catch (error) {
      // The upsert of a lane that somebody else holds collides with their document.
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
    held.set(lane, leaseUntil.getTime());
    return true;
  }

  return {
    async hold(lane) {
      const now = clock.now();
      for (const [name, until] of held) {
        if (until > now) break;
        held.delete(name);
      }
      if ((held.get(lane) ?? 0) - now > SAFETY_MS) return true;
      held.delete(lane);
      return claim(lane, now);
    },
    async releaseAll() {
      held.clear();
      await lanes.deleteMany({ owner });
    },
    async seizeAll() {
      await lanes.deleteMany({});
    },
  };
}
