/** Vectors as they are paid for: reserved before the provider is asked, counted afterwards. Where no money is left, words have to do. */
import type { Embed } from "../../ai/embeddings";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { AiBudgetService } from "../ai-budgets/ai-budget.service";
import type { AiSpendService } from "../ai-runs/ai-spend.service";

export interface PaidEmbedDeps {
  /** Null: no provider makes vectors now. */
  embedder: () => { embed: Embed; model: string } | null;
  budget: Pick<AiBudgetService, "reserve" | "settle">;
  spends: Pick<AiSpendService, "note">;
  /** Nano-dollars these texts cost in all likelihood; null when the price is unknown. */
  estimate: (texts: readonly string[], model: string) => number | null;
  /** The failed call may have been billed: nobody knows for how much. */
  isBilledUnknown: (error: unknown) => boolean;
  clock: Clock;
}

/** Gives the same as `embedder`; its vectors throw `assistant.budget-used` too. */
export function createPaidEmbed({ embedder, budget, spends, estimate, isBilledUnknown, clock }: PaidEmbedDeps) {
  return (): ReturnType<PaidEmbedDeps["embedder"]> => {
    const by = embedder();
    if (!by) return null;
    const { embed, model } = by;
    return {
      model,
      async embed(texts, options, signal) {
        const verdict = await budget.reserve({
          id: `embedding:${newId(clock.now())}`,
          conversation: null,
          contact: null,
          estimates: [(estimate(texts, model) ?? 0) / 1_000],
        });
        if (verdict.choice === null) throw fail("assistant.budget-used");
        try {
          const made = await embed(texts, options, signal);
          spends.note({ kind: "embedding", model, calls: 1, input: made.tokens ?? 0, nanos: made.costNanos });
          if (verdict.hold) await budget.settle(verdict.hold, made.costNanos === null ? null : made.costNanos / 1_000, null);
          return made;
        } catch (error) {
          // AiError: what was refused costs nothing, what was cut off nobody knows.
          const isUnknown = isBilledUnknown(error);
          if (isUnknown) spends.note({ kind: "embedding", model, calls: 1, nanos: null });
          if (verdict.hold) await budget.settle(verdict.hold, isUnknown ? null : 0, null);
          throw error;
        }
      },
    };
  };
}
