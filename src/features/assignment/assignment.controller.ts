import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { LoadAnswer, PlaceAnswer, QueueAnswer, QueueParams, QueueQuery } from "./assignment.schema";
import type { AssignmentService } from "./assignment.service";

/** How it is done stands in the settings, group `assignment`. */
export const assignmentController = (auth: AuthPlugin, assignment: AssignmentService) =>
  new Elysia({ tags: ["Assignment"] })
    .use(auth)
    .get("/assignment/load", async () => ok(await assignment.listLoads()), {
      permission: "agents.read",
      response: { 200: LoadAnswer },
      detail: { summary: "How much everybody has, and how much they take" },
    })
    .get(
      "/assignment/queue",
      async ({ query, actor }) => ok(await assignment.listQueue(query.team === "none" ? null : query.team, actor)),
      {
        permission: "conversations.read",
        query: QueueQuery,
        response: { 200: QueueAnswer },
        detail: {
          summary: "What waits for a person, in the order in which it is given out",
          description: "The urgent ones first, then whoever waits longest. At most a thousand.",
        },
      },
    )
    .get("/conversations/:id/queue", async ({ params, actor }) => ok(await assignment.placeOf(params.id, actor)), {
      permission: "conversations.read",
      params: QueueParams,
      response: { 200: PlaceAnswer },
      detail: { summary: "The place of a conversation in its queue", description: "Null when it does not wait for a person." },
    });
