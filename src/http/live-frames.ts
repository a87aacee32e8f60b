/** The frames of the live connection, as TypeBox, and how they are read. */
import { type Static, Type as t } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { fail } from "../core/errors";
import { Id } from "../events/view";

const topics = t.Array(t.String({ maxLength: 80 }), { minItems: 1, maxItems: 200 });

export const ClientFrame = t.Union([
  t.Object(
    { type: t.Literal("auth"), token: t.String({ maxLength: 4_000 }), since: t.Optional(t.Integer({ minimum: 0 })) },
    { additionalProperties: false },
  ),
  t.Object({ type: t.Literal("subscribe"), topics }, { additionalProperties: false }),
  t.Object({ type: t.Literal("unsubscribe"), topics }, { additionalProperties: false }),
  t.Object({ type: t.Literal("resume"), since: t.Integer({ minimum: 0 }) }, { additionalProperties: false }),
  t.Object({ type: t.Literal("typing"), conversationId: Id, on: t.Boolean() }, { additionalProperties: false }),
  t.Object({ type: t.Literal("ping") }, { additionalProperties: false }),
]);
export type ClientFrame = Static<typeof ClientFrame>;

const check = TypeCompiler.Compile(ClientFrame);

/** Reads one frame. Throws `request.malformed` or `request.invalid`. */
export function readFrame(text: string): ClientFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (error) {
    // Not JSON.
    throw fail("request.malformed", { message: "A frame has to be a JSON object.", cause: error });
  }
  if (!check.Check(frame)) throw fail("request.invalid", { message: "This frame is not known, or its fields are not valid." });
  return frame;
}
