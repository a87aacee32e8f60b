import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ApiKeyAnswer, ApiKeyCreated, ApiKeyPage, ApiKeyParams, ApiKeyQuery, NewApiKey } from "./api-key.schema";
import type { ApiKeyService } from "./api-key.service";

export const apiKeyController = (auth: AuthPlugin, keys: ApiKeyService) =>
  new Elysia({ prefix: "/api-keys", tags: ["API keys"] })
    .use(auth)
    .get("/", async ({ query }) => okPage(await keys.listKeys(query)), {
      permission: "api-keys.manage",
      query: ApiKeyQuery,
      response: { 200: ApiKeyPage },
      detail: { summary: "List API keys, the newest first" },
    })
    .post("/", async ({ body, actor }) => ok(await keys.createKey(body, actor)), {
      permission: "api-keys.manage",
      body: NewApiKey,
      response: { 200: ApiKeyCreated },
      detail: {
        summary: "Make an API key",
        description: "The key is in this answer and nowhere else. It can do what you give it, as long as you may do that.",
      },
    })
    .delete("/:id", async ({ params, actor }) => ok(await keys.revokeKey(params.id, actor)), {
      permission: "api-keys.manage",
      params: ApiKeyParams,
      response: { 200: ApiKeyAnswer },
      detail: { summary: "End an API key at once" },
    });
