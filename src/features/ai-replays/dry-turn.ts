/** What a replay asks for: one turn of the assistant that changes and sends nothing. Given by the composition root. */
import type { TurnInput, TurnRun } from "../../ai/assistant";

/** What is kept of a turn's input: values that can be run again. */
export type KeptInput = Omit<TurnInput, "tools" | "book" | "redact" | "onCommitted" | "passages"> & {
  passages?: { id: string; title: string; text: string }[];
};

export interface DryTask {
  input: KeptInput;
  /** Null: as somebody the store does not know. */
  conversation: string | null;
  /** The text about the business instead of the one that was used. */
  prompt: string | null;
  model: string | null;
  searchKnowledge: boolean;
}

export interface DryAnswer {
  outcome: string;
  reason: string | null;
  answer: string | null;
  tools: { name: string; args: unknown }[];
  citations: number;
  /** Passages of the knowledge it was given or has found. */
  sources: { title: string; isCited: boolean }[];
  model: string;
  provider: string;
  costMicros: number | null;
  /** All that it used. */
  run: TurnRun;
  /** Everything the assistant could know. */
  known: string[];
}

/** Throws AiError, with `run`. */
export type DryTurn = (task: DryTask, signal: AbortSignal) => Promise<DryAnswer>;
