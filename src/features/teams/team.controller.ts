import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AgentLifeService } from "../agents/agent-life.service";
import type { AuthPlugin } from "../auth/auth.plugin";
import { MemberAnswer, MemberParams, NewTeam, TeamAnswer, TeamList, TeamParams, TeamPatch, TeamRemoved } from "./team.schema";
import type { TeamService } from "./team.service";

/** Members are agents: their own list of teams says so. */
export const teamController = (auth: AuthPlugin, teams: TeamService, members: Pick<AgentLifeService, "join" | "leave">) =>
  new Elysia({ prefix: "/teams", tags: ["Teams"] })
    .use(auth)
    .get("/", async () => ok(await teams.listTeams()), {
      permission: "agents.read",
      response: { 200: TeamList },
      detail: { summary: "List teams" },
    })
    .post("/", async ({ body, actor }) => ok(await teams.createTeam(body, actor)), {
      permission: "agents.manage",
      body: NewTeam,
      response: { 200: TeamAnswer },
      detail: { summary: "Make a team" },
    })
    .get("/:id", async ({ params }) => ok(await teams.getTeam(params.id)), {
      permission: "agents.read",
      params: TeamParams,
      response: { 200: TeamAnswer },
      detail: { summary: "Get a team" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await teams.patchTeam(params.id, body, actor)), {
      permission: "agents.manage",
      params: TeamParams,
      body: TeamPatch,
      response: { 200: TeamAnswer },
      detail: { summary: "Rename or describe a team" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await teams.removeTeam(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "agents.manage",
        params: TeamParams,
        response: { 200: TeamRemoved },
        detail: { summary: "Remove a team; its conversations go back to everybody's queue" },
      },
    )
    .put("/:id/members/:agent", async ({ params, actor }) => ok(await members.join(params.agent, params.id, actor)), {
      permission: "agents.manage",
      params: MemberParams,
      response: { 200: MemberAnswer },
      detail: { summary: "Take somebody into a team" },
    })
    .delete("/:id/members/:agent", async ({ params, actor }) => ok(await members.leave(params.agent, params.id, actor)), {
      permission: "agents.manage",
      params: MemberParams,
      response: { 200: MemberAnswer },
      detail: { summary: "Take somebody out of a team" },
    });
