import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { MergeAnswer, MergeBody, MergeList, MergeParams } from "./contact-merge.schema";
import { type ContactMergeService, toMergeView } from "./contact-merge.service";

export const contactMergeController = (auth: AuthPlugin, merges: ContactMergeService) =>
  new Elysia({ tags: ["Contacts"] })
    .use(auth)
    .post(
      "/contacts/:id/merge",
      async ({ params, body, actor }) => ok(toMergeView(await merges.merge(params.id, body.contact, actor))),
      {
        permission: "contacts.write",
        params: MergeParams,
        body: MergeBody,
        response: { 200: MergeAnswer },
        detail: { summary: "Merge another contact into this one" },
      },
    )
    .get("/contacts/:id/merges", async ({ params, actor }) => ok(await merges.listMerges(params.id, actor)), {
      permission: "contacts.read",
      params: MergeParams,
      response: { 200: MergeList },
      detail: { summary: "What was merged into this contact" },
    })
    .post("/contact-merges/:id/undo", async ({ params, actor }) => ok(toMergeView(await merges.undo(params.id, actor))), {
      permission: "contacts.write",
      params: MergeParams,
      response: { 200: MergeAnswer },
      detail: { summary: "Take a merge back" },
    });
