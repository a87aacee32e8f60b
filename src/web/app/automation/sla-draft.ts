/** A promise of service while it is being written. Pure. */
import type { NewPolicy, PolicyView } from "@server/features/sla/sla.schema";

export type PolicyDraft = Omit<PolicyView, "id" | "version" | "createdAt" | "updatedAt" | "order">;
export const SLA_TIMES = ["firstReply", "nextReply", "resolution"] as const;
export type SlaTime = (typeof SLA_TIMES)[number];

export const blankPolicy = (): PolicyDraft => ({
  name: "",
  isEnabled: true,
  match: { priorities: [], teams: [], labels: [], channels: [] },
  firstReply: 15,
  nextReply: null,
  resolution: null,
  warnPercent: 80,
  inBusinessHours: true,
  pausesInSnooze: true,
  assistantCounts: true,
});

export function policyDraftOf({
  id: _,
  version: __,
  createdAt: ___,
  updatedAt: ____,
  order: _____,
  ...rest
}: PolicyView): PolicyDraft {
  return rest;
}

export const policyOf = (draft: PolicyDraft): NewPolicy => ({ ...draft, name: draft.name.trim() });

export const isSamePolicy = (one: PolicyDraft, other: PolicyDraft): boolean =>
  SAID.every((name) => said(one, name) === said(other, name));

const SAID = Object.keys(blankPolicy()) as readonly (keyof PolicyDraft)[];
const said = (draft: PolicyDraft, name: keyof PolicyDraft): string => JSON.stringify(draft[name]);
