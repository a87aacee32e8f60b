/** A template as it is written here, and as WhatsApp writes it. Pure. */
import type { TemplateView } from "@server/events/view";
import type { NewTemplate, TemplateComponent } from "@server/features/templates/template.schema";

export type Category = NewTemplate["category"];
export const CATEGORIES = ["UTILITY", "MARKETING", "AUTHENTICATION"] as const satisfies readonly Category[];

export const HEADER_KINDS = ["NONE", "TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"] as const;
export type HeaderKind = (typeof HEADER_KINDS)[number];
export const FILE_HEADERS: readonly HeaderKind[] = ["IMAGE", "VIDEO", "DOCUMENT"];

export const BUTTON_KINDS = ["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE"] as const;
export type ButtonKind = (typeof BUTTON_KINDS)[number];

type Part<T extends TemplateComponent["type"]> = Extract<TemplateComponent, { type: T }>;
type RawButton = Part<"BUTTONS">["buttons"][number];

export interface DraftButton {
  /** Its own number in the form, so that fields keep their focus when buttons are moved. */
  key: number;
  type: ButtonKind;
  text: string;
  /** Address, number or code, by the kind of the button. */
  value: string;
  /** What stands for the variable of an address. */
  example: string;
  /** A button of a kind that is not made here: it is kept as it is. */
  raw?: RawButton;
}

export interface TemplateDraft {
  /** The number whose account it belongs to. */
  channel: string;
  name: string;
  language: string;
  category: Category;
  isNamed: boolean;
  header: HeaderKind;
  headerText: string;
  /** The stored file that is shown to the reviewer. */
  headerFile: { id: string; name: string } | null;
  body: string;
  footer: string;
  /** By part and name of the variable: `body.1`. */
  examples: Readonly<Record<string, string>>;
  buttons: readonly DraftButton[];
  /** Of a template for codes; WhatsApp writes the text itself. */
  code: { hasAdvice: boolean; minutes: string; button: string };
}

export const emptyDraft = (channel: string, language: string): TemplateDraft => ({
  channel,
  name: "",
  language,
  category: "UTILITY",
  isNamed: false,
  header: "NONE",
  headerText: "",
  headerFile: null,
  body: "",
  footer: "",
  examples: {},
  buttons: [],
  code: { hasAdvice: true, minutes: "10", button: "" },
});

/** The names of the variables in a text, each once, in order. */
export const variablesIn = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(/\{\{\s*([^{}\s]+)\s*\}\}/g), (match) => match[1] ?? "")),
];

/** The variables that want an example, by their part. Those of buttons have theirs beside the button. */
export const exampleKeys = ({ header, headerText, body, category }: TemplateDraft): string[] =>
  category === "AUTHENTICATION"
    ? []
    : [
        ...(header === "TEXT" ? variablesIn(headerText).map((name) => `header.${name}`) : []),
        ...variablesIn(body).map((name) => `body.${name}`),
      ];

/** Whether everything about a template can be written here; cards and offers cannot. */
export const isWritable = ({ cards, limitedTimeOffer }: TemplateView): boolean => !cards?.length && !limitedTimeOffer;

/** A template of WhatsApp as a draft. A header's file is not ours, so it is named anew. */
export function draftOf(template: TemplateView, channel: string): TemplateDraft {
  // What WhatsApp sends: of the form it takes, as far as the kinds that are made here go.
  const parts = template.components as unknown as readonly TemplateComponent[];
  const find = <T extends TemplateComponent["type"]>(type: T) => parts.find((part) => part.type === type) as Part<T> | undefined;
  const header = find("HEADER");
  const footer = find("FOOTER");
  const kind = HEADER_KINDS.find((one) => one === header?.format) ?? "NONE";
  const examples = template.variables.flatMap(({ part, name, example }) =>
    part === "button" || example === undefined ? [] : [[`${part}.${name}`, example] as const],
  );
  const isCode = template.category === "AUTHENTICATION";
  const buttons = find("BUTTONS")?.buttons ?? [];
  return {
    channel,
    name: template.name,
    language: template.language,
    category: CATEGORIES.find((one) => one === template.category) ?? "UTILITY",
    isNamed: template.parameterFormat === "NAMED",
    header: kind,
    headerText: header?.text ?? "",
    headerFile: null,
    body: isCode ? "" : template.body,
    footer: isCode ? "" : (template.footer ?? ""),
    examples: isCode ? {} : Object.fromEntries(examples),
    buttons: isCode ? [] : buttons.map(draftButton),
    code: {
      hasAdvice: find("BODY")?.add_security_recommendation ?? false,
      minutes: String(footer?.code_expiration_minutes ?? ""),
      button: isCode ? (buttons[0]?.text ?? "") : "",
    },
  };
}

