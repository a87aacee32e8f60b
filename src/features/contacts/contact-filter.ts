/** Filters of contacts as conditions of the store. What can be asked of the index of marks is. Pure. */
import { fail } from "../../core/errors";
import { idAt } from "../../core/id";
import type { ContactFilter } from "./contact-edit.schema";
import { attributeMark, BLOCKED, companyMark, emailMark, labelMark, languageMark, OPTED_IN, OPTED_OUT } from "./contact-marks";

export function toCondition(filter: ContactFilter): Record<string, unknown> {
  const all: string[] = [...(filter.labels ?? []).map(labelMark)];
  const none: string[] = [...(filter.withoutLabels ?? []).map(labelMark)];
  const conditions: Record<string, unknown>[] = [{ mergedInto: null }];
  if (filter.language) all.push(languageMark(filter.language));
  if (filter.company) all.push(companyMark(filter.company));
  if (filter.email) all.push(emailMark(filter.email));
  for (const [given, mark] of [
    [filter.isBlocked, BLOCKED],
    [filter.isOptedOut, OPTED_OUT],
    [filter.isOptedIn, OPTED_IN],
  ] as const)
    if (given !== undefined) (given ? all : none).push(mark);
  if (filter.hasPhone !== undefined) conditions.push({ phone: filter.hasPhone ? { $ne: null } : null });
  conditions.push(...between("lastMessageAt", filter.lastMessageFrom, filter.lastMessageTo));
  // Ids carry the time they were made at.
  if (filter.createdFrom) conditions.push({ _id: { $gte: idStart(filter.createdFrom) } });
  if (filter.createdTo) conditions.push({ _id: { $lt: idStart(filter.createdTo) } });
  for (const one of filter.attributes ?? []) conditions.push(ofAttribute(one, all, none));
  if (filter.anyLabel && filter.anyLabel.length > 0) conditions.push({ marks: { $in: filter.anyLabel.map(labelMark) } });
  for (const mark of all) conditions.push({ marks: mark });
  if (none.length > 0) conditions.push({ marks: { $nin: none } });
  return { $and: conditions.filter((condition) => Object.keys(condition).length > 0) };
}

type AttributeCondition = NonNullable<ContactFilter["attributes"]>[number];

function ofAttribute({ key, is, value }: AttributeCondition, all: string[], none: string[]): Record<string, unknown> {
  const path = `attributes.${key}`;
  if (is === "set" || is === "unset") return { [path]: { $exists: is === "set" } };
  if (value === undefined)
    throw fail("request.invalid", { details: [{ path: `attributes.${key}`, message: `"${is}" needs a value` }] });
  if (is === "equal") all.push(attributeMark(key, value));
  else if (is === "not") none.push(attributeMark(key, value));
  else return { [path]: is === "above" ? { $gt: value } : { $lt: value } };
  return {};
}

function between(field: string, from: string | undefined, to: string | undefined): Record<string, unknown>[] {
  return [...(from ? [{ [field]: { $gte: timeOf(from) } }] : []), ...(to ? [{ [field]: { $lt: timeOf(to) } }] : [])];
}

function timeOf(text: string): Date {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw fail("request.invalid", { message: `"${text.slice(0, 40)}" is not a time.` });
  return new Date(time);
}

const idStart = (text: string): string => idAt(timeOf(text).getTime()).slice(0, 12).padEnd(24, "0");
