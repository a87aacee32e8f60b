/** Conditions on contacts as a form writes them. Pure. */
import type { AttributeView } from "@server/events/customer-view";
import type { ContactFilter } from "@server/features/contacts/contact-edit.schema";

export type { ContactFilter } from "@server/features/contacts/contact-edit.schema";
export type AttributeCondition = NonNullable<ContactFilter["attributes"]>[number];
type Operator = AttributeCondition["is"];

/** What can be asked of an attribute, by its type. */
export const OPERATORS: Readonly<Record<AttributeView["type"], readonly Operator[]>> = {
  text: ["equal", "not", "set", "unset"],
  link: ["equal", "not", "set", "unset"],
  list: ["equal", "not", "set", "unset"],
  boolean: ["equal", "unset"],
  number: ["equal", "not", "above", "below", "set", "unset"],
  date: ["equal", "above", "below", "set", "unset"],
};

/** Whether the operator takes a value. */
export const takesValue = (is: Operator): boolean => is !== "set" && is !== "unset";

/** The filter without what says nothing: empty texts and lists, and attributes whose value is not written yet. */
export function cleanFilter(filter: ContactFilter): ContactFilter {
  const kept = Object.entries(filter).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined || value === null) return [];
    if (typeof value === "string") return value.trim() ? [[key, value.trim()]] : [];
    if (key === "attributes") {
      const whole = (value as AttributeCondition[]).filter(
        (one) => !takesValue(one.is) || (one.value !== undefined && one.value !== ""),
      );
      return whole.length > 0 ? [[key, whole]] : [];
    }
    return Array.isArray(value) && value.length === 0 ? [] : [[key, value]];
  });
  return Object.fromEntries(kept) as ContactFilter;
}

/** How many conditions a filter has. */
export const countConditions = (filter: ContactFilter): number =>
  Object.entries(cleanFilter(filter)).reduce(
    (sum, [key, value]) => sum + (key === "attributes" ? (value as unknown[]).length : 1),
    0,
  );

export const isSameFilter = (one: ContactFilter, other: ContactFilter): boolean => {
  const text = (filter: ContactFilter) =>
    JSON.stringify(Object.entries(cleanFilter(filter)).sort(([a], [b]) => a.localeCompare(b)));
  return text(one) === text(other);
};

/** The first moment of a day as a field for dates writes it: `2026-11-30`. */
export const dayStart = (day: string): string | undefined => momentOf(day, 0);
/** The first moment after a day. */
export const dayEnd = (day: string): string | undefined => momentOf(day, 1);

function momentOf(day: string, more: number): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + more).toISOString();
}

/** The day of a moment for a field for dates; of an end, the last day before it. */
export function dayOf(moment: string | undefined, isEnd = false): string {
  if (!moment) return "";
  const at = new Date(new Date(moment).getTime() - (isEnd ? 1 : 0));
  const two = (part: number) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
