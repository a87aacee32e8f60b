/** A bulk action: what to do, and how far it has come. The conversations it is about are noted in chunks when it is asked for. */
import { type Connection, Schema } from "mongoose";
import type { Actor } from "../../core/actor";
import { JOB_STATES } from "../../events/view";
import type { ConversationAction } from "../conversation-actions/conversation-action.schema";
import type { ConversationFilter } from "../conversations/conversation-filter";

export interface BulkJob {
  _id: string;
  by: string;
  /** Who asked, with what they were allowed to then. */
  actor: Omit<Actor, "permissions"> & { permissions: string[] };
  filter: ConversationFilter | null;
  actions: ConversationAction[];
  state: (typeof JOB_STATES)[number];
  total: number | null;
  done: number;
  failed: number;
  failures: { conversation: string; code: string; message: string }[];
  /** Why it ended before its time; absent in older ones. */
  problem?: string | null;
  /** Absent once it has ended: what is looked for at start. */
  pending?: boolean;
  /** Until when the process that works on it holds it. */
  leaseUntil: Date | null;
  owner: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface BulkChunk {
  _id: string;
  job: string;
  /** The place of its first conversation among all of the job. */
  from: number;
  ids: string[];
}

const schema = new Schema<BulkJob>(
  {
    _id: { type: String, required: true },
    by: { type: String, required: true },
    actor: { type: Schema.Types.Mixed, required: true } as never,
    filter: { type: Schema.Types.Mixed, default: null } as never,
    actions: { type: [Schema.Types.Mixed], required: true } as never,
    state: { type: String, enum: JOB_STATES, required: true },
    total: { type: Number, default: null },
    done: { type: Number, required: true },
    failed: { type: Number, required: true },
    failures: { type: [Schema.Types.Mixed], default: [] } as never,
    problem: { type: String, default: null },
    pending: { type: Boolean },
    leaseUntil: { type: Date, default: null },
    owner: { type: String, default: null },
    createdAt: { type: Date, required: true },
    finishedAt: { type: Date, default: null },
  },
  { collection: "bulkJobs", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ by: 1, _id: -1 });
schema.index({ pending: 1, _id: 1 }, { partialFilterExpression: { pending: { $exists: true } } });
/** What was done is in the threads; the job itself is of interest for a month. */
schema.index({ finishedAt: 1 }, { expireAfterSeconds: 30 * 86_400 });

const chunkSchema = new Schema<BulkChunk>(
  {
    _id: { type: String, required: true },
    job: { type: String, required: true },
    from: { type: Number, required: true },
    ids: { type: [String], required: true },
  },
  { collection: "bulkChunks", versionKey: false, autoIndex: false, strict: "throw" },
);
chunkSchema.index({ job: 1, from: 1 });

export const bulkJobModel = (connection: Connection) => connection.model<BulkJob>("BulkJob", schema);
export const bulkChunkModel = (connection: Connection) => connection.model<BulkChunk>("BulkChunk", chunkSchema);
export type BulkJobModel = ReturnType<typeof bulkJobModel>;
export type BulkChunkModel = ReturnType<typeof bulkChunkModel>;
