/**
 * Keeps the figures like the data: follows the event log, and builds them anew from the documents when there are none, when the log no
 * longer reaches back, or when somebody asks for it. What documents forget is stored beside them.
 */
import { describeError, fail } from "../../core/errors";
import type { DurableEvent } from "../../events/catalog";
import { createFollower, type Follower, type FollowerDeps } from "../../events/follower";
import type { Conversation, ConversationModel } from "../conversations/conversation.model";
import type { MessageModel } from "../messages/message.model";
import { FOLLOWED, operationsOf, type StoredMessage, storedConversation, storedMessage } from "./report-entry";
import type { ReportMomentModel, StoredReportMoment } from "./report-moment.model";
import type { ReportIndex, ReportMoment, ReportOperation } from "./report-port";

export interface RebuildProgress {
  done: number;
  total: number;
}

export interface ReportFeedDeps extends FollowerDeps {
  index: ReportIndex;
  conversations: ConversationModel;
  messages: MessageModel;
  moments: ReportMomentModel;
}

export interface ReportFeed {
  start(): void;
  /** Builds the figures anew while the old ones answer. Throws `report.rebuilding` when that is being done already. */
  rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress>;
  readonly progress: RebuildProgress | null;
  stop(): Promise<void>;
}

/** Between two such pieces everything else gets its turn. */
const PIECE = 250;
const OF_MESSAGES = {
  conversation: 1,
  sentAt: 1,
  createdAt: 1,
  role: 1,
  direction: 1,
  type: 1,
  author: 1,
  private: 1,
  "delivery.state": 1,
};
const OF_CONVERSATIONS = {
  contact: 1,
  channel: 1,
  team: 1,
  assignedAgent: 1,
  labels: 1,
  createdAt: 1,
  status: 1,
  waitingFor: 1,
  isAIEnabled: 1,
  resolvedAt: 1,
  mergedInto: 1,
  version: 1,
};
const DUPLICATE = 11000;

export function createReportFeed(deps: ReportFeedDeps): ReportFeed {
  const { index, conversations, messages, moments, log } = deps;
  let progress: RebuildProgress | null = null;
  let watcher: (progress: RebuildProgress) => void = () => {};
  let isStopping = false;
  /** Moments that are in the store by now and are to be noted as such. */
  let stored: string[] = [];

  const follower: Follower = createFollower(deps, {
    name: "the reports",
    events: FOLLOWED as readonly DurableEvent[],
    position: () => index.position(),
    async apply(events, position) {
      const fresh = await index.apply(events.flatMap(operationsOf), position, stored);
      stored = [];
      if (fresh.length === 0) return;
      await keep(fresh);
      stored = fresh.map(({ id }) => id);
    },
    lost: build,
  });

  async function keep(fresh: readonly ReportMoment[]): Promise<void> {
    const rows = fresh.map(({ id, at, ...rest }) => ({ _id: id, ...rest, at: new Date(at) }));
    try {
      await moments.collection.insertMany(rows as never[], { ordered: false });
    } catch (error) {
      // Stored before a crash, or by another process that counts too.
      if ((error as { code?: unknown }).code !== DUPLICATE) throw error;
    }
  }

  async function build(position: number): Promise<void> {
    const counts = await Promise.all([moments, conversations, messages].map((model) => model.estimatedDocumentCount()));
    progress = { done: 0, total: counts.reduce((sum, count) => sum + count, 0) };
    try {
      await index.beginBuild(position);
      await read<StoredReportMoment>(moments, {}, ({ _id, at, ...rest }) => [{ moment: { ...rest, id: _id, at: at.getTime() } }]);
      await read<Conversation>(conversations, OF_CONVERSATIONS, (row) => [{ conversation: storedConversation(row), at: null }]);
      await read<StoredMessage>(messages, OF_MESSAGES, storedMessage);
      await index.finishBuild();
    } finally {
      progress = null;
    }
  }

  interface Source {
    collection: {
      find(filter: object, options: object): { sort(by: { _id: 1 }): { limit(count: number): { toArray(): Promise<object[]> } } };
    };
  }

  async function read<Row extends { _id: string }>(
    { collection }: Source,
    projection: object,
    toOperations: (row: Row) => ReportOperation[],
  ): Promise<void> {
    for (let last = ""; ; ) {
      if (isStopping) throw fail("server.stopping");
      const rows = (await collection
        .find({ _id: { $gt: last } }, { projection })
        .sort({ _id: 1 })
        .limit(PIECE)
        .toArray()) as Row[];
      if (rows.length === 0) return;
      last = rows.at(-1)!._id;
      await index.build(rows.flatMap(toOperations));
      progress!.done += rows.length;
      watcher(progress!);
    }
  }

  return {
    start: () => follower.start(),
    get progress() {
      return progress;
    },
    async rebuild(onProgress = () => {}) {
      if (progress) throw fail("report.rebuilding");
      let last: RebuildProgress = { done: 0, total: 0 };
      watcher = (now) => {
        last = { ...now };
        onProgress(last);
      };
      try {
        await follower.restart();
      } catch (error) {
        log.warn("the reports could not be built anew", { reason: describeError(error) });
        throw error;
      } finally {
        watcher = () => {};
      }
      return last;
    },
    async stop() {
      isStopping = true;
      await follower.stop();
    },
  };
}
