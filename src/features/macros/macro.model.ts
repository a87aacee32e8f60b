/** A macro: actions under a name, for one person, some teams or everybody. */
import { type Connection, Schema } from "mongoose";
import type { AutomationAction } from "../automation-actions/automation-action.schema";
import type { AutomationRecord } from "../automation-records/automation-record.service";

export interface Macro extends AutomationRecord {
  description: string;
  visibility: "personal" | "team" | "all";
  /** Who made it. */
  owner: string;
  /** Of visibility `team`. */
  teams: string[];
  actions: AutomationAction[];
}

const schema = new Schema<Macro>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, default: "" },
    visibility: { type: String, enum: ["personal", "team", "all"], required: true },
    owner: { type: String, required: true },
    teams: { type: [String], required: true },
    actions: { type: [Schema.Types.Mixed], required: true } as never,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "macros", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

export const macroModel = (connection: Connection) => connection.model<Macro>("Macro", schema);
export type MacroModel = ReturnType<typeof macroModel>;
