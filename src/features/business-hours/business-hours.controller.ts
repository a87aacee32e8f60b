import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  HoursAnswer,
  HoursList,
  HoursParams,
  HoursPatch,
  HoursRemoved,
  HoursStatus,
  HoursStatusQuery,
  NewHours,
} from "./business-hours.schema";
import type { BusinessHoursService } from "./business-hours.service";

export const businessHoursController = (auth: AuthPlugin, hours: BusinessHoursService) =>
  new Elysia({ prefix: "/business-hours", tags: ["Automation"] })
    .use(auth)
    .get("/", () => ok(hours.list()), {
      permission: "conversations.read",
      response: { 200: HoursList },
      detail: { summary: "List opening hours" },
    })
    .post("/", async ({ body, actor }) => ok(await hours.create(body, actor)), {
      permission: "automation.manage",
      body: NewHours,
      response: { 200: HoursAnswer },
      detail: {
        summary: "Create opening hours",
        description: "For the company, for numbers or for teams. Where there are none it is always open.",
      },
    })
    .get("/:id", ({ params }) => ok(hours.get(params.id)), {
      permission: "conversations.read",
      params: HoursParams,
      response: { 200: HoursAnswer },
      detail: { summary: "Get opening hours" },
    })
    .get("/:id/status", ({ params, query }) => ok(hours.status(params.id, query.at)), {
      permission: "conversations.read",
      params: HoursParams,
      query: HoursStatusQuery,
      response: { 200: HoursStatus },
      detail: { summary: "Ask whether it is open, and when it opens next" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await hours.patch(params.id, body, actor)), {
      permission: "automation.manage",
      params: HoursParams,
      body: HoursPatch,
      response: { 200: HoursAnswer },
      detail: { summary: "Change opening hours" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await hours.remove(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "automation.manage",
        params: HoursParams,
        response: { 200: HoursRemoved },
        detail: { summary: "Remove opening hours" },
      },
    );
