/** What the routes of replays and golden conversations accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ModelCalls, ToolCalls } from "../../events/turn-view";
import { Id, nullable, oneOf, Timestamp } from "../../events/view";

const Side = t.String({ pattern: "^(draft|[1-9]\\d{0,4})$", description: "Number of a version, or draft" });
const PromptSide = t.Object({ id: Id, side: Side }, { additionalProperties: false });
const Model = t.String({ minLength: 1, maxLength: 120 });

export const NewReplay = t.Object({
  name: t.Optional(t.String({ minLength: 1, maxLength: 80 })),
  last: t.Integer({ minimum: 1, maximum: 5_000, description: "So many answers of the past, the newest" }),
  prompt: t.Optional(PromptSide),
  model: t.Optional(Model),
  knowledge: t.Optional(t.Boolean({ description: "Search the knowledge as it is now" })),
  judge: t.Optional(t.Boolean({ description: "A model compares answers that differ; costs money of its own" })),
  maxMicros: t.Integer({
    minimum: 1,
    maximum: 1_000_000_000,
    description: "Most it may spend, in micro-dollars; then it pauses",
  }),
});
export type NewReplay = Static<typeof NewReplay>;

const Sums = t.Object({
  same: t.Integer(),
  failed: t.Integer(),
  handOffsBefore: t.Integer(),
  handOffsAfter: t.Integer(),
  costBefore: t.Integer({ description: "Micro-dollars of the runs whose cost is known on both sides" }),
  costAfter: t.Integer(),
  judgeCost: t.Integer(),
  unpriced: t.Integer(),
  checksFailedBefore: t.Integer({ description: "Answers that failed a check that needs no model" }),
  checksFailedAfter: t.Integer(),
  judged: t.Integer(),
  better: t.Integer(),
  worse: t.Integer(),
  scoreBefore: t.Number({ description: "Sum of the judge's scores, 1 to 5 each" }),
  scoreAfter: t.Number(),
});

export const ReplayView = t.Object(
  {
    id: Id,
    name: t.String(),
    state: oneOf(["running", "paused", "done", "cancelled"]),
    reason: nullable(
      t.String({
        description: "Why it is paused: person, budget (its own), company-budget (of the day or the month) or provider",
      }),
    ),
    change: t.Object({ prompt: nullable(PromptSide), model: nullable(t.String()), knowledge: t.Boolean() }),
    judge: t.Boolean(),
    maxMicros: t.Integer(),
    spentMicros: t.Integer(),
    total: t.Integer(),
    done: t.Integer(),
    sums: Sums,
    models: t.Array(t.String(), { description: "Who answered and judged: figures mean nothing without it" }),
    isEvidence: t.Boolean({ description: "False when the sandbox answered or judged: then scores say nothing about quality" }),
    by: t.Object({ id: t.String(), name: t.String() }),
    createdAt: Timestamp,
    endedAt: nullable(Timestamp),
  },
  { title: "AssistantReplay" },
);
export type ReplayView = Static<typeof ReplayView>;

const Check = t.Object({ name: t.String(), ok: t.Boolean(), detail: t.String() });
const SideView = t.Object({
  outcome: t.String(),
  reason: nullable(t.String()),
  answer: nullable(t.String()),
  model: t.String(),
  provider: t.String(),
  costMicros: nullable(t.Integer()),
  checks: t.Array(Check),
});
export const ReplayItemView = t.Object({
  number: t.Integer(),
  run: Id,
  conversation: Id,
  question: nullable(t.String({ description: "What the customer had written; null once the words are gone" })),
  state: oneOf(["waiting", "done", "failed"]),
  before: nullable(SideView),
  after: nullable(SideView),
  isSame: t.Boolean(),
  judged: nullable(
    t.Object({
      better: t.String(),
      before: t.Integer(),
      after: t.Integer(),
      reason: t.String(),
      model: t.String(),
      provider: t.String(),
    }),
  ),
  diff: t.Array(t.Object({ kind: oneOf(["same", "added", "removed"]), text: t.String() })),
  error: nullable(t.String()),
});
export type ReplayItemView = Static<typeof ReplayItemView>;

export const ReplayQuery = t.Object(pageQuery);
export type ReplayQuery = Static<typeof ReplayQuery>;
export const ItemQuery = t.Object({
  ...pageQuery,
  only: t.Optional(oneOf(["different", "worse", "failed"])),
});
export type ItemQuery = Static<typeof ItemQuery>;
export const ReplayParams = t.Object({ id: Id });
export const ReplayAnswer = okSchema(ReplayView);
export const ReplayPage = pageSchema(ReplayView);
export const ItemPage = pageSchema(ReplayItemView);
export const ResumeBody = t.Object({
  maxMicros: t.Optional(t.Integer({ minimum: 1, maximum: 1_000_000_000, description: "A larger budget" })),
});

const LONGEST_YAML = 40_000;
const golden = {
  name: t.String({ minLength: 1, maxLength: 120 }),
  yaml: t.String({ minLength: 10, maxLength: LONGEST_YAML, description: "The conversation and what is expected" }),
  prompt: nullable(t.String({ ...Id, description: "Only before this prompt is published; before any when null" })),
  isEnabled: t.Boolean({ description: "Has to come out well before a prompt is published" }),
};
export const GoldenView = t.Object(
  {
    id: Id,
    ...golden,
    conversation: nullable(Id),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "GoldenConversation" },
);
export type GoldenView = Static<typeof GoldenView>;
export const NewGolden = t.Object({
  name: golden.name,
  yaml: golden.yaml,
  prompt: t.Optional(golden.prompt),
  isEnabled: t.Optional(golden.isEnabled),
});
export type NewGolden = Static<typeof NewGolden>;
export const GoldenPatch = t.Object(
  { version: t.Optional(t.Integer({ minimum: 0 })), ...t.Partial(t.Object(golden)).properties },
  { minProperties: 1 },
);
export type GoldenPatch = Static<typeof GoldenPatch>;
export const RecordBody = t.Object({ run: Id, name: golden.name, prompt: t.Optional(golden.prompt) });
export type RecordBody = Static<typeof RecordBody>;
export const RunGoldensBody = t.Object({
  prompt: t.Optional(PromptSide),
  model: t.Optional(Model),
  only: t.Optional(
    t.Array(Id, {
      minItems: 1,
      maxItems: 60,
      uniqueItems: true,
      description: "These, enabled or not; all that are enabled when absent",
    }),
  ),
});
export type RunGoldensBody = Static<typeof RunGoldensBody>;

const GoldenResult = t.Object({
  id: Id,
  name: t.String(),
  ok: t.Boolean(),
  failures: t.Array(t.String()),
  outcome: nullable(t.String()),
  answer: nullable(t.String()),
  model: nullable(t.String()),
  provider: nullable(t.String()),
});
export type GoldenResult = Static<typeof GoldenResult>;
/** A text is tried out before it is kept anywhere. */
export const TrialBody = t.Object({
  text: t.String({ minLength: 1, maxLength: 20_000, description: "The text of the prompt, as a draft would have it" }),
  model: t.Optional(Model),
  history: t.Optional(
    t.Array(t.Object({ role: oneOf(["customer", "assistant"]), text: t.String({ minLength: 1, maxLength: 6_000 }) }), {
      maxItems: 60,
      description: "What was said before, oldest first",
    }),
  ),
  message: t.String({
    minLength: 1,
    maxLength: 6_000,
    description: "What the customer writes",
    examples: ["¿Hacen envíos a Cusco?"],
  }),
});
export type TrialBody = Static<typeof TrialBody>;
export const TrialAnswer = okSchema(
  t.Object({
    outcome: t.String({ description: "reply, hand-off, silent or close" }),
    reason: nullable(t.String()),
    answer: nullable(t.String()),
    provider: t.String(),
    model: t.String(),
    ms: t.Integer(),
    costMicros: nullable(t.Integer({ description: "Micro-dollars; null when a price is unknown" })),
    usage: t.Object({ input: t.Integer(), cached: t.Integer(), output: t.Integer() }),
    modelCalls: ModelCalls,
    toolCalls: ToolCalls,
    sources: t.Array(t.Object({ title: t.String(), isCited: t.Boolean() })),
    checks: t.Array(Check),
    isEvidence: t.Boolean({ description: "False when the sandbox answered" }),
  }),
);
export type TrialView = Static<typeof TrialAnswer>["data"];

export const GoldenAnswer = okSchema(GoldenView);
export const GoldenList = okSchema(t.Array(GoldenView));
export const GoldenRemoved = okSchema(t.Object({ id: Id }));
export const GoldenResults = okSchema(t.Object({ ok: t.Boolean(), results: t.Array(GoldenResult), isEvidence: t.Boolean() }));
