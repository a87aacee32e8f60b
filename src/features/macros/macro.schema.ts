/** What the routes of macros accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, oneOf, Timestamp } from "../../events/view";
import { AutomationActions, RunView } from "../automation-actions/automation-run.service";

const fields = {
  name: t.String({ minLength: 1, maxLength: 80, examples: ["Pedir comprobante"] }),
  description: t.String({ maxLength: 500 }),
  visibility: oneOf(["personal", "team", "all"]),
  teams: t.Array(Id, { maxItems: 50, uniqueItems: true, description: "Of visibility team" }),
  actions: AutomationActions,
};

export const MacroView = t.Object(
  { id: Id, ...fields, owner: t.String(), version: t.Integer({ minimum: 0 }), createdAt: Timestamp, updatedAt: Timestamp },
  { title: "Macro" },
);
export type MacroView = Static<typeof MacroView>;

const { description, visibility, teams } = t.Partial(t.Object(fields)).properties;
export const NewMacro = t.Object(
  { name: fields.name, actions: fields.actions, description, visibility, teams },
  {
    examples: [
      {
        name: "Pedir comprobante",
        visibility: "all",
        actions: [
          { do: "reply", text: "Hola {{contact.first_name|cliente}}, ¿nos envía el comprobante?" },
          { do: "snooze", minutes: 1440 },
        ],
      },
    ],
  },
);
export type NewMacro = Static<typeof NewMacro>;

export const MacroPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    ...t.Partial(t.Object(fields)).properties,
  },
  { minProperties: 1 },
);
export type MacroPatch = Static<typeof MacroPatch>;

export const MacroRun = t.Object({ conversations: t.Array(Id, { minItems: 1, maxItems: 50, uniqueItems: true }) });
export const MacroParams = t.Object({ id: Id });
export const MacroAnswer = okSchema(MacroView);
export const MacroList = okSchema(t.Array(MacroView));
export const MacroRemoved = okSchema(t.Object({ id: Id }));
export const MacroRunAnswer = okSchema(t.Array(RunView));
