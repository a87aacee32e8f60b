/** The frames of the live connection, as TypeBox, and how they are read. */
import { type Static, type TProperties, Type as t } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { fail } from "../core/errors";
import { Id } from "../events/view";

const strict = <T extends TProperties>(properties: T) => t.Object(properties, { additionalProperties: false });
const topics = t.Array(t.String({ maxLength: 80 }), { minItems: 1, maxItems: 200 });
const since = t.Integer({ minimum: 0 });

export const ClientFrame = t.Union([
  strict({ type: t.Literal("auth"), token: t.String({ maxLength: 4_000 }), since: t.Optional(since) }),
  strict({ type: t.Literal("subscribe"), topics }),
  strict({ type: t.Literal("unsubscribe"), topics }),
  strict({ type: t.Literal("resume"), since }),
  /** Repeated while somebody types: it ends by itself. */
  strict({ type: t.Literal("typing"), conversationId: Id, on: t.Boolean() }),
  /** The conversation on the screen; null: none. */
  strict({ type: t.Literal("viewing"), conversationId: t.Union([Id, t.Null()]) }),
  /** A person has seen what is in it. */
  strict({ type: t.Literal("read"), conversationId: Id }),
  /** `id` is unique for ever among one's calls: a repeated one is answered with its first answer. */
  strict({
    type: t.Literal("rpc"),
    id: t.String({ minLength: 8, maxLength: 120, pattern: "^[\\x21-\\x7e]+$" }),
    method: t.String({ maxLength: 60 }),
    params: t.Optional(t.Record(t.String(), t.Unknown())),
  }),
  strict({ type: t.Literal("ping") }),
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
