import { Type as t } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ok, okSchema } from "../../core/envelope";
import { Id, oneOf } from "../../events/view";
import { DraftView } from "../../events/writing-view";
import type { AuthPlugin } from "../auth/auth.plugin";
import type { DraftService } from "./draft.service";

const DraftPlace = t.Object({ id: Id, kind: oneOf(["reply", "note"]) });
const DraftBody = t.Object({
  text: t.String({ maxLength: 10_000, description: "Empty: the draft goes", examples: ["Hola Rosa, le"] }),
});
const DraftAnswer = okSchema(t.Union([DraftView, t.Null()]));
const DraftList = okSchema(t.Array(DraftView));

export const draftController = (auth: AuthPlugin, drafts: DraftService) =>
  new Elysia({ tags: ["Drafts"] })
    .use(auth)
    .get("/drafts", async ({ actor }) => ok(await drafts.list(actor)), {
      permission: "conversations.read",
      response: { 200: DraftList },
      detail: { summary: "List one's own drafts, the newest first" },
    })
    .get("/conversations/:id/drafts", async ({ params, actor }) => ok(await drafts.list(actor, params.id)), {
      permission: "conversations.read",
      params: t.Object({ id: Id }),
      response: { 200: DraftList },
      detail: { summary: "Get one's own drafts of a conversation" },
    })
    .put(
      "/conversations/:id/drafts/:kind",
      async ({ params, body, actor }) => ok(await drafts.save(params.id, params.kind, body.text, actor)),
      {
        permission: "conversations.read",
        params: DraftPlace,
        body: DraftBody,
        response: { 200: DraftAnswer },
        detail: { summary: "Keep a draft", description: "One's other windows hear `draft:updated`." },
      },
    );
