/** How statuses, categories, qualities and languages of templates are called and coloured. Pure. */
import type { TemplateView } from "@server/events/view";
import { locale } from "../i18n/locale";
import type { WordKey } from "../i18n/words";
import type { BUTTON_KINDS, Category, HeaderKind } from "./template-draft";

export const STATUS_WORDS: Readonly<Record<string, WordKey>> = {
  APPROVED: "templates.statusApproved",
  PENDING: "templates.statusPending",
  IN_APPEAL: "templates.statusAppeal",
  REJECTED: "templates.statusRejected",
  PAUSED: "templates.statusPaused",
  DISABLED: "templates.statusDisabled",
  LIMIT_EXCEEDED: "templates.statusLimit",
  PENDING_DELETION: "templates.statusLeaving",
};

export const statusChip = (status: string): string =>
  status === "APPROVED"
    ? "chip-success"
    : status === "REJECTED" || status === "DISABLED"
      ? "chip-danger"
      : status === "PAUSED" || status === "LIMIT_EXCEEDED"
        ? "chip-warning"
        : "";

export const CATEGORY_WORDS: Readonly<Record<Category, WordKey>> = {
  UTILITY: "templates.utility",
  MARKETING: "templates.marketing",
  AUTHENTICATION: "templates.authentication",
};

export const QUALITY_WORDS: Readonly<Record<string, WordKey>> = {
  GREEN: "templates.qualityHigh",
  YELLOW: "templates.qualityMedium",
  RED: "templates.qualityLow",
};
export const QUALITY_DOTS: Readonly<Record<string, string>> = { GREEN: "dot-success", YELLOW: "dot-warning", RED: "dot-danger" };

/** Why Meta rejected it, in words that say what to do; other reasons are shown as Meta names them. */
export const REASON_WORDS: Readonly<Record<string, WordKey>> = {
  ABUSIVE_CONTENT: "templates.reasonAbusive",
  INCORRECT_CATEGORY: "templates.reasonCategory",
  INVALID_FORMAT: "templates.reasonFormat",
  PROMOTIONAL: "templates.reasonPromotional",
  SCAM: "templates.reasonScam",
  TAG_CONTENT_MISMATCH: "templates.reasonMismatch",
};

export const HEADER_WORDS: Readonly<Record<HeaderKind, WordKey>> = {
  NONE: "templates.headerNone",
  TEXT: "templates.headerText",
  IMAGE: "templates.headerImage",
  VIDEO: "templates.headerVideo",
  DOCUMENT: "templates.headerDocument",
  LOCATION: "templates.headerLocation",
};
export const HEADER_ICONS: Readonly<Record<string, string>> = {
  IMAGE: "image",
  VIDEO: "video",
  DOCUMENT: "file",
  LOCATION: "pin",
  PRODUCT: "cart",
};

export const BUTTON_WORDS: Readonly<Record<(typeof BUTTON_KINDS)[number], WordKey>> = {
  QUICK_REPLY: "templates.buttonReply",
  URL: "templates.buttonPage",
  PHONE_NUMBER: "templates.buttonCall",
  COPY_CODE: "templates.buttonCopy",
};
export const BUTTON_ICONS: Readonly<Record<string, string>> = {
  QUICK_REPLY: "reply",
  URL: "external",
  PHONE_NUMBER: "phone",
  COPY_CODE: "copy",
  OTP: "copy",
  FLOW: "list",
  CATALOG: "cart",
  MPM: "cart",
  VOICE_CALL: "phone",
};

/** The languages a new template is offered in; WhatsApp knows more, and those of existing templates are shown all the same. */
export const LANGUAGE_CODES: readonly string[] =
  "es es_AR es_ES es_MX pt_BR pt_PT en en_GB en_US ca de fr it nl pl ar he hi id ja ko ru tr uk vi zh_CN zh_HK zh_TW".split(" ");

/** `pt_BR` in the reader's language: "Portuguese (Brazil)". */
export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames([locale()], { type: "language", languageDisplay: "standard" }).of(code.replace("_", "-"));
    return name ? name.charAt(0).toLocaleUpperCase() + name.slice(1) : code;
  } catch {
    // Awaited: RangeError for a code that is none.
    return code;
  }
}

/** Templates of one name in one account: one row of the list. */
export interface TemplateGroup {
  key: string;
  name: string;
  templates: readonly TemplateView[];
}

/** What needs somebody comes first when the languages of a name differ. */
const ORDER = ["REJECTED", "DISABLED", "PAUSED", "LIMIT_EXCEEDED", "IN_APPEAL", "PENDING", "APPROVED"];
const rank = ({ status }: TemplateView): number => (ORDER.includes(status) ? ORDER.indexOf(status) : ORDER.length);

export const worstOf = (templates: readonly TemplateView[]): TemplateView | undefined =>
  [...templates].sort((a, b) => rank(a) - rank(b))[0];

/** One group for each name of an account, by name; the languages in it by their code. */
export function groupsOf(templates: readonly TemplateView[]): TemplateGroup[] {
  const groups = new Map<string, TemplateView[]>();
  for (const one of templates) {
    const key = `${one.wabaId} ${one.name}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups]
    .map(([key, of]) => ({
      key,
      name: of[0]?.name ?? "",
      templates: of.sort((a, b) => a.language.localeCompare(b.language)),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
