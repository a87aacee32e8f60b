/** What clients see of what happens by itself: changes that rules act upon, promises of service, what customers thought of it. */
import { type Static, Type as t } from "@sinclair/typebox";
import { ConversationView, Id, nullable, oneOf, Timestamp } from "./view";

export const SLA_TARGETS = ["first-reply", "next-reply", "resolution"] as const;
export type SlaTarget = (typeof SLA_TARGETS)[number];

/** A promise that is about to be broken, was broken, or was kept in time. */
export const SlaEventView = t.Object({
  conversation: Id,
  policy: Id,
  policyName: t.String(),
  target: oneOf(SLA_TARGETS),
  startedAt: Timestamp,
  dueAt: Timestamp,
  /** When it happened. */
  at: Timestamp,
  agent: nullable(Id),
  team: nullable(Id),
});
export type SlaEventView = Static<typeof SlaEventView>;

export const CSAT_STATES = ["asked", "answered", "expired"] as const;

export const CsatView = t.Object(
  {
    id: Id,
    conversation: Id,
    contact: Id,
    channel: t.String(),
    agent: nullable(t.String({ description: "Who had the conversation when it was resolved" })),
    team: nullable(Id),
    state: oneOf(CSAT_STATES),
    scale: t.Integer({ description: "The best score: 3 or 5" }),
    score: nullable(t.Integer({ minimum: 1, maximum: 5, description: "1 is the worst" })),
    comment: nullable(t.String()),
    askedAt: Timestamp,
    answeredAt: nullable(t.String()),
  },
  { title: "Csat" },
);
export type CsatView = Static<typeof CsatView>;

/** What was different before, of that which people and rules decide. */
export const ConversationBefore = t.Union(
  [
    t.Partial(
      t.Pick(ConversationView, [
        "status",
        "waitingFor",
        "priority",
        "isOpen",
        "isAIEnabled",
        "assignedAgent",
        "team",
        "labels",
        "isMuted",
      ]),
    ),
    t.Null(),
  ],
  { description: "Null: the conversation is new. Absent: nothing of this kind has changed" },
);
export type ConversationBefore = Static<typeof ConversationBefore>;