function draftButton(raw: RawButton, key: number): DraftButton {
  const type = BUTTON_KINDS.find((one) => one === raw.type);
  const example = Array.isArray(raw.example) ? (raw.example[0] ?? "") : (raw.example ?? "");
  const text = raw.text ?? "";
  if (!type) return { key, type: "QUICK_REPLY", text, value: "", example: "", raw };
  const value = type === "URL" ? (raw.url ?? "") : type === "PHONE_NUMBER" ? (raw.phone_number ?? "") : example;
  return { key, type, text, value: type === "QUICK_REPLY" ? "" : value, example: type === "URL" ? example : "" };
}

/** The draft as WhatsApp takes it. */
export function componentsOf(draft: TemplateDraft): TemplateComponent[] {
  if (draft.category === "AUTHENTICATION") return codeComponents(draft);
  const { body, footer, buttons } = draft;
  return [
    ...headerPart(draft),
    { type: "BODY", text: body.trim(), ...textExample("body", variablesIn(body), draft) },
    ...(footer.trim() ? [{ type: "FOOTER" as const, text: footer.trim() }] : []),
    ...(buttons.length > 0 ? [{ type: "BUTTONS" as const, buttons: buttons.map(rawButton) }] : []),
  ];
}

function codeComponents({ code }: TemplateDraft): TemplateComponent[] {
  const minutes = Number(code.minutes);
  return [
    { type: "BODY", ...(code.hasAdvice ? { add_security_recommendation: true } : {}) },
    ...(minutes > 0 ? [{ type: "FOOTER" as const, code_expiration_minutes: minutes }] : []),
    {
      type: "BUTTONS",
      buttons: [{ type: "OTP", otp_type: "COPY_CODE", ...(code.button.trim() ? { text: code.button.trim() } : {}) }],
    },
  ];
}

function headerPart(draft: TemplateDraft): TemplateComponent[] {
  const { header, headerText, headerFile } = draft;
  if (header === "NONE") return [];
  if (header === "TEXT")
    return [
      { type: "HEADER", format: "TEXT", text: headerText.trim(), ...textExample("header", variablesIn(headerText), draft) },
    ];
  return [{ type: "HEADER", format: header, ...(headerFile ? { example: { mediaId: headerFile.id } } : {}) }];
}

function textExample(part: "header" | "body", names: readonly string[], { examples, isNamed }: TemplateDraft) {
  if (names.length === 0) return {};
  const given = (name: string) => examples[`${part}.${name}`]?.trim() ?? "";
  // An example that is not written yet is left out, and the server says which.
  if (names.some((name) => given(name) === "")) return {};
  const named = names.map((name) => ({ param_name: name, example: given(name) }));
  if (part === "header")
    return { example: isNamed ? { header_text_named_params: named } : { header_text: names.slice(0, 1).map(given) } };
  return { example: isNamed ? { body_text_named_params: named } : { body_text: [names.map(given)] } };
}

function rawButton({ type, text, value, example, raw }: DraftButton): RawButton {
  if (raw) return raw;
  const label = text.trim() ? { text: text.trim() } : {};
  switch (type) {
    case "URL": {
      const url = value.trim();
      return {
        type,
        ...label,
        ...(url ? { url } : {}),
        ...(url.includes("{{") && example.trim() ? { example: [example.trim()] } : {}),
      };
    }
    case "PHONE_NUMBER":
      return { type, ...label, ...(value.trim() ? { phone_number: value.replace(/[^\d+]/g, "") } : {}) };
    case "COPY_CODE":
      return { type, ...(value.trim() ? { example: value.trim() } : {}) };
    default:
      return { type, ...label };
  }
}

/** Where in the form something of the components stands: `body`, `buttons.1` ... */
export function fieldOfPath(path: string, components: readonly TemplateComponent[]): string | null {
  const own = /^body\.(name|language|category|channel)\b/.exec(path)?.[1];
  if (own) return own;
  const [, index, rest = ""] = /^body\.components\.(\d+)\.?(.*)$/.exec(path) ?? [];
  if (index === undefined) return path.startsWith("body.components") ? "body" : null;
  const part = components[Number(index)];
  const isExample = rest.startsWith("example");
  switch (part?.type) {
    case "HEADER":
      return isExample && part.format === "TEXT" ? "examples" : "header";
    case "BODY":
      return isExample ? "examples" : "body";
    case "FOOTER":
      return "footer";
    case "BUTTONS": {
      const at = /^buttons\.(\d+)/.exec(rest)?.[1];
      return at === undefined ? "buttons" : `buttons.${at}`;
    }
    default:
      return null;
  }
}
