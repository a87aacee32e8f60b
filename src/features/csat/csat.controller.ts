import { Elysia } from "elysia";
import { okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { CsatPage, CsatQuery } from "./csat.schema";
import type { CsatService } from "./csat.service";

export const csatController = (auth: AuthPlugin, csat: CsatService) =>
  new Elysia({ prefix: "/csat", tags: ["Automation"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await csat.list(query, actor)), {
      permission: "reports.read",
      query: CsatQuery,
      response: { 200: CsatPage },
      detail: { summary: "List what customers were asked and said, the newest first" },
    });
