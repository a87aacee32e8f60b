import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ProblemList } from "./reference.schema";
import type { ReferenceService } from "./reference.service";

export const referenceController = (auth: AuthPlugin, references: ReferenceService) =>
  new Elysia({ prefix: "/automation-problems", tags: ["Automation"] })
    .use(auth)
    .get("/", async ({ actor }) => ok(await references.listProblems(actor)), {
      permission: "automation.manage",
      response: { 200: ProblemList },
      detail: {
        summary: "What does not work any more",
        description:
          "Rules, macros, policies, schedules and settings that name a team, a person, a label, a role, an attribute or a template that has gone.",
      },
    });
