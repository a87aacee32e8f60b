/** Strict JSON schemas from TypeBox, and the check of what a model wrote. */
import { describe, expect, test } from "bun:test";
import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { checkArguments, strictSchema } from "../../src/ai/tool-schema";
import { BUILT_IN_TOOLS, toolSpec } from "../../src/ai/tools";

const Booking = Type.Object(
  {
    day: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "ISO date" }),
    seats: Type.Integer({ minimum: 1, maximum: 8 }),
    note: Type.Optional(Type.String({ maxLength: 10 })),
    kind: Type.Union([Type.Literal("lunch"), Type.Literal("dinner")]),
    guests: Type.Array(Type.Object({ name: Type.String(), vip: Type.Optional(Type.Boolean()) }), { maxItems: 2 }),
  },
  { additionalProperties: false },
);
const good = { day: "2026-11-20", seats: 2, note: null, kind: "lunch", guests: [{ name: "Ana", vip: null }] };

test("every key is required, optional ones may be null, nothing else is allowed, at every depth", () => {
  expect(strictSchema(Booking)).toEqual({
    type: "object",
    properties: {
      day: { type: "string", description: "ISO date", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
      seats: { type: "integer", minimum: 1, maximum: 8 },
      note: { anyOf: [{ type: "string" }, { type: "null" }] },
      kind: { type: "string", enum: ["lunch", "dinner"] },
      guests: {
        type: "array",
        maxItems: 2,
        items: {
          type: "object",
          properties: { name: { type: "string" }, vip: { anyOf: [{ type: "boolean" }, { type: "null" }] } },
          required: ["name", "vip"],
          additionalProperties: false,
        },
      },
    },
    required: ["day", "seats", "note", "kind", "guests"],
    additionalProperties: false,
  });
});

test.each<[TSchema, unknown]>([
  [Type.Number(), { type: "number" }],
  [Type.Null(), { type: "null" }],
  [Type.Literal(3), { type: "number", enum: [3] }],
  [Type.Union([Type.String(), Type.Integer()]), { anyOf: [{ type: "string" }, { type: "integer" }] }],
])("%j", (schema, expected) => {
  expect(strictSchema(schema)).toEqual(expected as Record<string, unknown>);
});

test("what the dialect cannot say is refused when the tool is made, not when it is called", () => {
  expect(() => strictSchema(Type.Object({ at: Type.Date() }))).toThrow(TypeError);
  expect(() => strictSchema(Type.Record(Type.String(), Type.String()))).toThrow(TypeError);
});

describe("arguments", () => {
  test("nulls of optional keys are dropped, at every depth", () => {
    expect(checkArguments(Booking, JSON.stringify(good))).toEqual({
      ok: true,
      value: { day: "2026-11-20", seats: 2, kind: "lunch", guests: [{ name: "Ana" }] },
    });
  });

  test.each<[unknown, string]>([
    [{ ...good, seats: 9 }, "/seats"],
    [{ ...good, day: "tomorrow" }, "/day"],
    [{ ...good, note: "much too long for a note" }, "/note"],
    [{ ...good, contactId: "507f1f77bcf86cd799439011" }, "/contactId"],
    [{ ...good, kind: null }, "/kind"],
    [[], "/"],
    [null, "/"],
  ])("%j is refused", (value, path) => {
    expect(checkArguments(Booking, JSON.stringify(value))).toEqual({ ok: false, hint: expect.stringContaining(path) });
  });

  test("no JSON is refused; nothing at all means no arguments", () => {
    expect(checkArguments(Booking, "{")).toEqual({ ok: false, hint: "The arguments are not valid JSON." });
    expect(checkArguments(Type.Object({}), "")).toEqual({ ok: true, value: {} });
  });
});

test("the built-in tools are strict, ask for no ids, and are converted once", () => {
  expect(BUILT_IN_TOOLS.map(({ name, parameters }) => [name, Object.keys((parameters as TObject).properties)])).toEqual([
    ["hand_off", ["reason", "summary"]],
    ["no_reply", ["reason"]],
    ["close_conversation", ["resolution"]],
  ]);
  for (const tool of BUILT_IN_TOOLS) expect(toolSpec(tool)).toBe(toolSpec(tool));
});
