/** A draft on its way to being published: its tests take minutes with a slow model, so they are stored work that a restart goes on with. */
import { type Connection, Schema } from "mongoose";
import type { Actor } from "../../core/actor";
import type { PromptBy } from "./ai-prompt.model";

export interface AiPublication {
  _id: string;
  prompt: string;
  /** The version of the prompt whose draft is tested: another draft meanwhile is another publication. */
  base: number;
  state: "testing" | "published" | "failed" | "stale";
  /** Present while it is tested: one at a time for each prompt. */
  isOpen?: boolean;
  /** What has to come out well, in order. */
  tests: string[];
  results: TestResult[];
  /** What is with the provider: after a crash nobody knows what it has cost. */
  playing?: string[];
  /** Conversations the tests were recorded in. */
  conversations: string[];
  by: PromptBy & Pick<Actor, "kind">;
  owner: string | null;
  leaseUntil: Date;
  createdAt: Date;
  endedAt: Date | null;
}

export interface TestResult {
  test: string;
  name: string;
  ok: boolean;
  failures: string[];
}

const schema = new Schema<AiPublication>(
  {
    _id: { type: String, required: true },
    prompt: { type: String, required: true },
    base: { type: Number, required: true },
    state: { type: String, required: true },
    isOpen: { type: Boolean },
    tests: { type: [String], required: true },
    results: { type: Schema.Types.Mixed, required: true } as never,
    playing: { type: [String], default: undefined } as never,
    conversations: { type: [String], required: true },
    by: { type: Schema.Types.Mixed, required: true } as never,
    owner: { type: String, default: null },
    leaseUntil: { type: Date, required: true },
    createdAt: { type: Date, required: true },
    endedAt: { type: Date, default: null },
  },
  { collection: "aiPublications", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ prompt: 1 }, { unique: true, partialFilterExpression: { isOpen: true } });
schema.index({ prompt: 1, _id: -1 });
schema.index({ conversations: 1 });
/** What came of it is of interest for a month. */
schema.index({ createdAt: 1 }, { expireAfterSeconds: 30 * 86_400 });

export const aiPublicationModel = (connection: Connection) => connection.model<AiPublication>("AiPublication", schema);
export type AiPublicationModel = ReturnType<typeof aiPublicationModel>;
