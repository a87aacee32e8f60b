import { Elysia } from "elysia";
import { IdempotencyHeaders, ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { CopilotAnswer, CopilotBody, CopilotParams } from "./copilot.schema";
import type { CopilotService } from "./copilot.service";

export const copilotController = (auth: AuthPlugin, copilot: CopilotService) =>
  new Elysia({ tags: ["Assistant"] })
    .use(auth)
    .post(
      "/conversations/:id/copilot",
      async ({ params, body, actor, request }) => ok(await copilot.ask(params.id, body, actor, request.signal)),
      {
        permission: "assistant.use",
        headers: IdempotencyHeaders,
        params: CopilotParams,
        body: CopilotBody,
        response: { 200: CopilotAnswer },
        detail: {
          summary: "Ask the copilot: suggest replies, summarise, translate, rewrite, answer from the knowledge",
          description:
            "Nothing is sent to the customer. With `stream` the text also comes piece by piece over the live connection.",
        },
      },
    );
