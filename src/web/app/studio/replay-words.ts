/** States of a replay in words and colours. */
import type { ReplayItemView, ReplayView } from "@server/features/ai-replays/ai-replay.schema";
import type { WordKey } from "../i18n/words";

type Tell = (key: WordKey) => string;

const STATES: Record<ReplayView["state"], WordKey> = {
  running: "studio.state.running",
  paused: "studio.state.paused",
  done: "studio.state.done",
  cancelled: "studio.state.cancelled",
};

const REASONS: Readonly<Record<string, WordKey>> = {
  person: "studio.reason.person",
  budget: "studio.reason.budget",
  "company-budget": "studio.reason.companyBudget",
  provider: "studio.reason.provider",
};

export const stateWord = (t: Tell, { state }: Pick<ReplayView, "state">): string => t(STATES[state]);

export function stateLook({ state }: Pick<ReplayView, "state">): string {
  if (state === "done") return "chip-success";
  return state === "paused" ? "chip-warning" : state === "running" ? "chip-ai" : "";
}

/** Why it is paused; empty when it is not, or for no reason that has words. */
export function reasonWord(t: Tell, { state, reason }: Pick<ReplayView, "state" | "reason">): string {
  if (state !== "paused" || reason === null) return "";
  const word = REASONS[reason];
  return word ? t(word) : reason;
}

/** What became of one answer, as its chip says it. */
export function verdictOf(item: ReplayItemView): { word: WordKey; look: string } {
  if (item.state === "failed") return { word: "studio.verdict.failed", look: "chip-danger" };
  if (item.state === "waiting") return { word: "studio.verdict.waiting", look: "" };
  if (item.isSame) return { word: "studio.verdict.same", look: "" };
  if (item.judged?.better === "after") return { word: "studio.verdict.better", look: "chip-success" };
  if (item.judged?.better === "before") return { word: "studio.verdict.worse", look: "chip-danger" };
  return item.judged ? { word: "studio.verdict.even", look: "" } : { word: "studio.verdict.different", look: "chip-ai" };
}

/** Micro-dollars more than before; null when one of the prices is not known. */
export function costChange({ before, after }: Pick<ReplayItemView, "before" | "after">): number | null {
  if (before?.costMicros == null || after?.costMicros == null) return null;
  return after.costMicros - before.costMicros;
}
