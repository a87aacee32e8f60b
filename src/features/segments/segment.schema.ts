/** What the segment routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, Timestamp } from "../../events/view";
import { ContactFilter } from "../contacts/contact-list.service";

const name = t.String({ minLength: 1, maxLength: 80, examples: ["VIPs of Lima"] });
const isShared = t.Boolean({ description: "Everybody sees it; else only you" });

export const SegmentView = t.Object(
  {
    id: Id,
    name,
    filter: ContactFilter,
    isShared,
    owner: t.String(),
    count: t.Integer({ description: "How many contacts are in it that you may see" }),
    isMore: t.Boolean({ description: "There are more than were counted" }),
    createdAt: Timestamp,
  },
  { title: "Segment" },
);
export type SegmentView = Static<typeof SegmentView>;

export const NewSegment = t.Object(
  { name, filter: ContactFilter, isShared: t.Optional(isShared) },
  {
    examples: [{ name: "VIPs of Lima", filter: { labels: ["vip"], attributes: [{ key: "city", is: "equal", value: "Lima" }] } }],
  },
);
export type NewSegment = Static<typeof NewSegment>;
export const SegmentPatch = t.Object(
  { name: t.Optional(name), filter: t.Optional(ContactFilter), isShared: t.Optional(isShared) },
  { minProperties: 1 },
);
export type SegmentPatch = Static<typeof SegmentPatch>;
export const SegmentParams = t.Object({ id: Id });
export const SegmentAnswer = okSchema(SegmentView);
export const SegmentList = okSchema(t.Array(SegmentView));
export const SegmentRemoved = okSchema(t.Object({ id: Id }));
