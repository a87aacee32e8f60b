/** What the copilot's route accepts and answers. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, nullable, oneOf } from "../../events/view";

export const CopilotParams = t.Object({ id: Id });
export const CopilotBody = t.Object(
  {
    task: oneOf(["suggest", "summarise", "translate", "rewrite", "answer"]),
    text: t.Optional(t.String({ maxLength: 5_000, description: "What is translated or rewritten, or the question" })),
    language: t.Optional(
      t.String({
        pattern: "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        maxLength: 35,
        description: "Language of what comes out, such as es; of a translation the customer's when left out",
      }),
    ),
    tone: t.Optional(oneOf(["friendly", "formal", "shorter", "longer", "clearer", "apologetic"])),
    stream: t.Optional(
      t.String({
        pattern: "^[\\w-]{8,60}$",
        description: "Pieces come as `copilot:text` events with this name to the agent's own topic",
      }),
    ),
  },
  { examples: [{ task: "suggest" }, { task: "translate", text: "¿Cuánto cuesta?", language: "en" }] },
);
export type CopilotBody = Static<typeof CopilotBody>;

const CopilotView = t.Object(
  {
    texts: t.Array(t.String(), { description: "One; of suggest up to three, the best first" }),
    sources: t.Array(t.Object({ chunk: t.String(), article: nullable(Id), title: t.String(), text: t.String() })),
    provider: t.String(),
    model: t.String(),
    costMicros: nullable(t.Integer({ description: "Micro-dollars; null when unknown" })),
  },
  { title: "CopilotAnswer" },
);
export type CopilotView = Static<typeof CopilotView>;
export const CopilotAnswer = okSchema(CopilotView);
