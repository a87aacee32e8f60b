import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  AgentAnswer,
  AgentPage,
  AgentParams,
  AgentPatch,
  AgentQuery,
  AgentRemoved,
  HandedAnswer,
  Invitation,
  InvitedAnswer,
} from "./agent.schema";
import type { AgentService } from "./agent.service";
import { toAgentView } from "./agent.service";
import type { AgentAdminService } from "./agent-admin.service";
import type { AgentLifeService } from "./agent-life.service";

export interface AgentServices {
  agents: AgentService;
  life: AgentLifeService;
  agentAdmin: AgentAdminService;
}

export const agentController = (auth: AuthPlugin, { agents, life, agentAdmin }: AgentServices) =>
  new Elysia({ prefix: "/agents", tags: ["Agents"] })
    .use(auth)
    .get("/", async ({ query }) => okPage(await agents.listAgents(query)), {
      permission: "agents.read",
      query: AgentQuery,
      response: { 200: AgentPage },
      detail: { summary: "List agents, by name" },
    })
    .post("/", async ({ body, actor }) => ok(await life.invite(body, actor)), {
      permission: "agents.manage",
      body: Invitation,
      response: { 200: InvitedAnswer },
      detail: {
        summary: "Invite somebody",
        description:
          "They get a link by e-mail, good for seven days and once. Where no mail is configured the link is in the answer.",
      },
    })
    .get("/:id", async ({ params }) => ok(toAgentView(await agents.getAgent(params.id))), {
      permission: "agents.read",
      params: AgentParams,
      response: { 200: AgentAnswer },
      detail: { summary: "Get an agent" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await life.patch(params.id, body, actor)), {
      permission: "agents.manage",
      params: AgentParams,
      body: AgentPatch,
      response: { 200: AgentAnswer },
      detail: { summary: "Change name, role, teams or capacity; a new role holds at once" },
    })
    .post("/:id/activate", async ({ params, actor }) => ok(await life.activate(params.id, actor)), {
      permission: "agents.manage",
      params: AgentParams,
      response: { 200: AgentAnswer },
      detail: { summary: "Let somebody in again" },
    })
    .post("/:id/deactivate", async ({ params, actor }) => ok(await life.deactivate(params.id, actor)), {
      permission: "agents.manage",
      params: AgentParams,
      response: { 200: AgentAnswer },
      detail: {
        summary: "Shut somebody out at once",
        description: "Their sessions, live connections and API keys end; their open conversations go back to the queue.",
      },
    })
    .post("/:id/invitation", async ({ params, actor }) => ok(await life.inviteAgain(params.id, actor)), {
      permission: "agents.manage",
      params: AgentParams,
      response: { 200: HandedAnswer },
      detail: { summary: "Invite again; the old link ends" },
    })
    .delete(
      "/:id/invitation",
      async ({ params, actor }) => {
        await life.withdraw(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "agents.manage",
        params: AgentParams,
        response: { 200: AgentRemoved },
        detail: { summary: "Withdraw an invitation that was not accepted" },
      },
    )
    .post("/:id/password-link", async ({ params, actor }) => ok(await agentAdmin.makeResetLink(params.id, actor)), {
      permission: "agents.manage",
      params: AgentParams,
      response: { 200: HandedAnswer },
      detail: { summary: "A link by which somebody sets a new password" },
    })
    .post(
      "/:id/sign-out",
      async ({ params, actor }) => {
        await agentAdmin.signOut(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "agents.manage",
        params: AgentParams,
        response: { 200: AgentRemoved },
        detail: { summary: "End every session of somebody" },
      },
    )
    .delete(
      "/:id/second-factor",
      async ({ params, actor }) => {
        await agentAdmin.removeFactor(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "agents.manage",
        params: AgentParams,
        response: { 200: AgentRemoved },
        detail: { summary: "Take away the second factor of somebody who has lost it" },
      },
    );
