/** Trying a prompt's text out: one turn with an invented customer, which changes and sends nothing. */
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { unknownVariables } from "../../core/prompt-variables";
import type { TrialBody, TrialView } from "./ai-replay.schema";
import { isEvidence } from "./ai-replay.view";
import { checkAnswer } from "./answer-checks";
import type { DryTurn, KeptInput } from "./dry-turn";
import { inputOf } from "./golden-case";

export interface AiTrialService {
  /** Throws `request.invalid` for a variable nobody knows, `assistant.no-connection`, `assistant.budget-used`, `assistant.provider-failed`. */
  run(body: TrialBody, signal: AbortSignal): Promise<TrialView>;
}

export interface AiTrialDeps {
  /** Null: there is no provider now. */
  dryTurn: () => DryTurn | null;
  settings: () => Promise<Omit<KeptInput, "turnId" | "contact" | "history" | "incoming" | "safetyId" | "now">>;
  clock: Clock;
}

export function createAiTrials({ dryTurn, settings, clock }: AiTrialDeps): AiTrialService {
  return {
    async run({ text, model = null, history = [], message }, signal) {
      const [unknown] = unknownVariables(text);
      if (unknown) {
        const detail = { path: "body.text", message: `names {{${unknown}}}, which is not a variable of prompts` };
        throw fail("request.invalid", { details: [detail] });
      }
      const turn = dryTurn();
      if (!turn) throw fail("assistant.no-connection");
      const conversation = history.map(({ role, text: said }) =>
        role === "customer" ? { customer: said } : { assistant: said },
      );
      const input = {
        ...inputOf({ conversation, messages: [message], expect: {} }, await settings(), clock.now()),
        turnId: "trial",
      };
      const task = { input, conversation: null, prompt: text, model, searchKnowledge: true };
      const made = await turn(task, signal).catch((error: unknown) => {
        // Awaited: AiError, which knows what it has used; refusals of our own go up as they are.
        throw (error as { run?: unknown }).run ? fail("assistant.provider-failed", { cause: error }) : error;
      });
      const { outcome, reason, answer, provider, costMicros, run, sources, citations, known } = made;
      const hasKnowledge = sources.length > 0;
      return {
        outcome,
        reason,
        answer,
        provider,
        model: made.model,
        ms: run.ms,
        costMicros,
        usage: { input: run.usage.input, cached: run.usage.cached, output: run.usage.output },
        modelCalls: run.modelCalls,
        toolCalls: run.toolCalls,
        sources,
        checks: checkAnswer({ outcome, answer, known, incoming: [message], hasKnowledge, citations }),
        isEvidence: isEvidence([`${provider}/${made.model}`]),
      };
    },
  };
}
