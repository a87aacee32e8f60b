/** What the presence routes accept and answer. */
import { Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { PresenceView } from "../../events/catalog";
import { oneOf } from "../../events/view";

export const PresenceBody = t.Object(
  { state: oneOf(["online", "away"]) },
  { additionalProperties: false, examples: [{ state: "away" }] },
);
export const PresenceAnswer = okSchema(PresenceView);
export const PresenceList = okSchema(t.Array(PresenceView));
