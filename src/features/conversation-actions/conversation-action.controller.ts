import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { toConversationView } from "../conversations/conversation.service";
import {
  ActionAnswer,
  ActionParams,
  ActionsBody,
  AssignBody,
  ConversationPatch,
  expectedVersion,
  MergeBody,
  ParticipantParams,
  SnoozeBody,
  toActions,
  VersionBody,
  VersionHeaders,
} from "./conversation-action.schema";
import type { ConversationActionService } from "./conversation-action.service";

const STALE =
  "With a version that is no longer the current one the answer is 409, and `details` hold the conversation as it is now.";

export const conversationActionController = (auth: AuthPlugin, actions: ConversationActionService) => {
  const route = { params: ActionParams, headers: VersionHeaders, response: { 200: ActionAnswer } };
  return new Elysia({ prefix: "/conversations/:id", tags: ["Conversations"] })
    .use(auth)
    .patch(
      "/",
      async ({ params, body, headers, actor }) =>
        ok(toConversationView(await actions.act(params.id, toActions(body), actor, expectedVersion(headers, body)))),
      {
        ...route,
        permission: "conversations.write",
        body: ConversationPatch,
        detail: { summary: "Change status, priority, labels, assistant or mute", description: STALE },
      },
    )
    .post(
      "/actions",
      async ({ params, body, headers, actor }) =>
        ok(toConversationView(await actions.act(params.id, body.actions, actor, expectedVersion(headers, body)))),
      {
        ...route,
        permission: "conversations.write",
        body: ActionsBody,
        detail: { summary: "Do several things at once", description: `All of them or none. ${STALE}` },
      },
    )
    .post(
      "/assign",
      async ({ params, body: { agent, team, version }, headers, actor }) => {
        const steps = [
          ...(team === undefined ? [] : [{ do: "transfer" as const, team }]),
          ...(agent === undefined ? [] : [{ do: "assign" as const, agent }]),
        ];
        return ok(toConversationView(await actions.act(params.id, steps, actor, expectedVersion(headers, { version }))));
      },
      {
        ...route,
        permission: "conversations.assign",
        body: AssignBody,
        detail: {
          summary: "Assign to a person, pass to a team, or take away",
          description: `The assistant falls silent. ${STALE}`,
        },
      },
    )
    .post(
      "/take",
      async ({ params, body, headers, actor }) =>
        ok(toConversationView(await actions.act(params.id, [{ do: "take" }], actor, expectedVersion(headers, body ?? {})))),
      {
        ...route,
        permission: "conversations.assign",
        body: VersionBody,
        detail: { summary: "Assign to oneself", description: STALE },
      },
    )
    .post(
      "/snooze",
      async ({ params, body: { until, version }, headers, actor }) =>
        ok(
          toConversationView(
            await actions.act(params.id, [{ do: "snooze", until }], actor, expectedVersion(headers, { version })),
          ),
        ),
      {
        ...route,
        permission: "conversations.write",
        body: SnoozeBody,
        detail: { summary: "Put aside until a time or the next reply", description: STALE },
      },
    )
    .post(
      "/unread",
      async ({ params, actor }) => ok(toConversationView(await actions.act(params.id, [{ do: "unread" }], actor))),
      {
        ...route,
        permission: "conversations.write",
        detail: { summary: "Mark as not seen" },
      },
    )
    .post("/merge", async ({ params, body, actor }) => ok(toConversationView(await actions.merge(params.id, body.from, actor))), {
      ...route,
      permission: "conversations.close",
      body: MergeBody,
      detail: { summary: "Take over the messages of another conversation of this contact" },
    })
    .put(
      "/participants/:agent",
      async ({ params, actor }) =>
        ok(toConversationView(await actions.act(params.id, [{ do: "follow", agent: params.agent }], actor))),
      {
        permission: "conversations.write",
        params: ParticipantParams,
        response: { 200: ActionAnswer },
        detail: { summary: "Let somebody follow it" },
      },
    )
    .delete(
      "/participants/:agent",
      async ({ params, actor }) =>
        ok(toConversationView(await actions.act(params.id, [{ do: "unfollow", agent: params.agent }], actor))),
      {
        permission: "conversations.write",
        params: ParticipantParams,
        response: { 200: ActionAnswer },
        detail: { summary: "Let somebody follow it no longer" },
      },
    );
};
