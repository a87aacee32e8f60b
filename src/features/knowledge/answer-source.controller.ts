import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { AnswerSourceList, AnswerSourceParams } from "./answer-source.schema";
import type { AnswerSourceService } from "./answer-source.service";

export const answerSourceController = (auth: AuthPlugin, sources: AnswerSourceService) =>
  new Elysia({ tags: ["Assistant"] })
    .use(auth)
    .get("/assistant/runs/:id/sources", async ({ params, actor }) => ok(await sources.listSources(params.id, actor)), {
      permission: "knowledge.read",
      params: AnswerSourceParams,
      response: { 200: AnswerSourceList },
      detail: {
        summary: "What an answer rests on: the passages it cites, with the sentences that cite them",
        description: "Only for whoever may read its conversation. `aiRun.id` of a message names the run.",
      },
    });
