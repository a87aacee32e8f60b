/**
 * The money of a replay: reserved before each answer is played, from its own budget and from those of the day and the month, and counted
 * with what it really cost in the transaction that keeps the answer. An answer a killed process was playing is known by its
 * reservation, which counts as spent: the provider may have been paid.
 */
import type { TurnRun } from "../../ai/assistant";
import type { Clock } from "../../core/clock";
import { newId } from "../../core/id";
import type { Change, EventLog } from "../../events/log";
import type { AiBudgetService } from "../ai-budgets/ai-budget.service";
import type { SpendKind } from "../ai-runs/ai-spend.model";
import { type AiSpendService, spendOf } from "../ai-runs/ai-spend.service";
import type { AiReplay, AiReplayItem, AiReplayItemModel, AiReplayModel, Reserved } from "./ai-replay.model";
import { sumsOf } from "./replay-one";

/** Micro-dollars at most, in all likelihood. */
export interface Estimate {
  turn: number;
  judge: number;
}

/** What was asked for one answer. Null: not asked, or nobody knows. */
export interface Used {
  turnRun: TurnRun | null;
  judgeRun: TurnRun | null;
}

export interface ReplayTill {
  /** Reserves the money of one answer. `taken`: somebody else plays it. The others name the budget that has no room. */
  claim(replay: AiReplay, item: AiReplayItem, estimate: Estimate): Promise<Reserved | "taken" | "budget" | "company-budget">;
  /** Keeps what came of it, with its sums and its money, in one transaction: counted once, by whoever has reserved it. */
  keep(replay: AiReplay, item: AiReplayItem, held: Reserved, found: Partial<AiReplayItem>, used: Used): Promise<void>;
  /** It was not played to its end and waits again; what it has cost until now is spent. */
  giveBack(item: AiReplayItem, held: Reserved, used: Used): Promise<void>;
  /** The same for what a process has left that is no more. */
  recover(replay: string): Promise<void>;
  /** This is the only process on these data: whatever is being played was left by a dead one. */
  seizeAll(): Promise<void>;
}

export interface ReplayTillDeps {
  replays: AiReplayModel;
  items: AiReplayItemModel;
  budget: Pick<AiBudgetService, "reserve" | "settle">;
  spends: Pick<AiSpendService, "book">;
  eventLog: EventLog;
  clock: Clock;
}

/** Longer than a turn and its judge may take. */
const HELD_MS = 180_000;

export function createReplayTill({ replays, items, budget, spends, eventLog, clock }: ReplayTillDeps): ReplayTill {
  async function spend(replay: string, held: Reserved, used: Used, change: Change, isLost = false): Promise<number> {
    const micros = isLost ? held.turn + held.judge : costOf(used.turnRun, held.turn) + costOf(used.judgeRun, held.judge);
    if (held.hold) await budget.settle(held.hold, micros, change, true);
    const kinds: [SpendKind, TurnRun | null][] = [
      ["replay", used.turnRun],
      ["judge", used.judgeRun],
    ];
    for (const [kind, run] of kinds) if (run && run.calls > 0) await spends.book(spendOf(kind, run), change);
    if (isLost) await spends.book({ kind: "replay", model: held.model, calls: 1, nanos: null }, change);
    await replays.collection.updateOne(
      { _id: replay as never },
      { $inc: { spentMicros: micros, heldMicros: -(held.turn + held.judge) } },
      { session: change.session },
    );
    return micros;
  }

  const giveBack = (item: AiReplayItem, held: Reserved, used: Used, isLost: boolean) =>
    eventLog.change(async (change) => {
      const { modifiedCount } = await items.collection.updateOne(
        { _id: item._id as never, state: "running", "held.id": held.id },
        { $set: { state: "waiting", held: null } },
        { session: change.session },
      );
      if (modifiedCount > 0) await spend(item.replay, held, used, change, isLost);
    });

  return {
    async claim({ _id, change: { model } }, item, { turn, judge }) {
      const id = `replay:${item._id}:${newId(clock.now())}`;
      const micros = turn + judge;
      const verdict = await budget.reserve({ id, conversation: null, contact: null, estimates: [micros] });
      if (verdict.choice === null) return "company-budget";
      const until = new Date(clock.now() + HELD_MS);
      const held: Reserved = { id, hold: verdict.hold, turn, judge, model: model ?? "unknown", until };
      const outcome = await eventLog.change(async ({ session }) => {
        const now = (await replays.findById(_id, null, { session }).lean()) as AiReplay | null;
        if (now?.state !== "running") return "taken";
        const { spentMicros, heldMicros = 0, maxMicros } = now;
        if (spentMicros >= maxMicros || spentMicros + heldMicros + micros > maxMicros) return "budget";
        const taken = await items.collection.updateOne(
          { _id: item._id as never, state: "waiting" },
          { $set: { state: "running", held } as never },
          { session },
        );
        if (taken.modifiedCount === 0) return "taken";
        await replays.collection.updateOne({ _id: _id as never }, { $inc: { heldMicros: micros } }, { session });
        return held;
      });
      if (typeof outcome === "string" && verdict.hold) await budget.settle(verdict.hold, 0, null);
      return outcome;
    },

    async keep(replay, item, held, found, used) {
      const models = [used.turnRun, used.judgeRun].flatMap((run) => (run ? [`${run.provider}/${run.model}`] : []));
      await eventLog.change(async (change) => {
        const { session, emit } = change;
        const kept = await items.collection.updateOne(
          { _id: item._id as never, state: "running", "held.id": held.id },
          { $set: { ...found, held: null } as never },
          { session },
        );
        // Its reservation was taken for a dead one: it has been counted, and is played again.
        if (kept.modifiedCount === 0) return;
        await spend(replay._id, held, used, change);
        const sums = sumsOf(found, used.judgeRun?.costMicros ?? 0);
        const after = (await replays.collection.findOneAndUpdate(
          { _id: replay._id as never },
          {
            $inc: { done: 1, ...Object.fromEntries(Object.entries(sums).map(([key, value]) => [`sums.${key}`, value])) },
            $addToSet: { models: { $each: models } },
            $set: { leaseUntil: new Date(clock.now() + HELD_MS) },
          } as never,
          { session, returnDocument: "after" },
        )) as unknown as AiReplay | null;
        if (!after) return;
        const { _id, state, done, total } = after;
        emit("assistant-replay:updated", { replay: _id, state, done, total });
      });
    },

    giveBack: (item, held, used) => giveBack(item, held, used, false),

    async recover(replay) {
      const now = clock.now();
      const running = (await items.find({ replay, state: "running" }).lean()) as AiReplayItem[];
      for (const item of running)
        if (item.held && item.held.until.getTime() <= now)
          await giveBack(item, item.held, { turnRun: null, judgeRun: null }, true);
    },

    async seizeAll() {
      const live = await replays.find({ state: { $in: ["running", "paused"] } }, { _id: 1 }).lean();
      for (const { _id } of live)
        await items.collection.updateMany({ replay: _id as never, state: "running" }, { $set: { "held.until": new Date(0) } });
    },
  };
}

/** What is not known counts as what was reserved for it. */
const costOf = (run: TurnRun | null, reserved: number): number => (run ? (run.costMicros ?? reserved) : 0);
