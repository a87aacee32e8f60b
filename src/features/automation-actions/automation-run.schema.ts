/** What clients see of a run. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, nullable, oneOf, Timestamp } from "../../events/view";
import { type AutomationRun, OUTCOME_STATES, RUN_STATES } from "./automation-run.model";

export const RunView = t.Object(
  {
    id: Id,
    kind: oneOf(["rule", "macro"]),
    source: t.String({ ...Id, description: "The rule or macro" }),
    name: t.String(),
    conversation: Id,
    event: nullable(t.String({ description: "What started a rule" })),
    message: nullable(Id),
    by: t.String({ description: "In whose name" }),
    state: oneOf(RUN_STATES),
    outcomes: t.Array(
      t.Object({
        do: t.String(),
        state: oneOf(OUTCOME_STATES),
        detail: nullable(t.String({ description: "Why it failed or was left out, or what the other side answered" })),
        message: nullable(t.String({ ...Id, description: "The message it became" })),
        at: Timestamp,
      }),
    ),
    createdAt: Timestamp,
    finishedAt: nullable(t.String()),
  },
  { title: "AutomationRun" },
);
export type RunView = Static<typeof RunView>;

export const RunParams = t.Object({ id: Id });
export const RunListQuery = t.Object({
  ...pageQuery,
  source: t.Optional(t.String({ ...Id, description: "A rule or macro" })),
  conversation: t.Optional(Id),
});
export const RunAnswer = okSchema(RunView);
export const RunPage = pageSchema(RunView);

export const toRunView = (run: AutomationRun): RunView => ({
  id: run._id,
  kind: run.kind,
  source: run.source,
  name: run.name,
  conversation: run.conversation,
  event: run.event,
  message: run.message,
  by: run.actor.name,
  state: run.state,
  outcomes: run.outcomes.map(({ at, ...outcome }) => ({ ...outcome, at: at.toISOString() })),
  createdAt: run.createdAt.toISOString(),
  finishedAt: run.finishedAt?.toISOString() ?? null,
});
