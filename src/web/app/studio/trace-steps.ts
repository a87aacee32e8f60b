/** What happened in a turn, in the order in which it began, with where each step lies in the whole time. Pure. */

export interface ModelCall {
  model: string;
  at: number;
  ms: number;
  ok: boolean;
  input: number;
  cached: number;
  output: number;
}

export interface ToolCall {
  callId: string;
  name: string;
  args: unknown;
  result: string;
  at?: number | undefined;
  ms: number;
  ok: boolean;
}

export interface TraceStep {
  kind: "model" | "tool";
  name: string;
  /** Which call of its kind, from 1. */
  number: number;
  ms: number;
  ok: boolean;
  /** Share of the whole in percent; null when it was not written down when the step began. */
  place: { left: number; width: number } | null;
  tokens: { input: number; cached: number; output: number } | null;
  args: string | null;
  result: string | null;
}

/** The steps of a turn. Runs from before times were written down have tools only, without a place. */
export function stepsOf(models: readonly ModelCall[] | null, tools: readonly ToolCall[] | null, ms: number): TraceStep[] {
  const whole = Math.max(ms, ...[...(models ?? []), ...(tools ?? [])].map((one) => (one.at ?? 0) + one.ms), 1);
  const place = (at: number | undefined, took: number) =>
    at === undefined ? null : { left: (at / whole) * 100, width: Math.max(0.5, (took / whole) * 100) };
  const steps = [
    ...(models ?? []).map(({ model, at, ms: took, ok, ...tokens }, index) => {
      const step: TraceStep = {
        ...{ kind: "model", name: model, number: index + 1, ms: took, ok, place: place(at, took) },
        tokens: ok ? { input: tokens.input, cached: tokens.cached, output: tokens.output } : null,
        args: null,
        result: null,
      };
      return { at, step };
    }),
    ...(tools ?? []).map(({ name, args, result, at, ms: took, ok }, index) => {
      const step: TraceStep = {
        ...{ kind: "tool", name, number: index + 1, ms: took, ok, place: place(at, took) },
        tokens: null,
        args: textOf(args),
        result,
      };
      return { at: at ?? Number.POSITIVE_INFINITY, step };
    }),
  ];
  return steps.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ step }) => step);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Parts of the tokens in percent, for the bar: what came from the provider's cache, what was read anew, what was written. */
export function tokenParts({ input, cached, output }: { input: number; cached: number; output: number }) {
  const fresh = Math.max(0, input - cached);
  const all = Math.max(1, cached + fresh + output);
  return {
    cached,
    fresh,
    output,
    cachedPart: (cached / all) * 100,
    freshPart: (fresh / all) * 100,
    outputPart: (output / all) * 100,
  };
}
