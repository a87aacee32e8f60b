/** A schedule: when a company, some of its numbers or some of its teams are there. */
import { type Connection, Schema } from "mongoose";
import type { OpeningHours } from "../../core/opening-hours";
import type { AutomationRecord } from "../automation-records/automation-record.service";

export interface BusinessHours extends AutomationRecord, OpeningHours {
  /** For everything that has no schedule of its own. */
  isDefault: boolean;
  /** WhatsApp phone number ids. */
  channels: readonly string[];
  teams: readonly string[];
}

const schema = new Schema<BusinessHours>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    zone: { type: String, required: true },
    week: { type: Schema.Types.Mixed, required: true } as never,
    holidays: { type: Schema.Types.Mixed, required: true } as never,
    isDefault: { type: Boolean, required: true },
    channels: { type: [String], required: true } as never,
    teams: { type: [String], required: true } as never,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "businessHours", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

export const businessHoursModel = (connection: Connection) => connection.model<BusinessHours>("BusinessHours", schema);
export type BusinessHoursModel = ReturnType<typeof businessHoursModel>;
