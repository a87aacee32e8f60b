/** Steps of a turn of the assistant, as clients see them. */
import { Type as t } from "@sinclair/typebox";

const At = t.Integer({ description: "Milliseconds since the turn began" });
export const ToolCalls = t.Array(
  t.Object({
    callId: t.String(),
    name: t.String(),
    args: t.Unknown(),
    result: t.String(),
    at: t.Optional(At),
    ms: t.Integer(),
    ok: t.Boolean(),
  }),
);
export const ModelCalls = t.Array(
  t.Object({
    model: t.String(),
    at: At,
    ms: t.Integer(),
    ok: t.Boolean(),
    input: t.Integer(),
    cached: t.Integer(),
    output: t.Integer(),
  }),
);
