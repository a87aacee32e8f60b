import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { AgentAnswer, AgentList, AgentParams } from "./agent.schema";
import { type AgentService, toAgentView } from "./agent.service";

export const agentController = (auth: AuthPlugin, agents: AgentService) =>
  new Elysia({ prefix: "/agents", tags: ["Agents"] })
    .use(auth)
    .get("/", async () => ok(await agents.listAgents()), {
      permission: "agents.read",
      response: { 200: AgentList },
      detail: { summary: "List agents" },
    })
    .get("/:id", async ({ params }) => ok(toAgentView(await agents.getAgent(params.id))), {
      permission: "agents.read",
      params: AgentParams,
      response: { 200: AgentAnswer },
      detail: { summary: "Get an agent" },
    });
