/** What the label routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, LabelView } from "../../events/view";

const color = t.String({ pattern: "^#[0-9a-fA-F]{6}$", examples: ["#b45309"] });
const description = t.String({ maxLength: 300 });

export const LabelParams = t.Object({ id: Id });
export const NewLabel = t.Object({
  name: t.String({
    pattern: "^[^\\s,][^,\\n]{0,59}$",
    description: "Anything but commas; kept in lower case. It cannot be changed later",
    examples: ["vip"],
  }),
  color: t.Optional(color),
  description: t.Optional(description),
});
export type NewLabel = Static<typeof NewLabel>;

export const LabelPatch = t.Object({ color: t.Optional(color), description: t.Optional(description) }, { minProperties: 1 });
export type LabelPatch = Static<typeof LabelPatch>;

export const LabelAnswer = okSchema(LabelView);
export const LabelList = okSchema(t.Array(LabelView));
export const LabelRemoved = okSchema(t.Object({ id: Id }));
