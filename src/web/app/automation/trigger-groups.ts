/** What can start a rule, in the groups in which it is offered. */
import type { Trigger } from "@server/features/automation-rules/rule-trigger";

export const TRIGGER_GROUPS: readonly { id: "message" | "conversation" | "time" | "customer"; events: readonly Trigger[] }[] = [
  { id: "message", events: ["message:received", "message:sent"] },
  {
    id: "conversation",
    events: [
      "conversation:created",
      "conversation:updated",
      "conversation:assigned",
      "conversation:handed-over",
      "conversation:resolved",
      "conversation:reopened",
      "conversation:woken",
      "label:added",
    ],
  },
  { id: "time", events: ["silence:customer", "silence:team", "sla:warned", "sla:breached", "sla:met"] },
  { id: "customer", events: ["contact:updated", "csat:received"] },
];

/** Events that come after a time in which nobody writes. */
export const isSilence = (event: Trigger): boolean => event === "silence:customer" || event === "silence:team";
