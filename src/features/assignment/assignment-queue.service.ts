/** The conversations that need a person and have none, in the order in which they are given out. */
import type { ClientSession } from "mongoose";
import type { Conversation, ConversationModel } from "../conversations/conversation.model";

export type Waiting = Pick<
  Conversation,
  | "_id"
  | "contact"
  | "channel"
  | "team"
  | "labels"
  | "priority"
  | "participants"
  | "lastMessageAt"
  | "waitingSince"
  | "rank"
  | "routedSince"
>;

export interface AssignmentQueue {
  /** Those that wait, the next one first: at most some `MOST_WAITING`. `team` null: of no team; absent: all. */
  list(team?: string | null): Promise<Waiting[]>;
  /** How many conversations somebody works on. */
  loadOf(agent: string, session?: ClientSession): Promise<number>;
  /** Conversations of theirs whose customer waits for an answer, the longest waiting first. */
  listUnanswered(agent: string, limit: number): Promise<string[]>;
  /** Who had this customer last, in a conversation that somebody was active in since then. */
  lastAgentOf(contact: string, since: Date): Promise<string | null>;
}

/** Whoever comes after so many is told no position. */
export const MOST_WAITING = 1_000;

const FIELDS = {
  contact: 1,
  channel: 1,
  team: 1,
  labels: 1,
  priority: 1,
  participants: 1,
  lastMessageAt: 1,
  waitingSince: 1,
  rank: 1,
  routedSince: 1,
} as const;

const NEEDS_SOMEBODY = { status: "open", waitingFor: null, assignedAgent: null, isAIEnabled: false } as const;

/** Whether it needs a person and has none. */
export const needsSomebody = ({
  status,
  assignedAgent,
  isAIEnabled,
}: Pick<Conversation, "status" | "assignedAgent" | "isAIEnabled">): boolean =>
  status === "open" && assignedAgent === null && !isAIEnabled;

/** Since when it has been waiting: for an answer, or for somebody to care. */
export const waitsSince = ({ waitingSince, lastMessageAt }: Pick<Waiting, "waitingSince" | "lastMessageAt">): number =>
  (waitingSince ?? lastMessageAt).getTime();

export function createAssignmentQueue(conversations: ConversationModel): AssignmentQueue {
  const read = async (filter: object, sort: Record<string, 1>, hint: Record<string, 1 | -1>) =>
    (await conversations.collection
      .find({ ...NEEDS_SOMEBODY, ...filter } as never, { projection: FIELDS, hint })
      .sort(sort as never)
      .limit(MOST_WAITING)
      .toArray()) as unknown as Waiting[];

  return {
    async list(team) {
      const within = team === undefined ? {} : { team };
      const parts = await Promise.all([
        // The urgent ones first, however many others there are.
        read({ ...within, rank: { $in: [1, 2] } }, { lastMessageAt: 1 }, RANK),
        read({ ...within, waitingSince: { $type: "date" } }, { waitingSince: 1 }, { waitingSince: 1, _id: 1 }),
        read({ ...within, waitingSince: null }, { lastMessageAt: 1 }, STATUS),
      ]);
      const all = new Map(parts.flat().map((row) => [row._id, row]));
      return [...all.values()]
        .sort((a, b) => (b.rank ?? 0) - (a.rank ?? 0) || waitsSince(a) - waitsSince(b) || (a._id < b._id ? -1 : 1))
        .slice(0, MOST_WAITING);
    },

    async loadOf(agent, session) {
      return conversations.countDocuments({ assignedAgent: agent, status: "assigned" }, session ? { session } : {});
    },

    async listUnanswered(agent, limit) {
      const found = await conversations
        .find({ assignedAgent: agent, waitingSince: { $type: "date" }, status: "assigned" }, { _id: 1 })
        .sort({ waitingSince: 1, _id: 1 })
        .limit(limit)
        .lean();
      return found.map(({ _id }) => _id as string);
    },

    async lastAgentOf(contact, since) {
      const found = (await conversations
        .findOne({ contact, lastMessageAt: { $gte: since }, assignedAgent: { $type: "string" } }, { assignedAgent: 1 })
        .sort({ lastMessageAt: -1, _id: -1 })
        .lean()) as Pick<Conversation, "assignedAgent"> | null;
      return found?.assignedAgent ?? null;
    },
  };
}

const RANK = { rank: 1, status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 } as const;
const STATUS = { status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 } as const;
