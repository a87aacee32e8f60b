/** The money of a turn: what it may cost at most, which model may be asked for it, and what it has cost in the end. */
import type { TurnInput } from "../ai/assistant";
import { costMicros, findPrice } from "../ai/cost";
import type { PriceRow } from "../ai/price-table";
import { staticText } from "../ai/prompt";
import { estimateTokens } from "../ai/token-estimate";
import type { AiBudgetService, Hold } from "../features/ai-budgets/ai-budget.service";

export interface TurnBudget extends AiBudgetService {
  prices: () => readonly PriceRow[];
  /** What customers read when there is no money left; empty: the usual holding message. */
  cannedReply: () => string;
}

export type BudgetedTurn = { input: TurnInput; hold: Hold | null } | { input: null; scope: string };

/** Tools, their schemas and what the wire adds; estimated tokens are some less than real ones. */
const OVERHEAD_TOKENS = 1_500;
const SAFETY = 1.15;
/** Most turns need one call, some a second one after a tool; more is rare, and settled when it is known. */
const LIKELY_CALLS = 2;
const DEFAULT_OUTPUT = 800;

/** Reserves the money of a turn. Gives the turn as it may be made, or the budget that is used up. */
export async function budgetTurn(
  input: TurnInput,
  about: { id: string; conversation: string; contact: string; model: string },
  budget: TurnBudget,
): Promise<BudgetedTurn> {
  const models = [input.model ?? about.model, ...(input.fallbackModel === undefined ? [] : [input.fallbackModel])];
  const estimates = models.map((model) => estimateMicros(input, model, budget.prices()));
  const verdict = await budget.reserve({ ...about, estimates });
  if (verdict.choice === null) return { input: null, scope: verdict.scope };
  if (verdict.choice === 0) return { input, hold: verdict.hold };
  return { input: { ...input, model: models[verdict.choice] as string }, hold: verdict.hold };
}

const SUMMARY_RULES = 500;
const SUMMARY_OUTPUT = 600;

/** Micro-dollars a summary of so much costs at most in all likelihood; 0 when the price is unknown. */
export function summaryMicros(
  history: readonly { text: string }[],
  model: string,
  at: number,
  prices: readonly PriceRow[],
): number {
  const price = findPrice(model, at, prices);
  if (!price) return 0;
  const tokens = Math.ceil((history.reduce((sum, { text }) => sum + estimateTokens(text), 0) + SUMMARY_RULES) * SAFETY);
  return costMicros({ input: tokens, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: SUMMARY_OUTPUT, reasoning: 0 }, price);
}

/** Micro-dollars a turn on this model costs at most in all likelihood; 0 when its price is unknown. */
export function estimateMicros(
  input: Pick<TurnInput, "business" | "summary" | "history" | "incoming" | "book" | "limits" | "now">,
  model: string,
  prices: readonly PriceRow[],
): number {
  const price = findPrice(model, input.now, prices);
  if (!price) return 0;
  const texts = [
    staticText(input.business),
    input.summary ?? "",
    ...input.history.map(({ text }) => text),
    ...input.incoming.map(({ text }) => text),
    ...(input.book?.all.map(({ text }) => text) ?? []),
  ];
  const tokens = Math.ceil((texts.reduce((sum, text) => sum + estimateTokens(text), 0) + OVERHEAD_TOKENS) * SAFETY);
  const output = input.limits?.maxOutputTokens ?? DEFAULT_OUTPUT;
  const usage = { input: tokens, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output, reasoning: 0 };
  return costMicros(usage, price) * LIKELY_CALLS;
}
