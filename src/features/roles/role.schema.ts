/** What the role routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { PERMISSIONS, type Permission, REACHES } from "../../core/permissions";
import { oneOf, RoleView } from "../../events/view";

const names = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];
const title = t.String({ minLength: 1, maxLength: 100, examples: ["Night shift"] });
const permissions = t.Array(oneOf(names), {
  uniqueItems: true,
  maxItems: names.length,
  examples: [["conversations.read", "messages.send"]],
});
const reach = oneOf(REACHES);

export const RoleParams = t.Object({ name: t.String({ minLength: 1, maxLength: 40, examples: ["night-shift"] }) });

export const NewRole = t.Object(
  {
    name: t.String({
      pattern: "^[a-z][a-z0-9-]{1,39}$",
      description: "Lower-case letters, digits and dashes; it cannot be changed later",
      examples: ["night-shift"],
    }),
    title,
    permissions,
    reach,
  },
  { additionalProperties: false },
);
export type NewRole = Static<typeof NewRole>;

export const RolePatch = t.Object(
  { title: t.Optional(title), permissions: t.Optional(permissions), reach: t.Optional(reach) },
  { additionalProperties: false, minProperties: 1 },
);
export type RolePatch = Static<typeof RolePatch>;

export const RoleAnswer = okSchema(RoleView);
export const RoleList = okSchema(t.Array(RoleView));
export const RoleRemoved = okSchema(t.Object({ name: t.String() }));
export const PermissionList = okSchema(t.Array(t.Object({ name: t.String(), description: t.String() })));
