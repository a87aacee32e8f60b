/** What an agent sees of how far they themselves have read. */
import { type Static, Type as t } from "@sinclair/typebox";
import { Id, nullable, Timestamp } from "./view";

export const ReadPositionView = t.Object(
  {
    conversation: Id,
    message: nullable(t.String({ ...Id, description: "Everything up to this message has been read; null: nothing" })),
    at: nullable(t.String({ ...Timestamp, description: "When that was noted" })),
    unread: t.Integer({
      minimum: 0,
      maximum: 1_000,
      description: "Messages of the customer after it; 1000 stands for a thousand or more",
    }),
  },
  { title: "ReadPosition" },
);
export type ReadPositionView = Static<typeof ReadPositionView>;
