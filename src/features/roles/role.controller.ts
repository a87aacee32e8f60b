import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import { PERMISSIONS } from "../../core/permissions";
import type { AuthPlugin } from "../auth/auth.plugin";
import { NewRole, PermissionList, RoleAnswer, RoleList, RoleParams, RolePatch, RoleRemoved } from "./role.schema";
import type { RoleService } from "./role.service";

const permissions = Object.entries(PERMISSIONS).map(([name, description]) => ({ name, description }));

export const roleController = (auth: AuthPlugin, roles: RoleService) =>
  new Elysia({ prefix: "/roles", tags: ["Roles"] })
    .use(auth)
    .get("/", () => ok(roles.listRoles()), {
      permission: "agents.read",
      response: { 200: RoleList },
      detail: { summary: "List the roles: those that are always there, then your own" },
    })
    .get("/permissions", () => ok(permissions), {
      permission: "agents.read",
      response: { 200: PermissionList },
      detail: { summary: "Everything a role can be allowed to do" },
    })
    .post("/", async ({ body, actor }) => ok(await roles.createRole(body, actor)), {
      permission: "roles.manage",
      body: NewRole,
      response: { 200: RoleAnswer },
      detail: { summary: "Make a role", description: "Nobody can grant what they may not do themselves." },
    })
    .patch("/:name", async ({ params, body, actor }) => ok(await roles.patchRole(params.name, body, actor)), {
      permission: "roles.manage",
      params: RoleParams,
      body: RolePatch,
      response: { 200: RoleAnswer },
      detail: { summary: "Change a role; it holds at once for everybody who has it" },
    })
    .delete(
      "/:name",
      async ({ params, actor }) => {
        await roles.removeRole(params.name, actor);
        return ok({ name: params.name });
      },
      {
        permission: "roles.manage",
        params: RoleParams,
        response: { 200: RoleRemoved },
        detail: { summary: "Remove a role that nobody has" },
      },
    );
