/** What the routes of the assistant's runs accept and answer. */
import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ModelCalls, ToolCalls } from "../../events/turn-view";
import { Id, Timestamp } from "../../events/view";

const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()]);
const Kind = t.Union([t.Literal("reply"), t.Literal("summary"), t.Literal("copilot"), t.Literal("hearing")]);
const Day = (description: string) => t.String({ pattern: "^20[0-9]{2}-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$", description });

export const RunQuery = t.Object({
  ...pageQuery,
  conversation: t.Optional(Id),
  day: t.Optional(Day("Runs of this day, YYYY-MM-DD in UTC")),
  kind: t.Optional(Kind),
  outcome: t.Optional(t.String({ pattern: "^[a-z-]{1,30}$", description: "Only runs that ended so" })),
});
export type RunQuery = Static<typeof RunQuery>;
export const RunParams = t.Object({ id: Id });

const Usage = t.Object({
  input: t.Integer({ description: "Tokens read, cached ones included" }),
  cached: t.Integer(),
  cacheWrite: t.Integer(),
  cacheWrite12h: t.Integer(),
  output: t.Integer({ description: "Tokens written, thinking included" }),
  reasoning: t.Integer(),
});

const fields = {
  id: Id,
  turn: nullable(t.String()),
  kind: Kind,
  conversation: Id,
  contact: Id,
  channel: t.String(),
  at: Timestamp,
  outcome: t.String({ description: "reply, hand-off, silent, close, summary, or failed and aborted" }),
  reason: nullable(t.String()),
  prompt: nullable(
    t.String({ description: "Id and number of the prompt's version; a key of the text where it is that of the settings" }),
  ),
  provider: t.String(),
  model: t.String(),
  wire: nullable(t.String()),
  calls: t.Integer({ description: "Requests to the provider, retries included" }),
  fragments: t.Integer({ description: "Messages answered together" }),
  ms: t.Integer(),
  usage: Usage,
  costMicros: nullable(t.Integer({ description: "Micro-dollars; null when a price or the usage of a call is unknown" })),
  savedMicros: nullable(t.Integer({ description: "Micro-dollars an answer that was kept has saved; null where none was used" })),
  isUngrounded: t.Boolean({ description: "A question was answered without a source although there is knowledge" }),
};
const Run = t.Object(fields);
export type RunView = Static<typeof Run>;
export const RunPage = pageSchema(Run);

const FullRun = t.Object({
  ...fields,
  answer: nullable(t.String()),
  toolCalls: nullable(ToolCalls),
  modelCalls: nullable(ModelCalls),
  citations: nullable(t.Array(t.Object({ sentence: t.String(), chunks: t.Array(t.String()) }))),
  input: nullable(t.Unknown({ description: "All that the turn was given: settings, summary, history, messages" })),
});
export type FullRunView = Static<typeof FullRun>;
export const RunAnswer = okSchema(FullRun);

export const UsageQuery = t.Object({
  from: Day("First day, YYYY-MM-DD in UTC"),
  to: Day("Last day; at most 92 days after the first"),
  by: t.Optional(
    t.Union(
      [
        t.Literal("day"),
        t.Literal("model"),
        t.Literal("prompt"),
        t.Literal("conversation"),
        t.Literal("contact"),
        t.Literal("kind"),
      ],
      {
        description:
          "One row for each; day when absent. Kinds: reply, summary, copilot, hearing, embedding, moderation, replay, judge, golden, trial and probe",
      },
    ),
  ),
});
export type UsageQuery = Static<typeof UsageQuery>;

const UsageRow = t.Object({
  key: nullable(t.String()),
  runs: t.Integer(),
  calls: t.Integer(),
  input: t.Integer(),
  cached: t.Integer(),
  output: t.Integer(),
  costMicros: t.Integer({ description: "Of the runs whose cost is known" }),
  savedMicros: t.Integer({ description: "What answers that were kept would have cost again" }),
  unpriced: t.Integer({ description: "Runs whose cost is unknown" }),
});
export type UsageRow = Static<typeof UsageRow>;
export const UsageAnswer = okSchema(t.Object({ rows: t.Array(UsageRow), total: UsageRow }));
