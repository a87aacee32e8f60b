import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { Change } from "../../events/log";
import type { AuthPlugin } from "../auth/auth.plugin";
import { LabelAnswer, LabelList, LabelParams, LabelPatch, LabelRemoved, NewLabel } from "./label.schema";
import type { LabelService } from "./label.service";

export const labelController = (
  auth: AuthPlugin,
  labels: LabelService,
  /** Take a removed label off whatever carries it. */
  takeOff: readonly ((name: string, change: Change) => Promise<unknown>)[],
) =>
  new Elysia({ prefix: "/labels", tags: ["Labels"] })
    .use(auth)
    .get("/", async () => ok(await labels.listLabels()), {
      permission: "conversations.read",
      response: { 200: LabelList },
      detail: { summary: "List labels" },
    })
    .post("/", async ({ body }) => ok(await labels.createLabel(body)), {
      permission: "labels.manage",
      body: NewLabel,
      response: { 200: LabelAnswer },
      detail: { summary: "Create a label" },
    })
    .patch("/:id", async ({ params, body }) => ok(await labels.patchLabel(params.id, body)), {
      permission: "labels.manage",
      params: LabelParams,
      body: LabelPatch,
      response: { 200: LabelAnswer },
      detail: { summary: "Change the colour or description of a label" },
    })
    .delete(
      "/:id",
      async ({ params }) => {
        await labels.removeLabel(params.id, async (name, change) => {
          for (const take of takeOff) await take(name, change);
        });
        return ok({ id: params.id });
      },
      {
        permission: "labels.manage",
        params: LabelParams,
        response: { 200: LabelRemoved },
        detail: { summary: "Remove a label", description: "It disappears from conversations and contacts in the background." },
      },
    );
