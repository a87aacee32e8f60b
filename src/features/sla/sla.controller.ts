import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { NewPolicy, PolicyAnswer, PolicyList, PolicyParams, PolicyPatch, PolicyRemoved, SlaStateAnswer } from "./sla.schema";
import type { SlaService } from "./sla.service";
import type { SlaPolicyService } from "./sla-policy.service";

export const slaController = (auth: AuthPlugin, policies: SlaPolicyService, sla: SlaService) =>
  new Elysia({ tags: ["Automation"] })
    .use(auth)
    .get("/sla-policies", () => ok(policies.list()), {
      permission: "conversations.read",
      response: { 200: PolicyList },
      detail: { summary: "List promises of service in their order" },
    })
    .post("/sla-policies", async ({ body, actor }) => ok(await policies.create(body, actor)), {
      permission: "automation.manage",
      body: NewPolicy,
      response: { 200: PolicyAnswer },
      detail: {
        summary: "Promise a service",
        description:
          "Holds for conversations from the next thing that happens to them; a reply counts from when the customer began to wait.",
      },
    })
    .get("/sla-policies/:id", ({ params }) => ok(policies.get(params.id)), {
      permission: "conversations.read",
      params: PolicyParams,
      response: { 200: PolicyAnswer },
      detail: { summary: "Get a promise of service" },
    })
    .patch("/sla-policies/:id", async ({ params, body, actor }) => ok(await policies.patch(params.id, body, actor)), {
      permission: "automation.manage",
      params: PolicyParams,
      body: PolicyPatch,
      response: { 200: PolicyAnswer },
      detail: { summary: "Change a promise of service", description: "Clocks that run are set anew; what was told stays told." },
    })
    .delete(
      "/sla-policies/:id",
      async ({ params, actor }) => {
        await policies.remove(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "automation.manage",
        params: PolicyParams,
        response: { 200: PolicyRemoved },
        detail: { summary: "Remove a promise of service" },
      },
    )
    .get("/conversations/:id/sla", async ({ params, actor }) => ok(await sla.ofConversation(params.id, actor)), {
      permission: "conversations.read",
      params: PolicyParams,
      response: { 200: SlaStateAnswer },
      detail: { summary: "Get the clocks that run on a conversation", description: "Null: nothing is promised." },
    });
