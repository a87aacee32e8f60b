/** What the timeline answers. */
import { type Static, Type as t } from "@sinclair/typebox";
import { pageQuery, pageSchema } from "../../core/envelope";
import { Id, oneOf, Timestamp } from "../../events/view";

export const TIMELINE_KINDS = [
  "created",
  "changed",
  "opted-in",
  "opted-out",
  "blocked",
  "unblocked",
  "merged",
  "unmerged",
  "imported",
  "conversation-opened",
  "conversation-resolved",
  "activity",
] as const;

export const TimelineEntry = t.Object(
  {
    id: t.String(),
    kind: oneOf(TIMELINE_KINDS),
    at: Timestamp,
    by: t.Union([t.String({ description: "An agent's id, or what else did it" }), t.Null()]),
    conversation: t.Union([Id, t.Null()]),
    text: t.String({ description: "Of an activity: what is shown in the thread" }),
    detail: t.Record(t.String(), t.Unknown()),
  },
  {
    title: "TimelineEntry",
    examples: [
      {
        id: "019345f2c1a4000a5be1f00d",
        kind: "opted-in",
        at: "2026-11-20T18:30:00.000Z",
        by: "019345f2c1a40001a0b1c2d3",
        conversation: null,
        text: "",
        detail: { source: "form on the website" },
      },
    ],
  },
);
export type TimelineEntry = Static<typeof TimelineEntry>;
export const TimelinePage = pageSchema(TimelineEntry);
export const TimelineParams = t.Object({ id: Id });
export const TimelineQuery = t.Object(pageQuery);
