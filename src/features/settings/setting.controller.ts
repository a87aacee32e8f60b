import type { TSchema } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { type Actor, can } from "../../core/actor";
import { ok, okSchema } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { type SettingAnswer, SettingGroupList, settingPatch, settingView } from "./setting.schema";
import type { SettingsService } from "./setting.service";
import type { SettingGroup } from "./setting-group";

/** One pair of routes for each group, so that the document names the fields of each. */
export const settingController = (auth: AuthPlugin, settings: SettingsService) => {
  const app = new Elysia({ prefix: "/settings", tags: ["Settings"] })
    .use(auth)
    .get("/", ({ actor }) => ok(settings.groups.filter((group) => maySee(actor, group)).map(listed)), {
      permission: "settings.read",
      response: { 200: SettingGroupList },
      detail: { summary: "All settings, with their schemas and defaults" },
    });
  for (const group of settings.groups) {
    const { name, title, description, schema, read = "settings.read", manage = "settings.manage" } = group;
    // One shape for all groups, because the routes are made in a loop.
    const answer = okSchema(settingView(schema)) as unknown as typeof SettingAnswer;
    app
      .get(`/${name}`, () => ok(settings.state(group)), {
        permission: read,
        response: { 200: answer },
        detail: { summary: `Settings: ${title}`, description },
      })
      .patch(
        `/${name}`,
        async ({ body, actor }) => ok(await settings.patch(group, body as { version: number; values: object }, actor)),
        {
          permission: manage,
          body: settingPatch(schema) as TSchema,
          response: { 200: answer },
          detail: {
            summary: `Change settings: ${title}`,
            description: "Only the given values change. A version that is not the newest is refused with the newest state.",
          },
        },
      );
  }
  return app;

  function listed(group: SettingGroup) {
    const { title, description, schema, defaults } = group;
    return {
      ...settings.state(group),
      title,
      description,
      schema: JSON.parse(JSON.stringify(schema)) as unknown,
      defaults: defaults as unknown,
    };
  }
};

const maySee = (actor: Actor, { read = "settings.read" }: SettingGroup): boolean => can(actor, read);
