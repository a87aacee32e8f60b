import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { SearchPage, SearchQuery, SearchStatusAnswer } from "./search.schema";
import type { SearchService } from "./search.service";

export const searchController = (auth: AuthPlugin, search: SearchService) =>
  new Elysia({ prefix: "/search", tags: ["Search"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await search.search(query, actor)), {
      permission: "conversations.read",
      query: SearchQuery,
      response: { 200: SearchPage },
      detail: {
        summary: "Search messages, notes, transcripts and contacts, the newest first",
        description:
          "A page can be shorter than asked for although there is a next one: filters that leave little are looked for in pieces.",
      },
    })
    .get("/status", async () => ok(await search.status()), {
      permission: "settings.read",
      response: { 200: SearchStatusAnswer },
      detail: { summary: "How far the search index is" },
    });
