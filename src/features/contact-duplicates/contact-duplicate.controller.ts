import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { DuplicateList, DuplicatePage, DuplicateParams, DuplicateQuery } from "./contact-duplicate.schema";
import type { ContactDuplicateService } from "./contact-duplicate.service";

export const contactDuplicateController = (auth: AuthPlugin, duplicates: ContactDuplicateService) =>
  new Elysia({ tags: ["Contacts"] })
    .use(auth)
    .get("/contacts/:id/duplicates", async ({ params, actor }) => ok(await duplicates.duplicatesOf(params.id, actor)), {
      permission: "contacts.read",
      params: DuplicateParams,
      response: { 200: DuplicateList },
      detail: { summary: "Who may be the same person as this contact" },
    })
    .get("/contact-duplicates", async ({ query, actor }) => okPage(await duplicates.listDuplicates(query, actor)), {
      permission: "contacts.read",
      query: DuplicateQuery,
      response: { 200: DuplicatePage },
      detail: {
        summary: "Pairs of contacts that may be one person",
        description: "A page can be short or empty although there is a next one: each looks at 200 contacts.",
      },
    });
