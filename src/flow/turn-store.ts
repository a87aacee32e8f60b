/**
 * Turn records: claimed by one process, re-run after a crash, never run twice to the end. Where no other process could claim the same
 * turn, its record is written with its end: a crash before that leaves nothing, and the turn runs again.
 */
import type { Clock } from "../core/clock";
import { fail } from "../core/errors";
import { derivedId } from "../core/id";
import type { Change } from "../events/log";
import type { Conversation } from "../features/conversations/conversation.model";
import type { Turn, TurnModel } from "./turn.model";

/** Longer than a turn may take, so that a living process never loses its turn. */
const LEASE_MS = 60_000;
const DUPLICATE_KEY = 11_000;

export type Claim = { kind: "claimed"; turn: Turn } | { kind: "done" } | { kind: "held"; until: Date };

export interface TurnStore {
  /** Claims the turn of the conversation's newest fragment for this process. */
  claim(conversation: Conversation): Promise<Claim>;
  /** Marks it done inside the transaction that queues the reply. */
  finish(turn: Turn, outcome: string, run: Record<string, unknown> | null, change: Change): Promise<void>;
  /** Ended without an effect: newer fragments, a person, or a failure. It may be claimed again. */
  release(turn: Turn, state: "aborted" | "failed", outcome: string): Promise<void>;
  /** The only process on this data takes over what a crashed predecessor was doing. */
  seizeAll(): Promise<void>;
}

export interface TurnStoreDeps {
  turns: TurnModel;
  /** This process. */
  owner: string;
  /** No other process works on these turns. */
  isAlone: boolean;
  clock: Clock;
}

export function createTurnStore({ turns, owner, isAlone, clock }: TurnStoreDeps): TurnStore {
  /** Claimed, and not written as yet. */
  const unwritten = new WeakSet<Turn>();
  const lease = () => new Date(clock.now() + LEASE_MS);

  /** Null when there is a record already: an earlier try, a crash, or another process. */
  async function claimNew(conversation: Conversation): Promise<Turn | null> {
    const turn = newTurn(conversation);
    if (!isAlone) return insert(turn);
    if (await turns.collection.findOne({ _id: turn._id as never }, { projection: { _id: 1 } })) return null;
    unwritten.add(turn);
    return turn;
  }

  function newTurn(conversation: Conversation): Turn {
    return {
      _id: turnIdOf(conversation),
      conversation: conversation._id,
      inboundSeq: conversation.inboundSeq,
      epoch: conversation.epoch,
      state: "running",
      owner,
      leaseUntil: lease(),
      attempts: 1,
      outcome: null,
      run: null,
      startedAt: new Date(clock.now()),
      endedAt: null,
    };
  }

  async function insert(turn: Turn): Promise<Turn | null> {
    try {
      await turns.collection.insertOne(turn as never);
      return turn;
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return null;
      throw error;
    }
  }

  return {
    async claim(conversation) {
      const fresh = await claimNew(conversation);
      if (fresh) return { kind: "claimed", turn: fresh };
      const _id = turnIdOf(conversation);
      const taken = await turns.collection.findOneAndUpdate(
        {
          _id: _id as never,
          $or: [
            { state: { $in: ["aborted", "failed"] } },
            // Ours, but we do not run it: the store failed before it could be given back.
            { state: "running", owner },
            { state: "running", leaseUntil: { $lt: new Date(clock.now()) } },
            // No lease reaches so far: the clock jumped back.
            { state: "running", leaseUntil: { $gt: new Date(clock.now() + 2 * LEASE_MS) } },
          ],
        },
        {
          $set: { state: "running", owner, leaseUntil: lease(), epoch: conversation.epoch, outcome: null, endedAt: null },
          $inc: { attempts: 1 },
        } as never,
        { returnDocument: "after" },
      );
      if (taken) return { kind: "claimed", turn: taken as unknown as Turn };
      const held = (await turns.findById(_id).lean()) as Turn | null;
      return held?.state === "running" ? { kind: "held", until: held.leaseUntil } : { kind: "done" };
    },

    async finish(turn, outcome, run, { session }) {
      const end = { state: "done", outcome, run, endedAt: new Date(clock.now()) };
      // Stays unwritten: the transaction may be taken back and repeated.
      if (unwritten.has(turn)) {
        await turns.collection.insertOne({ ...turn, ...end } as never, { session });
        return;
      }
      const { _id, attempts } = turn;
      const result = await turns.collection.updateOne(
        { _id: _id as never, owner, attempts, state: "running" },
        { $set: end } as never,
        { session },
      );
      // The lease ran out and another process has taken the turn: nothing of ours may be kept.
      if (result.matchedCount === 0) throw fail("request.conflict");
    },

    async release(turn, state, outcome) {
      const end = { state, outcome, endedAt: new Date(clock.now()) };
      if (unwritten.delete(turn)) await insert({ ...turn, ...end });
      else await turns.collection.updateOne({ _id: turn._id as never, owner, state: "running" }, { $set: end } as never);
    },

    async seizeAll() {
      await turns.collection.updateMany({ state: "running" }, {
        $set: { state: "aborted", outcome: "the process ended" },
      } as never);
    },
  };
}

/** The same conversation at the same fragment in the same epoch is the same turn. */
const turnIdOf = ({ _id, inboundSeq, epoch }: Conversation): string => derivedId(_id, `turn:${inboundSeq}:${epoch}`);
