/** Saved filters of contacts: one's own, and those everybody sees. What each leaves still depends on who asks. */
import { type Actor, can } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { ContactFilter } from "../contacts/contact-edit.schema";
import type { ContactListService } from "../contacts/contact-list.service";
import type { Segment, SegmentModel } from "./segment.model";
import type { NewSegment, SegmentPatch, SegmentView } from "./segment.schema";

export interface SegmentService {
  listSegments(actor: Actor): Promise<SegmentView[]>;
  createSegment(segment: NewSegment, actor: Actor): Promise<SegmentView>;
  patchSegment(id: string, patch: SegmentPatch, actor: Actor): Promise<SegmentView>;
  removeSegment(id: string, actor: Actor): Promise<void>;
}

const MOST_SEGMENTS = 100;
/** Counting on takes longer than knowing it helps. */
const MOST_COUNTED = 100_000;

export function createSegmentService({
  segments,
  lists,
  clock,
}: {
  segments: SegmentModel;
  lists: ContactListService;
  clock: Clock;
}): SegmentService {
  async function view(segment: Segment, actor: Actor): Promise<SegmentView> {
    const count = await lists.countContacts(segment.filter, actor, MOST_COUNTED + 1);
    const { _id, name, filter, isShared, owner, createdAt } = segment;
    return {
      id: _id,
      name,
      filter,
      isShared,
      owner,
      count: Math.min(count, MOST_COUNTED),
      isMore: count > MOST_COUNTED,
      createdAt: createdAt.toISOString(),
    };
  }

  async function getOwn(id: string, actor: Actor): Promise<Segment> {
    const segment = await getSegment(segments, id, actor);
    if (segment.isShared && !can(actor, "views.manage")) throw fail("auth.forbidden");
    return segment;
  }

  return {
    async listSegments(actor) {
      const rows = (await segments
        .find({ $or: [{ isShared: true }, { owner: actor.id }] })
        .sort({ _id: 1 })
        .limit(MOST_SEGMENTS)
        .lean()) as Segment[];
      return Promise.all(rows.map((row) => view(row, actor)));
    },

    async createSegment({ name, filter, isShared = false }, actor) {
      if (isShared && !can(actor, "views.manage")) throw fail("auth.forbidden");
      const at = new Date(clock.now());
      const segment = { _id: newId(at.getTime()), name, filter, isShared, owner: actor.id, createdAt: at, updatedAt: at };
      // A filter that cannot be asked is told now, not whenever somebody opens the list.
      const seen = await view(segment, actor);
      await segments.collection.insertOne(segment as never);
      return seen;
    },

    async patchSegment(id, patch, actor) {
      const before = await getOwn(id, actor);
      if (patch.isShared && !can(actor, "views.manage")) throw fail("auth.forbidden");
      const seen = await view({ ...before, ...patch }, actor);
      await segments.updateOne({ _id: id }, { $set: { ...patch, updatedAt: new Date(clock.now()) } });
      return seen;
    },

    async removeSegment(id, actor) {
      await getOwn(id, actor);
      await segments.deleteOne({ _id: id });
    },
  };
}

/** Throws `segment.not-found` also for one that is somebody else's. */
async function getSegment(segments: SegmentModel, id: string, actor: Actor): Promise<Segment> {
  const segment = (await segments.findById(id).lean()) as Segment | null;
  if (!segment || !(segment.isShared || segment.owner === actor.id)) throw fail("segment.not-found");
  return segment;
}

export const segmentFilters =
  (segments: SegmentModel) =>
  async (id: string, actor: Actor): Promise<ContactFilter> =>
    (await getSegment(segments, id, actor)).filter;
