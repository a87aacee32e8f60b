/** What a new installation finds set up: a policy, rules and macros to begin with. What writes to customers is off. */

import { newId } from "./core/id";
import type { AutomationPositionModel } from "./features/automation-feed/automation-position.model";
import type { AutomationRuleModel } from "./features/automation-rules/automation-rule.model";
import type { MacroModel } from "./features/macros/macro.model";
import type { SlaPolicyModel } from "./features/sla/sla-policy.model";

export interface SeedModels {
  automationPositions: AutomationPositionModel;
  automationRules: AutomationRuleModel;
  macros: MacroModel;
  slaPolicies: SlaPolicyModel;
}

const DONE = "defaults";
const ANY = { priorities: [], teams: [], labels: [], channels: [] };

/** Once in the life of an installation: what people remove stays removed. */
export async function seedAutomation(models: SeedModels, now: number): Promise<void> {
  const at = new Date(now);
  const { upsertedCount } = await models.automationPositions.collection.updateOne(
    { _id: DONE as never },
    { $setOnInsert: { seq: 1 } },
    { upsert: true },
  );
  if (upsertedCount === 0) return;
  const record = (name: string, fields: object) => ({
    _id: newId(now),
    name,
    ...fields,
    version: 0,
    createdAt: at,
    updatedAt: at,
  });
  const rule = (name: string, order: number, fields: object) =>
    record(name, { description: "", isEnabled: false, order, stops: false, limit: { times: 10, minutes: 60 }, ...fields });
  const macro = (name: string, actions: object[]) =>
    record(name, { description: "", visibility: "all", owner: "system", teams: [], actions });
  await models.slaPolicies.collection.insertOne(
    record("Standard", {
      isEnabled: false,
      order: 1,
      match: ANY,
      firstReply: 60,
      nextReply: 120,
      resolution: 1_440,
      warnPercent: 80,
      inBusinessHours: true,
      pausesInSnooze: true,
      assistantCounts: true,
    }) as never,
  );
  await models.automationRules.collection.insertMany([
    rule("Urgent words raise the priority", 1, {
      trigger: { event: "message:received" },
      conditions: { all: [{ field: "message.text", is: "has-word", value: ["urgente", "urgent", "reclamo", "reclamação"] }] },
      actions: [{ do: "priority", priority: "urgent" }],
    }),
    rule("Follow up after a day of silence", 2, {
      trigger: { event: "silence:customer", minutes: 1_380 },
      conditions: { all: [{ field: "conversation.windowOpen", is: "equals", value: true }] },
      actions: [{ do: "reply", text: "Hola {{contact.first_name}}, ¿pudo revisar nuestro mensaje?" }],
    }),
    rule("A bad rating is looked at", 3, {
      trigger: { event: "csat:received" },
      conditions: { all: [{ field: "event.score", is: "below", value: 2 }] },
      actions: [
        { do: "status", status: "open" },
        { do: "priority", priority: "high" },
        { do: "note", text: "The customer was not content: call back." },
      ],
    }),
  ] as never[]);
  await models.macros.collection.insertMany([
    macro("Resolve", [{ do: "status", status: "resolved" }]),
    macro("Put aside until tomorrow", [{ do: "snooze", minutes: 1_440 }]),
    macro("Take and mark as urgent", [{ do: "take" }, { do: "priority", priority: "urgent" }]),
  ] as never[]);
}
