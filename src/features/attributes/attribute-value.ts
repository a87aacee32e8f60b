/** Whether a value fits its attribute, and how it is kept. Pure. */
import type { AttributeDefinition } from "./attribute.model";

export type AttributeValue = string | number | boolean;

const LONGEST_TEXT = 1_000;
const LONGEST_LINK = 2_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(T.*)?$/;
const YES = new Set(["true", "yes", "si", "sí", "sim", "1", "x"]);
const NO = new Set(["false", "no", "não", "nao", "0", ""]);

export type Checked = { value: AttributeValue } | { problem: string };

/** Takes a value as JSON or as text, as files and forms give it. */
export function checkValue({ type, options, name }: AttributeDefinition, given: string | number | boolean): Checked {
  const text = String(given).trim();
  switch (type) {
    case "text":
      return text.length <= LONGEST_TEXT ? { value: text } : { problem: `${name} is longer than ${LONGEST_TEXT} characters.` };
    case "number":
      return toNumber(given, text) ?? { problem: `${name} has to be a number, not "${cut(text)}".` };
    case "boolean":
      if (typeof given === "boolean") return { value: given };
      if (YES.has(text.toLowerCase())) return { value: true };
      return NO.has(text.toLowerCase()) ? { value: false } : { problem: `${name} has to be true or false, not "${cut(text)}".` };
    case "date":
      return toDate(text) ?? { problem: `${name} has to be a date such as 2026-11-20, not "${cut(text)}".` };
    case "list": {
      const option = options.find((one) => one.toLowerCase() === text.toLowerCase());
      return option
        ? { value: option }
        : { problem: `${name} has to be one of ${options.slice(0, 10).join(", ")}, not "${cut(text)}".` };
    }
    case "link":
      return toLink(text) ?? { problem: `${name} has to be an address that begins with https:// or http://.` };
  }
}

const cut = (text: string): string => text.slice(0, 40);

function toNumber(given: unknown, text: string): Checked | null {
  const number =
    typeof given === "number" ? given : text === "" ? Number.NaN : Number(text.replace(/^([^.,]*),([^.,]*)$/, "$1.$2"));
  return Number.isFinite(number) ? { value: number } : null;
}

/** The day alone, so that it is the same day in every zone. */
function toDate(text: string): Checked | null {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (!year || !month || !day) return null;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isReal ? { value: `${year}-${month}-${day}` } : null;
}

function toLink(text: string): Checked | null {
  if (text.length > LONGEST_LINK || !/^https?:\/\//i.test(text)) return null;
  return URL.canParse(text) ? { value: text } : null;
}
