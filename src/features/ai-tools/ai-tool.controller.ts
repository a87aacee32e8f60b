import { Elysia } from "elysia";
import { IdempotencyHeaders, ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { NewTool, ToolAnswer, ToolList, ToolParams, ToolPatch, ToolRemoved, ToolTrial, TrialAnswer } from "./ai-tool.schema";
import type { AiToolService } from "./ai-tool.service";
import type { AiToolCallService } from "./ai-tool-call.service";

export interface AiToolServices {
  aiTools: AiToolService;
  aiToolCalls: AiToolCallService;
}

const permission = "assistant.manage" as const;
const one = { permission, params: ToolParams } as const;

export const aiToolController = (auth: AuthPlugin, { aiTools, aiToolCalls }: AiToolServices) =>
  new Elysia({ prefix: "/assistant/tools", tags: ["Assistant"] })
    .use(auth)
    .get("/", () => ok(aiTools.list()), {
      permission,
      response: { 200: ToolList },
      detail: { summary: "The assistant's own tools: calls to other servers" },
    })
    .post("/", async ({ body, actor }) => ok(await aiTools.create(body, actor)), {
      permission,
      headers: IdempotencyHeaders,
      body: NewTool,
      response: { 200: ToolAnswer },
      detail: {
        summary: "Define a tool",
        description: "Its address has to be public. A secret is kept locked and never shown again.",
      },
    })
    .get("/:id", ({ params }) => ok(aiTools.get(params.id)), {
      ...one,
      response: { 200: ToolAnswer },
      detail: { summary: "One tool" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await aiTools.patch(params.id, body, actor)), {
      ...one,
      body: ToolPatch,
      response: { 200: ToolAnswer },
      detail: { summary: "Change a tool", description: "Another host forgets the secret: it was entered for the one before." },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await aiTools.remove(params.id, actor);
        return ok({ id: params.id });
      },
      { ...one, response: { 200: ToolRemoved }, detail: { summary: "Remove a tool" } },
    )
    .post(
      "/:id/test",
      async ({ params, body, request }) => {
        const { id } = aiTools.get(params.id);
        return ok(await aiToolCalls.attempt(id, body.args, request.signal));
      },
      {
        ...one,
        body: ToolTrial,
        response: { 200: TrialAnswer },
        detail: {
          summary: "Call it with these arguments",
          description: "A real call, also when the tool changes something there.",
        },
      },
    );
