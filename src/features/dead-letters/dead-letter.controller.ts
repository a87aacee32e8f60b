import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { DeadLetterAnswer, DeadLetterPage, DeadLetterParams, DeadLetterQuery } from "./dead-letter.schema";
import type { DeadLetterService } from "./dead-letter.service";

export const deadLetterController = (auth: AuthPlugin, deadLetters: DeadLetterService) =>
  new Elysia({ prefix: "/dead-letters", tags: ["Deliveries"] })
    .use(auth)
    .get("/", async ({ query }) => okPage(await deadLetters.list(query)), {
      permission: "dead-letters.manage",
      query: DeadLetterQuery,
      response: { 200: DeadLetterPage },
      detail: { summary: "List events that could not be processed, the newest first" },
    })
    .post("/:id/retry", async ({ params }) => ok(await deadLetters.retry(params.id)), {
      permission: "dead-letters.manage",
      params: DeadLetterParams,
      response: { 200: DeadLetterAnswer },
      detail: { summary: "Process it once more" },
    });
