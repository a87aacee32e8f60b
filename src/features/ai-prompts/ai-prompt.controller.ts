import { Elysia } from "elysia";
import { IdempotencyHeaders, ok } from "../../core/envelope";
import { PROMPT_VARIABLES } from "../../core/prompt-variables";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  DiffAnswer,
  DiffQuery,
  DraftBody,
  NewPrompt,
  PromptAnswer,
  PromptList,
  PromptParams,
  PromptPatch,
  PromptRemoved,
  PublicationAnswer,
  PublishAnswer,
  PublishBody,
  RollBackBody,
  VariableList,
  VersionAnswer,
  VersionList,
  VersionParams,
} from "./ai-prompt.schema";
import type { AiPromptService } from "./ai-prompt.service";

const permission = "assistant.manage" as const;
const variables = Object.entries(PROMPT_VARIABLES).map(([name, about]) => ({ name, ...about }));
const one = { permission, params: PromptParams } as const;

export const aiPromptController = (auth: AuthPlugin, prompts: AiPromptService) =>
  new Elysia({ prefix: "/assistant/prompts", tags: ["Assistant"] })
    .use(auth)
    .get("/", () => ok(prompts.list()), {
      permission,
      response: { 200: PromptList },
      detail: { summary: "The assistant's prompts, each with its draft and the version that answers" },
    })
    .post("/", async ({ body, actor }) => ok(await prompts.create(body, actor)), {
      permission,
      headers: IdempotencyHeaders,
      body: NewPrompt,
      response: { 200: PromptAnswer },
      detail: {
        summary: "Draft a new prompt",
        description:
          "It answers nobody before it is published. Of several that fit, the one for the team, then the number, then the hour counts.",
      },
    })
    .get("/variables", () => ok(variables), {
      permission,
      response: { 200: VariableList },
      detail: { summary: "What a prompt can name in double braces" },
    })
    .get("/:id", ({ params }) => ok(prompts.get(params.id)), {
      ...one,
      response: { 200: PromptAnswer },
      detail: { summary: "One prompt" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await prompts.patch(params.id, body, actor)), {
      ...one,
      body: PromptPatch,
      response: { 200: PromptAnswer },
      detail: { summary: "Change its name, or where and when it answers" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await prompts.remove(params.id, actor);
        return ok({ id: params.id });
      },
      {
        ...one,
        response: { 200: PromptRemoved },
        detail: { summary: "Remove a prompt; its versions stay for the runs that name them" },
      },
    )
    .put("/:id/draft", async ({ params, body, actor }) => ok(await prompts.saveDraft(params.id, body, actor)), {
      ...one,
      body: DraftBody,
      response: { 200: PromptAnswer },
      detail: { summary: "Write the draft of its next version" },
    })
    .delete("/:id/draft", async ({ params, actor }) => ok(await prompts.dropDraft(params.id, actor)), {
      ...one,
      response: { 200: PromptAnswer },
      detail: { summary: "Drop the draft" },
    })
    .post(
      "/:id/publish",
      async ({ params, body, actor, status }) => {
        const answer = ok(await prompts.publish(params.id, body.version, actor));
        return answer.data.publication?.state === "testing" ? status(202, answer) : answer;
      },
      {
        ...one,
        body: PublishBody,
        response: { 200: PublishAnswer, 202: PublishAnswer },
        detail: {
          summary: "Publish the draft: it answers from the next message on",
          description:
            "Golden conversations have to come out well first. 202: they take longer, go on by themselves, and the draft is published when all are passed; see `publication`.",
        },
      },
    )
    .get("/:id/publication", async ({ params }) => ok(await prompts.publication(params.id)), {
      ...one,
      response: { 200: PublicationAnswer },
      detail: { summary: "How far the tests of its draft are, or what came of the last ones; null when there were none" },
    })
    .post(
      "/:id/roll-back",
      async ({ params, body, actor }) => ok(await prompts.rollBack(params.id, body.number, body.version, actor)),
      {
        ...one,
        body: RollBackBody,
        response: { 200: PromptAnswer },
        detail: { summary: "Let an older version answer again" },
      },
    )
    .get("/:id/versions", async ({ params }) => ok(await prompts.listVersions(params.id)), {
      ...one,
      response: { 200: VersionList },
      detail: { summary: "What was published, the newest first" },
    })
    .get("/:id/versions/:number", async ({ params }) => ok(await prompts.getVersion(params.id, Number(params.number))), {
      permission,
      params: VersionParams,
      response: { 200: VersionAnswer },
      detail: { summary: "One published version with its text" },
    })
    .get("/:id/diff", async ({ params, query }) => ok(await prompts.diff(params.id, query)), {
      ...one,
      query: DiffQuery,
      response: { 200: DiffAnswer },
      detail: { summary: "Compare two versions, or one with the draft, line by line" },
    });
