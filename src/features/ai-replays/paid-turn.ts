/** A dry turn whose money is reserved before the provider is asked and counted whatever comes of it. */
import type { TurnRun } from "../../ai/assistant";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { AiBudgetService } from "../ai-budgets/ai-budget.service";
import { type AiSpendService, spendOf } from "../ai-runs/ai-spend.service";
import type { DryTask, DryTurn } from "./dry-turn";

export interface PaidTurnDeps {
  /** Null: there is no provider now. */
  dryTurn: () => DryTurn | null;
  budget: Pick<AiBudgetService, "reserve" | "settle">;
  spends: Pick<AiSpendService, "book">;
  /** Micro-dollars the task costs at most in all likelihood. */
  estimate: (task: DryTask) => number;
  /** What it is booked as. */
  kind: "golden" | "trial";
  clock: Clock;
}

/** Its turns throw AiError, and `assistant.budget-used` when the day or the month has no money left. */
export function createPaidTurn({ dryTurn, budget, spends, estimate, kind, clock }: PaidTurnDeps): () => DryTurn | null {
  return () => {
    const turn = dryTurn();
    if (!turn) return null;
    return async (task, signal) => {
      const id = `${kind}:${newId(clock.now())}`;
      const verdict = await budget.reserve({ id, conversation: null, contact: null, estimates: [estimate(task)] });
      if (verdict.choice === null) throw fail("assistant.budget-used");
      const { hold } = verdict;
      try {
        const made = await turn(task, signal);
        await spends.book(spendOf(kind, made.run), null);
        if (hold) await budget.settle(hold, made.run.costMicros, null);
        return made;
      } catch (error) {
        // AiError, with what was used; of anything else nobody knows.
        const { run } = error as { run?: TurnRun };
        if (run && run.calls > 0) await spends.book(spendOf(kind, run), null);
        if (hold) await budget.settle(hold, run ? run.costMicros : null, null);
        throw error;
      }
    };
  };
}
