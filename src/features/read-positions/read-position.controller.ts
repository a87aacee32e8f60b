import { Type as t } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ok, okSchema } from "../../core/envelope";
import { ReadPositionView } from "../../events/reading-view";
import { Id } from "../../events/view";
import type { AuthPlugin } from "../auth/auth.plugin";
import type { ReadPositionService } from "./read-position.service";

const PositionPlace = t.Object({ id: Id });
const PositionBody = t.Object(
  { message: t.String({ ...Id, description: "The last message that has been read" }) },
  { additionalProperties: false, examples: [{ message: "019345f2c1a4000a5be1f00d" }] },
);
const PositionAnswer = okSchema(ReadPositionView);

export const readPositionController = (auth: AuthPlugin, positions: ReadPositionService) =>
  new Elysia({ prefix: "/conversations/:id/position", tags: ["Conversations"] })
    .use(auth)
    .get("/", async ({ params, actor }) => ok(await positions.get(params.id, actor)), {
      permission: "conversations.read",
      params: PositionPlace,
      response: { 200: PositionAnswer },
      detail: {
        summary: "How far one has read it oneself",
        description: "`unreadCount` of the conversation counts what no person has seen; this is one's own.",
      },
    })
    .put("/", async ({ params, body, actor }) => ok(await positions.move(params.id, body.message, actor)), {
      permission: "conversations.read",
      params: PositionPlace,
      body: PositionBody,
      response: { 200: PositionAnswer },
      detail: {
        summary: "Note how far one has read it oneself",
        description:
          "Moves forward only: an earlier message changes nothing. Marking the conversation as seen moves it to the end, marking it as not seen back before the customer's last message. One's other windows hear `read-position:updated`.",
      },
    });
