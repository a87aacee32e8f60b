/** What conditions can look at: which fields an event tells something about, and the values a field can have. Pure. */
import type { Operator } from "@server/features/automation-rules/condition.schema";
import type { Trigger } from "@server/features/automation-rules/rule-trigger";

export type FieldKind = "text" | "number" | "boolean" | "choice" | "list" | "date";

export interface RuleField {
  name: string;
  kind: FieldKind;
  operators: readonly Operator[];
}

/** Whose values are names of things that are set up elsewhere. */
export type NamedKind = "agent" | "team" | "label" | "channel";

const NAMED: Readonly<Record<string, NamedKind>> = {
  "conversation.team": "team",
  "before.team": "team",
  "conversation.agent": "agent",
  "before.agent": "agent",
  "conversation.labels": "label",
  "contact.labels": "label",
  "event.labels": "label",
  "conversation.channel": "channel",
};

const STATUSES = ["open", "assigned", "waiting", "resolved", "closed"] as const;
const PRIORITIES = ["low", "normal", "high", "urgent"] as const;

/** Values that are always the same few, each with its words: the group of words and the values. */
const FIXED: Readonly<
  Record<string, { words: "status" | "priority" | "rule.kind" | "rule.target" | "rule.source"; values: readonly string[] }>
> = {
  "conversation.status": { words: "status", values: STATUSES },
  "before.status": { words: "status", values: STATUSES },
  "conversation.priority": { words: "priority", values: PRIORITIES },
  "before.priority": { words: "priority", values: PRIORITIES },
  "contact.source": { words: "rule.source", values: ["whatsapp", "manual", "import"] },
  "message.type": {
    words: "rule.kind",
    values: [
      "text",
      "image",
      "video",
      "audio",
      "voice",
      "document",
      "sticker",
      "location",
      "contacts",
      "interactive",
      "button",
      "order",
    ],
  },
  "event.target": { words: "rule.target", values: ["first-reply", "next-reply", "resolution"] },
};

export const namedKindOf = (field: string): NamedKind | null => NAMED[field] ?? null;
export const fixedValuesOf = (field: string) => FIXED[field] ?? null;

const ATTRIBUTE = "contact.attributes.";
export const attributeKey = (field: string): string | null =>
  field.startsWith(ATTRIBUTE) ? field.slice(ATTRIBUTE.length) : null;

/** How attributes of a kind are compared. */
export const KIND_OF_ATTRIBUTE: Readonly<Record<string, FieldKind>> = {
  text: "text",
  link: "text",
  list: "choice",
  number: "number",
  boolean: "boolean",
  date: "date",
};

/** Attributes as fields, compared like the others of their kind. */
export function attributeFields(attributes: readonly { key: string; type: string }[], fields: readonly RuleField[]): RuleField[] {
  const operators = new Map(fields.map(({ kind, operators }) => [kind, operators]));
  return attributes.flatMap(({ key, type }) => {
    const kind = KIND_OF_ATTRIBUTE[type];
    return kind ? [{ name: `${ATTRIBUTE}${key}`, kind, operators: operators.get(kind) ?? [] }] : [];
  });
}

/** Groups of fields as they are listed. */
export const FIELD_GROUPS = ["message", "conversation", "contact", "hours", "event", "before"] as const;
export type FieldGroup = (typeof FIELD_GROUPS)[number];
export const groupOf = (field: string): FieldGroup => field.slice(0, field.indexOf(".")) as FieldGroup;

/** Whether an event says anything about a field: nothing was before a message, and a label has no score. */
export function isTold(field: string, event: Trigger): boolean {
  const group = groupOf(field);
  if (group === "message") return event === "message:received" || event === "message:sent";
  if (group === "before") return CHANGES.has(event);
  if (field === "event.labels") return event === "label:added" || event === "conversation:updated";
  if (field === "event.score") return event === "csat:received";
  if (field === "event.target") return event.startsWith("sla:");
  return true;
}

const CHANGES: ReadonlySet<Trigger> = new Set([
  "conversation:updated",
  "conversation:assigned",
  "conversation:handed-over",
  "conversation:resolved",
  "conversation:reopened",
  "conversation:woken",
  "label:added",
]);

export const needsValue = (operator: Operator): boolean => operator !== "set" && operator !== "unset";

export type ValueLook = "none" | "switch" | "number" | "date" | "choices" | "texts";

/** With what a value is given. */
export function valueLook({ name, kind }: Pick<RuleField, "name" | "kind">, operator: Operator, hasOptions: boolean): ValueLook {
  if (!needsValue(operator)) return "none";
  if (operator === "within-days" || kind === "number") return "number";
  if (kind === "boolean") return "switch";
  if (kind === "date") return "date";
  return hasOptions || namedKindOf(name) !== null || fixedValuesOf(name) !== null ? "choices" : "texts";
}
