/** What WhatsApp demands of a template, told while it is written: what it would refuse, what is risky, what is fine. Pure. */
import type { WordKey } from "../i18n/words";
import { foldedText } from "../ui/folded-text";
import { type DraftButton, exampleKeys, FILE_HEADERS, type TemplateDraft, variablesIn } from "./template-draft";

export const LIMITS = {
  name: 512,
  header: 60,
  body: 1_024,
  footer: 60,
  button: 25,
  url: 2_000,
  phone: 20,
  code: 15,
  buttons: 10,
} as const;
const MOST_OF_A_KIND = { URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1 } as const;
/** Words of adverts: a utility template with them is often moved to marketing, which costs more. */
const ADVERT =
  /\b(ofertas?|descuentos?|promocion(es)?|gratis|rebajas?|descontos?|promoc(ao|oes)|sale|discount|free|offer)\b|\d\s?% (off|de)/;
/** So many words have to stand around each variable. */
const WORDS_PER_VARIABLE = 3;

export interface Finding {
  /** Where it stands: `name`, `body`, `buttons.1` ... */
  field: string;
  level: "bad" | "warn" | "ok";
  word: WordKey;
  params?: Record<string, string | number>;
}

/** Everything there is to say about a draft, what would be refused first. `taken`: whether this name and language exist already. */
export function findingsOf(draft: TemplateDraft, isNew: boolean, taken: boolean): Finding[] {
  const bad: Finding[] = [];
  const refuse = (field: string, word: WordKey, params?: Finding["params"]) =>
    void bad.push({ field, level: "bad", word, ...(params ? { params } : {}) });
  if (isNew) checkName(draft, taken, refuse);
  if (draft.category === "AUTHENTICATION") checkCode(draft, refuse);
  else {
    checkHeader(draft, refuse);
    checkBody(draft, refuse);
    if (draft.footer.length > LIMITS.footer) refuse("footer", "templates.tooLong", { most: LIMITS.footer });
    if (draft.footer.includes("{{")) refuse("footer", "templates.footerVariable");
    checkButtons(draft.buttons, refuse);
  }
  return [...bad, ...warningsOf(draft), ...praiseOf(draft, bad)];
}

type Refuse = (field: string, word: WordKey, params?: Finding["params"]) => void;

function checkName({ name, channel }: TemplateDraft, taken: boolean, refuse: Refuse): void {
  if (!channel) refuse("channel", "templates.noChannel");
  if (name === "") refuse("name", "templates.nameNeeded");
  else if (!/^[a-z0-9_]+$/.test(name)) refuse("name", "templates.nameForm");
  else if (name.length > LIMITS.name) refuse("name", "templates.tooLong", { most: LIMITS.name });
  else if (taken) refuse("name", "templates.nameTaken");
}

function checkCode({ code }: TemplateDraft, refuse: Refuse): void {
  const minutes = Number(code.minutes || 1);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 90) refuse("code", "templates.minutesForm");
  if (code.button.length > LIMITS.button) refuse("code", "templates.tooLong", { most: LIMITS.button });
}

