/** Vectors as they are paid for: reserved before the provider is asked, counted afterwards. Where no money is left, words have to do. */
import { AiError, isBilledUnknown } from "../../ai/ai-error";
import { findPrice, readingNanos } from "../../ai/cost";
import type { Embed } from "../../ai/embeddings";
import type { PriceRow } from "../../ai/price-table";
import type { Clock } from "../../core/clock";
import { newId } from "../../core/id";
import type { AiBudgetService } from "../ai-budgets/ai-budget.service";
import type { AiSpendService } from "../ai-runs/ai-spend.service";

export interface PaidEmbedDeps {
  /** Null: no provider makes vectors now. */
  embedder: () => { embed: Embed; model: string } | null;
  budget: Pick<AiBudgetService, "reserve" | "settle">;
  spends: Pick<AiSpendService, "note">;
  countTokens: (text: string) => number;
  prices: () => readonly PriceRow[];
  clock: Clock;
}

/** Gives the same as `embedder`; its vectors throw AiError `rate-limited` when a budget is used up. */
export function createPaidEmbed({ embedder, budget, spends, countTokens, prices, clock }: PaidEmbedDeps) {
  return (): ReturnType<PaidEmbedDeps["embedder"]> => {
    const by = embedder();
    if (!by) return null;
    const { embed, model } = by;
    return {
      model,
      async embed(texts, options, signal) {
        const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
        const estimate = readingNanos(tokens, findPrice(model, clock.now(), prices()));
        const verdict = await budget.reserve({
          id: `embedding:${newId(clock.now())}`,
          conversation: null,
          contact: null,
          estimates: [(estimate ?? 0) / 1_000],
        });
        if (verdict.choice === null)
          throw new AiError("rate-limited", { retryable: false, detail: "The budget of the assistant is used up." });
        try {
          const made = await embed(texts, options, signal);
          spends.note({ kind: "embedding", model, calls: 1, input: made.tokens ?? 0, nanos: made.costNanos });
          if (verdict.hold) await budget.settle(verdict.hold, made.costNanos === null ? null : made.costNanos / 1_000, null);
          return made;
        } catch (error) {
          // AiError: what was refused costs nothing, what was cut off nobody knows.
          if (!(error instanceof AiError)) throw error;
          const isUnknown = isBilledUnknown(error);
          if (isUnknown) spends.note({ kind: "embedding", model, calls: 1, nanos: null });
          if (verdict.hold) await budget.settle(verdict.hold, isUnknown ? null : 0, null);
          throw error;
        }
      },
    };
  };
}
