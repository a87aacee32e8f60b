/** Questions that the knowledge did not answer, counted, until somebody answers or dismisses them. */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { shortHash } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { Change, EventLog } from "../../events/log";
import type { KnowledgeGap, KnowledgeGapModel } from "./knowledge.model";
import type { GapQuery, GapView } from "./knowledge.schema";
import { wordsOf } from "./knowledge-words";

export interface KnowledgeGapService {
  /** Counts a question that was not answered from the knowledge, in the transaction of the turn. */
  note(question: string, conversation: string, change: Change): Promise<void>;
  listGaps(query: GapQuery): Promise<Page<GapView>>;
  decide(id: string, decision: { state: KnowledgeGap["state"]; article?: string }, actor: Actor): Promise<GapView>;
}

export interface KnowledgeGapDeps {
  gaps: KnowledgeGapModel;
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
}

const LONGEST = 500;
const CONVERSATIONS_KEPT = 10;

export function createKnowledgeGaps({ gaps, audit, log, clock }: KnowledgeGapDeps): KnowledgeGapService {
  return {
    async note(asked, conversation, { session }) {
      const question = asked.replace(/\s+/g, " ").trim().slice(0, LONGEST);
      const id = shortHash(wordsOf(question));
      const at = new Date(clock.now());
      const known = (await gaps.findById(id, null, { session }).lean()) as KnowledgeGap | null;
      if (!known) {
        const gap: KnowledgeGap = {
          _id: id,
          question,
          times: 1,
          conversations: [conversation],
          state: "open",
          article: null,
          firstAt: at,
          lastAt: at,
        };
        await gaps.collection.insertOne(gap as never, { session });
        return;
      }
      const conversations = [...new Set([conversation, ...known.conversations])].slice(0, CONVERSATIONS_KEPT);
      // Asked again after somebody has answered it: the answer is not found.
      const state = known.state === "dismissed" ? "dismissed" : "open";
      await gaps.updateOne({ _id: id }, { $set: { conversations, state, lastAt: at }, $inc: { times: 1 } }, { session });
    },

    async listGaps({ state = "open", limit, cursor }) {
      const [times, last] = cursor ? (decodeCursor(cursor, ["number", "string"]) as [number, string]) : [null, null];
      const after = times === null ? {} : { $or: [{ times: { $lt: times } }, { times, _id: { $lt: last } }] };
      const rows = (await gaps
        .find({ state, ...after })
        .sort({ times: -1, _id: -1 })
        .limit(limit + 1)
        .lean()) as KnowledgeGap[];
      return toPage(rows, limit, toGapView, (row) => [row.times, row._id]);
    },

    async decide(id, { state, article = undefined }, actor) {
      return log.change(async (change) => {
        const before = (await gaps.findById(id, null, { session: change.session }).lean()) as KnowledgeGap | null;
        if (!before) throw fail("knowledge.not-found");
        const after = { ...before, state, article: article ?? null };
        await gaps.updateOne({ _id: id }, { $set: { state, article: after.article } }, { session: change.session });
        await audit.record(change, {
          actor,
          action: "knowledge.decide",
          target: { kind: "knowledge-gap", id, name: before.question },
          before: { state: before.state },
          after: { state, article: after.article },
        });
        return toGapView(after);
      });
    },
  };
}

const toGapView = ({ _id, firstAt, lastAt, ...gap }: KnowledgeGap): GapView => ({
  id: _id,
  ...gap,
  firstAt: firstAt.toISOString(),
  lastAt: lastAt.toISOString(),
});
