/** What the assignment routes accept and answer. */
import { Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { PRESENCES } from "../../events/catalog";
import { Id, nullable, oneOf, Timestamp } from "../../events/view";

export const QueueParams = t.Object({ id: Id });
export const QueueQuery = t.Object({
  team: t.Optional(t.Union([Id, t.Literal("none")], { description: "Only the queue of this team; none: of no team" })),
});

const PlaceView = t.Object(
  {
    conversation: Id,
    team: nullable(Id),
    position: t.Union([t.Integer({ minimum: 1 }), t.Null()], {
      description: "In the queue of its team, from 1; null: behind more than are counted",
    }),
    total: t.Integer({ minimum: 0, description: "How many wait in that queue; 1000 stands for a thousand or more" }),
    waitingSince: Timestamp,
  },
  { title: "QueuePlace" },
);

export const QueueAnswer = okSchema(t.Array(PlaceView));
export const PlaceAnswer = okSchema(t.Union([PlaceView, t.Null()]));
export const LoadAnswer = okSchema(
  t.Array(
    t.Object(
      {
        agent: Id,
        name: t.String(),
        state: oneOf(PRESENCES),
        teams: t.Array(Id),
        load: t.Integer({ minimum: 0, description: "Conversations they work on" }),
        capacity: t.Union([t.Integer(), t.Null()], { description: "How many they are given at once; null: without limit" }),
      },
      { title: "AgentLoad" },
    ),
  ),
);
