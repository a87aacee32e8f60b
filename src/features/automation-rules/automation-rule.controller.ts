import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  DraftTest,
  NewRule,
  RuleAnswer,
  RuleFields,
  RuleList,
  RuleOrder,
  RuleParams,
  RulePatch,
  RuleRemoved,
  RuleTest,
  RuleTestAnswer,
} from "./automation-rule.schema";
import type { AutomationRuleService } from "./automation-rule.service";
import { FIELD_NAMES, kindOfField, OPERATORS_OF } from "./rule-facts";
import { TRIGGERS } from "./rule-trigger";

const WOULD = "Against the state of now and the customer's newest message, or the one that is named. Nothing is done.";

export const automationRuleController = (auth: AuthPlugin, rules: AutomationRuleService) =>
  new Elysia({ prefix: "/automation-rules", tags: ["Automation"] })
    .use(auth)
    .get("/", () => ok(rules.list()), {
      permission: "automation.manage",
      response: { 200: RuleList },
      detail: { summary: "List rules in their order" },
    })
    .get("/fields", () => ok({ triggers: [...TRIGGERS], fields: FIELDS }), {
      permission: "automation.manage",
      response: { 200: RuleFields },
      detail: {
        summary: "What rules can listen to and look at",
        description: "Custom attributes come on top, as contact.attributes.<key>.",
      },
    })
    .post("/", async ({ body, actor }) => ok(await rules.create(body, actor)), {
      permission: "automation.manage",
      body: NewRule,
      response: { 200: RuleAnswer },
      detail: { summary: "Create a rule", description: "It comes after the others and is enabled, unless said otherwise." },
    })
    .post("/order", async ({ body, actor }) => ok(await rules.reorder(body.rules, actor)), {
      permission: "automation.manage",
      body: RuleOrder,
      response: { 200: RuleList },
      detail: { summary: "Put rules into an order" },
    })
    .post("/test", async ({ body, actor }) => ok(await rules.test(null, body, actor)), {
      permission: "automation.manage",
      body: DraftTest,
      response: { 200: RuleTestAnswer },
      detail: { summary: "Try conditions that are not stored", description: WOULD },
    })
    .get("/:id", ({ params }) => ok(rules.get(params.id)), {
      permission: "automation.manage",
      params: RuleParams,
      response: { 200: RuleAnswer },
      detail: { summary: "Get a rule" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await rules.patch(params.id, body, actor)), {
      permission: "automation.manage",
      params: RuleParams,
      body: RulePatch,
      response: { 200: RuleAnswer },
      detail: { summary: "Change, enable or disable a rule", description: "What has matched already is carried out as it was." },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await rules.remove(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "automation.manage",
        params: RuleParams,
        response: { 200: RuleRemoved },
        detail: { summary: "Remove a rule" },
      },
    )
    .post("/:id/test", async ({ params, body, actor }) => ok(await rules.test(params.id, body, actor)), {
      permission: "automation.manage",
      params: RuleParams,
      body: RuleTest,
      response: { 200: RuleTestAnswer },
      detail: { summary: "Ask whether a rule would have matched", description: WOULD },
    });

const FIELDS = FIELD_NAMES.flatMap((name) => {
  const kind = kindOfField(name);
  return kind ? [{ name, kind, operators: [...OPERATORS_OF[kind]] }] : [];
});
