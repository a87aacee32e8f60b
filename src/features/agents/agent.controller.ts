import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { AgentAnswer, AgentList, AgentParams } from "./agent.schema";
import { type AgentService, toAgentView } from "./agent.service";

export const agentController = (auth: AuthPlugin, agents: AgentService) =>
  new Elysia({ prefix: "/agents", tags: ["Agents"] })
    .use(auth)
    .get("/", async () => ok(await agents.listAgents()), {
      agent: true,
      response: { 200: AgentList },
      detail: { summary: "List agents" },
    })
    .get("/:id", async ({ params }) => ok(toAgentView(await agents.getAgent(params.id))), {
      agent: true,
      params: AgentParams,
      response: { 200: AgentAnswer },
      detail: { summary: "Get an agent" },
    });
