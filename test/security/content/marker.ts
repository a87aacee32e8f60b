/** Words that stand in exactly one place of the world: wherever one is read, it is known whose secret was told. */
import type { Permission } from "../../../src/core/permissions";

/** Where a customer is: with one person, with one of two teams, or with nobody yet. */
export const PLACES = ["own", "sales", "support", "queue"] as const;
export type Place = (typeof PLACES)[number];

/**
 * What a word is part of, and who may read it. `place`: whoever reaches the conversation it belongs to. `person`: only they.
 * `company`: everybody with one of the permissions. `nobody`: no answer tells it.
 */
export const KINDS = {
  name: { of: "place", needs: ["contacts.read", "conversations.read"] },
  /** Company and address of a customer. */
  detail: { of: "place", needs: ["contacts.read", "conversations.read"] },
  /** The other name of somebody who was written down twice. */
  twin: { of: "place", needs: ["contacts.read", "conversations.read"] },
  phone: { of: "place", needs: ["contacts.read", "conversations.read"] },
  contactNote: { of: "place", needs: ["contacts.read"] },
  message: { of: "place", needs: ["conversations.read"] },
  reply: { of: "place", needs: ["conversations.read"] },
  note: { of: "place", needs: ["conversations.read"] },
  scheduled: { of: "place", needs: ["conversations.read"] },
  fileName: { of: "place", needs: ["conversations.read"] },
  fileText: { of: "place", needs: ["conversations.read"] },
  /** What is kept about a person is handed out to them whole. */
  draft: { of: "person", needs: ["contacts.erase"] },
  ownView: { of: "person", needs: [] },
  ownSegment: { of: "person", needs: [] },
  ownReply: { of: "person", needs: [] },
  ownMacro: { of: "person", needs: ["audit.read"] },
  /** The browser somebody is signed in with; the audit log says it as well. */
  device: { of: "person", needs: ["audit.read"] },
  email: { of: "company", needs: ["agents.read", "audit.read"] },
  team: {
    of: "company",
    needs: ["agents.read", "conversations.read", "contacts.read", "api-keys.manage", "audit.read", "reports.read"],
  },
  label: { of: "company", needs: ["conversations.read", "contacts.read"] },
  attribute: { of: "company", needs: ["contacts.read", "conversations.read"] },
  sharedView: { of: "company", needs: ["conversations.read"] },
  sharedSegment: { of: "company", needs: ["contacts.read"] },
  sharedReply: { of: "company", needs: ["conversations.read"] },
  sharedMacro: { of: "company", needs: ["conversations.read"] },
  hours: { of: "company", needs: ["conversations.read", "automation.manage"] },
  sla: { of: "company", needs: ["conversations.read", "automation.manage"] },
  rule: { of: "company", needs: ["automation.manage"] },
  role: { of: "company", needs: ["agents.read", "audit.read"] },
  apiKey: { of: "company", needs: ["api-keys.manage"] },
  endpoint: { of: "company", needs: ["webhooks.manage"] },
  prompt: { of: "company", needs: ["settings.read", "assistant.manage"] },
  promptText: { of: "company", needs: ["assistant.manage", "audit.read"] },
  golden: { of: "company", needs: ["assistant.manage", "audit.read"] },
  tool: { of: "company", needs: ["assistant.manage", "audit.read"] },
  libraryItem: { of: "company", needs: ["messages.send", "assistant.manage", "audit.read"] },
  article: { of: "company", needs: ["knowledge.read", "assistant.use"] },
  draftArticle: { of: "company", needs: ["knowledge.read"] },
  phoneName: { of: "company", needs: ["sandbox.use"] },
  secret: { of: "nobody", needs: [] },
} as const satisfies Record<string, { of: "place" | "person" | "company" | "nobody"; needs: readonly Permission[] }>;

export type Kind = keyof typeof KINDS;

export interface Marker {
  kind: Kind;
  /** A place, the name of a person, or "company". */
  whose: string;
  text: string;
}

export interface Caller {
  name: string;
  token: string | null;
  may: ReadonlySet<Permission>;
  reaches: ReadonlySet<Place>;
  seesAll: boolean;
  /** Whose drafts and devices are theirs; null: a key, or nobody. */
  person: string | null;
}

/** Whether this caller may read the word at all, by whatever route. The audit log tells who has read everything may. */
export function mayKnow(caller: Caller, { kind, whose }: Marker): boolean {
  const { of, needs } = KINDS[kind];
  const isAllowed = (needs as readonly Permission[]).some((one) => caller.may.has(one));
  if (of === "nobody") return false;
  if (of === "person") return whose === caller.person || isAllowed;
  if (of === "place") return isAllowed && caller.reaches.has(whose as Place);
  return isAllowed;
}
