import { Elysia } from "elysia";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  NewTemplate,
  PreviewAnswer,
  PreviewValues,
  SyncAnswer,
  TemplateAnswer,
  TemplatePage,
  TemplateParams,
  TemplatePatch,
  TemplateQuery,
  TemplateRemoval,
  TemplateRemoved,
} from "./template.schema";
import type { TemplateService } from "./template.service";

export const templateController = (auth: AuthPlugin, templates: TemplateService) =>
  new Elysia({ prefix: "/templates", tags: ["Templates"] })
    .use(auth)
    .get("/", async ({ query }) => okPage(await templates.listTemplates(query)), {
      permission: "templates.read",
      query: TemplateQuery,
      response: { 200: TemplatePage },
      detail: { summary: "List templates by name" },
    })
    .post("/", async ({ body, headers }) => ok(await templates.createTemplate(body, headers["idempotency-key"] ?? null)), {
      permission: "templates.manage",
      headers: IdempotencyHeaders,
      body: NewTemplate,
      response: { 200: TemplateAnswer },
      detail: {
        summary: "Propose a template to WhatsApp",
        description:
          "WhatsApp reviews it; the outcome comes as template:updated. A header with a picture, film or document names its example as mediaId: the server uploads the file under the Meta app of the number.",
      },
    })
    .post("/sync", async () => ok(await templates.sync()), {
      permission: "templates.manage",
      response: { 200: SyncAnswer },
      detail: { summary: "Read all templates from WhatsApp now" },
    })
    .get("/:id", async ({ params }) => ok(await templates.getTemplate(params.id)), {
      permission: "templates.read",
      params: TemplateParams,
      response: { 200: TemplateAnswer },
      detail: { summary: "Get a template" },
    })
    .patch("/:id", async ({ params, body }) => ok(await templates.patchTemplate(params.id, body)), {
      permission: "templates.manage",
      params: TemplateParams,
      body: TemplatePatch,
      response: { 200: TemplateAnswer },
      detail: {
        summary: "Change a template",
        description:
          "Components are replaced as a whole, and WhatsApp reviews it again. Header files are named anew, as mediaId.",
      },
    })
    .delete(
      "/:id",
      async ({ params, query }) =>
        ok({
          removed: await templates.removeTemplate(params.id, query.allLanguages === "true" ? "all-languages" : "this-language"),
        }),
      {
        permission: "templates.manage",
        params: TemplateParams,
        query: TemplateRemoval,
        response: { 200: TemplateRemoved },
        detail: { summary: "Delete a template, or all languages of its name" },
      },
    )
    .post("/:id/preview", async ({ params, body }) => ok(await templates.previewTemplate(params.id, body)), {
      permission: "templates.read",
      params: TemplateParams,
      body: PreviewValues,
      response: { 200: PreviewAnswer },
      detail: { summary: "How it reads with these values" },
    });
