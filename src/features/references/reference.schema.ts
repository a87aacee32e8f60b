/** What the routes of references answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { oneOf } from "../../events/view";

export const Problem = t.Object(
  {
    kind: oneOf(["automation-rule", "macro", "sla-policy", "business-hours", "settings"]),
    id: t.String(),
    name: t.String(),
    path: t.String({ description: "Where in it", examples: ["actions.0"] }),
    missing: t.Object({
      kind: oneOf(["team", "agent", "label", "role", "attribute", "template"]),
      id: t.String({ description: "Of labels and templates the name, of attributes the key" }),
    }),
    message: t.String(),
  },
  { title: "AutomationProblem" },
);
export type Problem = Static<typeof Problem>;

export const ProblemList = okSchema(t.Array(Problem));
