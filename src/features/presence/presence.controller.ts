import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { PresenceAnswer, PresenceBody, PresenceList } from "./presence.schema";
import type { PresenceService } from "./presence.service";

export const presenceController = (auth: AuthPlugin, presence: PresenceService) =>
  new Elysia({ prefix: "/presence", tags: ["Agents"] })
    .use(auth)
    .get("/", () => ok(presence.list()), {
      permission: "agents.read",
      response: { 200: PresenceList },
      detail: {
        summary: "Who is here",
        description: "Whoever is not in the list is offline. Changes come as `presence:changed`.",
      },
    })
    .put("/", async ({ body, agent }) => ok(await presence.say(agent._id, body.state)), {
      agent: true,
      body: PresenceBody,
      response: { 200: PresenceAnswer },
      detail: {
        summary: "Say that one is away, or back",
        description:
          "Holds on every device, also over reconnects, until it is taken back. Who is away is given no new conversations.",
      },
    });
