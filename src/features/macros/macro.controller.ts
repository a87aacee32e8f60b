import { Elysia } from "elysia";
import { IdempotencyHeaders, ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  MacroAnswer,
  MacroList,
  MacroParams,
  MacroPatch,
  MacroRemoved,
  MacroRun,
  MacroRunAnswer,
  NewMacro,
} from "./macro.schema";
import type { MacroService } from "./macro.service";

const MANAGED = "Those of teams and of everybody, and those that ask other servers, need the permission automation.manage.";

export const macroController = (auth: AuthPlugin, macros: MacroService) =>
  new Elysia({ prefix: "/macros", tags: ["Automation"] })
    .use(auth)
    .get("/", ({ actor }) => ok(macros.list(actor)), {
      permission: "conversations.read",
      response: { 200: MacroList },
      detail: { summary: "List one's own macros, those of one's teams and those of everybody" },
    })
    .post("/", async ({ body, actor }) => ok(await macros.create(body, actor)), {
      permission: "conversations.write",
      body: NewMacro,
      response: { 200: MacroAnswer },
      detail: { summary: "Create a macro", description: MANAGED },
    })
    .get("/:id", ({ params, actor }) => ok(macros.get(params.id, actor)), {
      permission: "conversations.read",
      params: MacroParams,
      response: { 200: MacroAnswer },
      detail: { summary: "Get a macro" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await macros.patch(params.id, body, actor)), {
      permission: "conversations.write",
      params: MacroParams,
      body: MacroPatch,
      response: { 200: MacroAnswer },
      detail: { summary: "Change a macro", description: MANAGED },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await macros.remove(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "conversations.write",
        params: MacroParams,
        response: { 200: MacroRemoved },
        detail: { summary: "Remove a macro" },
      },
    )
    .post(
      "/:id/run",
      async ({ params, body, headers, actor }) =>
        ok(await macros.run(params.id, body.conversations, actor, headers["idempotency-key"] ?? null)),
      {
        permission: "conversations.write",
        params: MacroParams,
        headers: IdempotencyHeaders,
        body: MacroRun,
        response: { 200: MacroRunAnswer },
        detail: {
          summary: "Run a macro on one or many conversations",
          description:
            "In the name of whoever asks, with what they may do. Each action says what came of it; what waits for another try is still pending.",
        },
      },
    );
