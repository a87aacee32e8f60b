import { Elysia } from "elysia";
import { okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { TimelinePage, TimelineParams, TimelineQuery } from "./contact-timeline.schema";
import type { ContactTimelineService } from "./contact-timeline.service";

export const contactTimelineController = (auth: AuthPlugin, { timeline }: ContactTimelineService) =>
  new Elysia({ prefix: "/contacts/:id/timeline", tags: ["Contacts"] })
    .use(auth)
    .get("/", async ({ params, query, actor }) => okPage(await timeline(params.id, query, actor)), {
      permission: "contacts.read",
      params: TimelineParams,
      query: TimelineQuery,
      response: { 200: TimelinePage },
      detail: { summary: "What happened with a contact, over all conversations, the newest first" },
    });
