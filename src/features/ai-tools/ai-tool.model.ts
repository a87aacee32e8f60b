/** A tool of the assistant that an admin has defined: a call to another server. And the calls that change something there. */
import { type Connection, Schema } from "mongoose";
import type { AutomationRecord } from "../automation-records/automation-record.service";

export interface ToolParameter {
  name: string;
  type: "text" | "number" | "boolean" | "date";
  description: string;
  isRequired: boolean;
  /** What may be chosen; anything when empty. */
  options: string[];
}

export interface AiTool extends AutomationRecord {
  description: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** May hold {parameter} behind its host. */
  url: string;
  parameters: ToolParameter[];
  headers: Record<string, string>;
  /** Name of the header that carries the secret. */
  secretHeader: string | null;
  lockedSecret: string | null;
  timeoutMs: number;
  /** It leaves something there: made once, and the turn has to be finished then. */
  changes: boolean;
  /** The customer confirms by a button before the call. */
  confirms: boolean;
  /** What they are asked; may hold {parameter}. */
  question: string;
  isEnabled: boolean;
}

const schema = new Schema<AiTool>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, required: true },
    method: { type: String, required: true },
    url: { type: String, required: true },
    parameters: { type: Schema.Types.Mixed, required: true } as never,
    headers: { type: Schema.Types.Mixed, required: true } as never,
    secretHeader: { type: String, default: null },
    lockedSecret: { type: String, default: null },
    timeoutMs: { type: Number, required: true },
    changes: { type: Boolean, required: true },
    confirms: { type: Boolean, required: true },
    question: { type: String, default: "" },
    isEnabled: { type: Boolean, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "aiTools", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

/** `running` after its process has died: nobody knows whether it arrived. */
export type CallState = "waiting" | "running" | "done" | "failed" | "declined" | "expired";

export interface AiToolCall {
  /** Derived from what makes it the same call, so that it is made once. */
  _id: string;
  conversation: string;
  contact: string;
  turn: string;
  tool: string;
  name: string;
  /** JSON of the arguments. */
  args: string;
  state: CallState;
  /** In the buttons the customer is asked with. */
  token: string | null;
  /** JSON of what goes to the model. */
  result: string | null;
  createdAt: Date;
  endedAt: Date | null;
}

const callSchema = new Schema<AiToolCall>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    contact: { type: String, required: true },
    turn: { type: String, required: true },
    tool: { type: String, required: true },
    name: { type: String, required: true },
    args: { type: String, required: true },
    state: { type: String, required: true },
    token: { type: String, default: null },
    result: { type: String, default: null },
    createdAt: { type: Date, required: true },
    endedAt: { type: Date, default: null },
  },
  { collection: "aiToolCalls", versionKey: false, autoIndex: false, strict: "throw" },
);
callSchema.index({ conversation: 1, _id: -1 });
callSchema.index({ token: 1 }, { unique: true, partialFilterExpression: { token: { $type: "string" } } });

export const aiToolModel = (connection: Connection) => connection.model<AiTool>("AiTool", schema);
export type AiToolModel = ReturnType<typeof aiToolModel>;
export const aiToolCallModel = (connection: Connection) => connection.model<AiToolCall>("AiToolCall", callSchema);
export type AiToolCallModel = ReturnType<typeof aiToolCallModel>;
