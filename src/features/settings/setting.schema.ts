/** What the settings routes accept and answer. */
import { type TObject, type TSchema, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Timestamp } from "../../events/view";

const strict = { additionalProperties: false } as const;
const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()]);

export const settingView = <T extends TSchema>(values: T) =>
  t.Object({
    group: t.String(),
    version: t.Integer({ description: "Of the last change; 0: never changed. A change names it" }),
    values,
    updatedAt: nullable(Timestamp),
    updatedBy: nullable(t.Object({ id: t.String(), name: t.String() })),
  });

export const settingPatch = <T extends TObject>(schema: T) =>
  t.Object(
    {
      version: t.Integer({ minimum: 0, maximum: 2_000_000_000, description: "The version this change was made from" }),
      values: t.Partial(schema, { ...strict, minProperties: 1 }),
    },
    strict,
  );

export const SettingGroupList = okSchema(
  t.Array(
    t.Composite([
      settingView(t.Unknown()),
      t.Object({
        title: t.String(),
        description: t.String(),
        schema: t.Unknown({ description: "JSON schema of the values" }),
        defaults: t.Unknown(),
      }),
    ]),
  ),
);

export const SettingAnswer = okSchema(settingView(t.Unknown()));
