/** A text that tells the assistant who it is and what it may say, and the versions of it that were published. */
import { type Connection, Schema } from "mongoose";
import type { AutomationRecord } from "../automation-records/automation-record.service";

export interface PromptBy {
  id: string;
  name: string;
}

export interface PromptDraft {
  text: string;
  /** Asked instead of the model of the settings. */
  model: string | null;
  note: string;
  updatedAt: Date;
  updatedBy: PromptBy;
}

/** The part of a version that turns read: kept with the prompt, so that nothing has to be loaded. */
export interface PublishedPrompt {
  number: number;
  text: string;
  model: string | null;
  at: Date;
}

export interface AiPrompt extends AutomationRecord {
  /** WhatsApp phone number ids; any when empty. */
  channels: string[];
  /** Any, and no team at all, when empty. */
  teams: string[];
  when: "always" | "open" | "closed";
  /** Only between these times of the day, in `zone`; may go over midnight. */
  between: { from: string; to: string; zone: string } | null;
  isPaused: boolean;
  draft: PromptDraft | null;
  published: PublishedPrompt | null;
  /** The highest number given so far. */
  lastNumber: number;
}

const schema = new Schema<AiPrompt>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    channels: { type: [String], required: true },
    teams: { type: [String], required: true },
    when: { type: String, required: true },
    between: { type: Schema.Types.Mixed, default: null } as never,
    isPaused: { type: Boolean, required: true },
    draft: { type: Schema.Types.Mixed, default: null } as never,
    published: { type: Schema.Types.Mixed, default: null } as never,
    lastNumber: { type: Number, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "aiPrompts", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

/** What was published once: never changed, and kept when its prompt goes, because runs name it. */
export interface AiPromptVersion {
  _id: string;
  prompt: string;
  number: number;
  text: string;
  model: string | null;
  note: string;
  publishedAt: Date;
  publishedBy: PromptBy;
}

const versionSchema = new Schema<AiPromptVersion>(
  {
    _id: { type: String, required: true },
    prompt: { type: String, required: true },
    number: { type: Number, required: true },
    text: { type: String, required: true },
    model: { type: String, default: null },
    note: { type: String, default: "" },
    publishedAt: { type: Date, required: true },
    publishedBy: { type: Schema.Types.Mixed, required: true } as never,
  },
  { collection: "aiPromptVersions", versionKey: false, autoIndex: false, strict: "throw" },
);
versionSchema.index({ prompt: 1, number: -1 }, { unique: true });

export const aiPromptModel = (connection: Connection) => connection.model<AiPrompt>("AiPrompt", schema);
export type AiPromptModel = ReturnType<typeof aiPromptModel>;
export const aiPromptVersionModel = (connection: Connection) =>
  connection.model<AiPromptVersion>("AiPromptVersion", versionSchema);
export type AiPromptVersionModel = ReturnType<typeof aiPromptVersionModel>;
