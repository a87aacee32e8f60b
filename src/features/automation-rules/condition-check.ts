/** Whether conditions make sense, before they are stored. */
import { type ErrorDetail, fail } from "../../core/errors";
import type { AttributeService } from "../attributes/attribute.service";
import type { Reference } from "../references/reference.service";
import type { Check, Conditions, Node } from "./condition.schema";
import { attributeKeyOf, type FieldKind, kindOfField, OPERATORS_OF } from "./rule-facts";

const KIND_OF_ATTRIBUTE: Readonly<Record<string, FieldKind>> = {
  text: "text",
  link: "text",
  list: "choice",
  number: "number",
  boolean: "boolean",
  date: "date",
};

/** Throws `request.invalid` with the path of each check that makes no sense. */
export async function assertConditions(conditions: Conditions, attributes: Pick<AttributeService, "load">): Promise<void> {
  const { definitions } = await attributes.load();
  const details: ErrorDetail[] = [];
  const kindOf = (name: string): FieldKind | null => {
    const key = attributeKeyOf(name);
    return key === null ? kindOfField(name) : (KIND_OF_ATTRIBUTE[definitions.get(key)?.type ?? ""] ?? null);
  };
  const visit = (node: Node, path: string): void => {
    if ("all" in node) for (const [index, one] of node.all.entries()) visit(one, `${path}.all.${index}`);
    else if ("any" in node) for (const [index, one] of node.any.entries()) visit(one, `${path}.any.${index}`);
    else {
      const problem = problemOf(node, kindOf(node.field));
      if (problem) details.push({ path, message: problem });
    }
  };
  const [name, nodes] = "all" in conditions ? ["all", conditions.all] : ["any", conditions.any];
  for (const [index, node] of (nodes as Node[]).entries()) visit(node, `body.conditions.${name}.${index}`);
  if (details.length > 0) throw fail("request.invalid", { details });
}

function problemOf({ field, is, value }: Check, kind: FieldKind | null): string | null {
  if (kind === null) return `There is no field "${field}".`;
  if (!OPERATORS_OF[kind].includes(is))
    return `"${field}" cannot be compared with "${is}": use ${OPERATORS_OF[kind].join(", ")}.`;
  if (is === "set" || is === "unset") return null;
  if (value === undefined) return `"${is}" needs a value.`;
  if (kind === "boolean") return typeof value === "boolean" ? null : `"${field}" is true or false.`;
  if (kind === "number" || is === "within-days")
    return typeof value === "number" ? null : `"${field}" is compared with a number.`;
  if (kind === "date")
    return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? null : `"${field}" is compared with a time.`;
  return typeof value === "string" || Array.isArray(value) ? null : `"${field}" is compared with text.`;
}

/** Fields whose values name something that has to exist. */
const NAMING: Readonly<Record<string, Reference["kind"]>> = {
  "conversation.team": "team",
  "before.team": "team",
  "conversation.agent": "agent",
  "before.agent": "agent",
  "conversation.labels": "label",
  "contact.labels": "label",
  "event.labels": "label",
};

/** What conditions name, each with its place. */
export function referencesInConditions(conditions: Conditions): Reference[] {
  const visit = (node: Node | Conditions, path: string): Reference[] => {
    if ("all" in node) return node.all.flatMap((one, index) => visit(one, `${path}.all.${index}`));
    if ("any" in node) return node.any.flatMap((one, index) => visit(one, `${path}.any.${index}`));
    const kind = NAMING[node.field];
    if (!kind || node.is === "set" || node.is === "unset") return [];
    // Nothing at all is compared with an empty text; names are compared as they are stored, in small letters.
    const values = [node.value ?? []].flat().map((value) => String(value).trim());
    return values.flatMap((id) =>
      id === "" ? [] : [{ kind, id: kind === "label" ? id.toLowerCase() : id, path: `${path}.value` }],
    );
  };
  return visit(conditions, "conditions");
}