function checkHeader({ header, headerText, headerFile }: TemplateDraft, refuse: Refuse): void {
  if (header === "TEXT") {
    if (headerText.trim() === "") refuse("header", "templates.headerNeeded");
    if (headerText.length > LIMITS.header) refuse("header", "templates.tooLong", { most: LIMITS.header });
    if (variablesIn(headerText).length > 1) refuse("header", "templates.headerOneVariable");
    if (/[*_~`]|\p{Extended_Pictographic}/u.test(headerText.replace(/\{\{[^}]*\}\}/g, "")))
      refuse("header", "templates.headerPlain");
  } else if (FILE_HEADERS.includes(header) && !headerFile) refuse("header", "templates.headerFile");
}

function checkBody(draft: TemplateDraft, refuse: Refuse): void {
  const { body, isNamed, examples } = draft;
  if (body.trim() === "") refuse("body", "templates.bodyNeeded");
  if (body.length > LIMITS.body) refuse("body", "templates.tooLong", { most: LIMITS.body });
  const first = /^\s*(\{\{[^}]*\}\})/.exec(body)?.[1];
  const last = /(\{\{[^}]*\}\})\s*$/.exec(body)?.[1];
  if (first) refuse("body", "templates.startsWithVariable", { name: first });
  if (last) refuse("body", "templates.endsWithVariable", { name: last });
  for (const text of draft.header === "TEXT" ? [body, draft.headerText] : [body]) checkVariables(text, isNamed, refuse);
  const missing = exampleKeys(draft).filter((key) => !examples[key]?.trim());
  if (missing.length > 0) refuse("examples", "templates.exampleNeeded", { names: missing.map(variableName).join(", ") });
}

/** `body.1` -> `{{1}}`. */
export const variableName = (key: string): string => `{{${key.slice(key.indexOf(".") + 1)}}}`;

function checkVariables(text: string, isNamed: boolean, refuse: Refuse): void {
  const names = variablesIn(text);
  if (isNamed) {
    const wrong = names.find((name) => !/^[a-z_][a-z0-9_]*$/.test(name));
    if (wrong) refuse("body", "templates.variableNamed", { name: `{{${wrong}}}` });
  } else if (names.some((name, at) => name !== String(at + 1))) refuse("body", "templates.variableOrder");
}

function checkButtons(buttons: readonly DraftButton[], refuse: Refuse): void {
  if (buttons.length > LIMITS.buttons) refuse("buttons", "templates.buttonsTooMany", { most: LIMITS.buttons });
  for (const [type, most] of Object.entries(MOST_OF_A_KIND))
    if (buttons.filter((button) => !button.raw && button.type === type).length > most)
      refuse("buttons", "templates.buttonsOfAKind", { most });
  const isReply = buttons.map(({ type, raw }) => type === "QUICK_REPLY" && !raw);
  if (isReply.filter((is, at) => at > 0 && is !== isReply[at - 1]).length > 1) refuse("buttons", "templates.buttonsMixed");
  for (const [at, button] of buttons.entries()) {
    if (button.raw) continue;
    const field = `buttons.${at}`;
    const { type, text, value, example } = button;
    if (type !== "COPY_CODE") {
      if (text.trim() === "") refuse(field, "templates.buttonText");
      if (text.length > LIMITS.button) refuse(field, "templates.tooLong", { most: LIMITS.button });
      if (text.includes("{{")) refuse(field, "templates.buttonVariable");
      if (text.trim() && buttons.findIndex((one) => one.text.trim() === text.trim()) < at) refuse(field, "templates.buttonTwice");
    }
    if (type === "URL") checkAddress(field, value, example, refuse);
    if (type === "PHONE_NUMBER" && !/^\+?[\d\s()-]{6,}$/.test(value.trim())) refuse(field, "templates.buttonPhone");
    if (type === "COPY_CODE" && (value.trim() === "" || value.trim().length > LIMITS.code))
      refuse(field, "templates.buttonCode", { most: LIMITS.code });
  }
}

function checkAddress(field: string, value: string, example: string, refuse: Refuse): void {
  const url = value.trim();
  if (!/^https?:\/\/\S+$/.test(url)) {
    refuse(field, "templates.buttonUrl");
    return;
  }
  if (url.length > LIMITS.url) refuse(field, "templates.tooLong", { most: LIMITS.url });
  if (url.includes("{{")) {
    if (!/^[^{}]+\{\{1\}\}$/.test(url)) refuse(field, "templates.urlVariable");
    if (!/^https?:\/\/\S+$/.test(example.trim())) refuse(field, "templates.urlExample");
  }
}

function warningsOf({ category, body, header, headerText }: TemplateDraft): Finding[] {
  if (category === "AUTHENTICATION") return [];
  const found: Finding[] = [];
  const advert = ADVERT.exec(foldedText(`${header === "TEXT" ? headerText : ""} ${body}`))?.[0];
  if (category === "UTILITY" && advert)
    found.push({ field: "body", level: "warn", word: "templates.advert", params: { word: advert } });
  const variables = variablesIn(body).length;
  const words = body.replace(/\{\{[^}]*\}\}/g, " ").match(/\p{L}+/gu)?.length ?? 0;
  if (variables > 0 && words < variables * WORDS_PER_VARIABLE)
    found.push({ field: "body", level: "warn", word: "templates.fewWords" });
  if (/\n{3,}/.test(body)) found.push({ field: "body", level: "warn", word: "templates.emptyLines" });
  return found;
}

function praiseOf(draft: TemplateDraft, bad: readonly Finding[]): Finding[] {
  const isFine = (...fields: string[]) => !bad.some(({ field }) => fields.includes(field));
  const count = exampleKeys(draft).length;
  return [
    ...(count > 0 && isFine("body", "examples")
      ? [{ field: "body", level: "ok" as const, word: "templates.variablesFine" as const }]
      : []),
    ...(bad.length === 0 ? [{ field: "name", level: "ok" as const, word: "templates.allFine" as const }] : []),
  ];
}
