/** A rule: when something happens, and what holds, and what is done then. */
import { type Connection, Schema } from "mongoose";
import type { AutomationAction } from "../automation-actions/automation-action.schema";
import type { AutomationRecord } from "../automation-records/automation-record.service";
import type { Conditions } from "./condition.schema";
import type { Trigger } from "./rule-trigger";

export interface AutomationRule extends AutomationRecord {
  description: string;
  isEnabled: boolean;
  /** Rules that want the same event go in this order. */
  order: number;
  trigger: {
    event: Trigger;
    /** Of silence: how long it lasts. */
    minutes?: number;
    /** Of silence: only open hours count. */
    inBusinessHours?: boolean;
  };
  conditions: Conditions;
  actions: AutomationAction[];
  /** When it matches, those after it do not get their turn with this event. */
  stops: boolean;
  /** How often in how many minutes on one conversation. */
  limit: { times: number; minutes: number };
}

const schema = new Schema<AutomationRule>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, default: "" },
    isEnabled: { type: Boolean, required: true },
    order: { type: Number, required: true },
    trigger: { type: Schema.Types.Mixed, required: true } as never,
    conditions: { type: Schema.Types.Mixed, required: true } as never,
    actions: { type: [Schema.Types.Mixed], required: true } as never,
    stops: { type: Boolean, required: true },
    limit: { type: Schema.Types.Mixed, required: true } as never,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "automationRules", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);

export const automationRuleModel = (connection: Connection) => connection.model<AutomationRule>("AutomationRule", schema);
export type AutomationRuleModel = ReturnType<typeof automationRuleModel>;
