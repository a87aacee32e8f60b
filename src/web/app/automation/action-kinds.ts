/** What rules and macros can do: in which order it is offered, how each begins, and what is still missing. Pure. */
import type { ActionName, AutomationAction } from "@server/features/automation-actions/automation-action.schema";

/** How an action is offered: a template and a message with buttons are both `send`. */
export type ActionKind = Exclude<ActionName, "send"> | "template" | "interactive" | "media" | "other";

export const ACTION_GROUPS: readonly {
  id: "say" | "people" | "conversation" | "contact" | "outside";
  kinds: readonly ActionKind[];
}[] = [
  { id: "say", kinds: ["reply", "template", "interactive", "media", "note"] },
  { id: "people", kinds: ["assign", "take", "transfer", "follow", "assistant"] },
  { id: "conversation", kinds: ["status", "snooze", "priority", "label", "mute"] },
  { id: "contact", kinds: ["contact-label", "attribute"] },
  { id: "outside", kinds: ["webhook", "mail"] },
];

export const ACTION_ICONS: Readonly<Record<ActionKind, string>> = {
  reply: "send",
  template: "template",
  interactive: "buttons",
  media: "image",
  other: "help",
  note: "note",
  assign: "assign",
  take: "person",
  transfer: "contacts",
  follow: "eye",
  assistant: "assistant",
  status: "check-circle",
  snooze: "snooze",
  priority: "flag",
  label: "tag",
  mute: "bell",
  "contact-label": "tag",
  attribute: "card",
  webhook: "link",
  mail: "at",
};

export const MEDIA_TYPES = ["image", "video", "document"] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

type Send = Extract<AutomationAction, { do: "send" }>;
type SendMessage = Send["message"];

/** What the form of an action is told by. */
export function kindOfAction(action: AutomationAction): ActionKind {
  if (action.do !== "send") return action.do;
  const { message } = action;
  if (!("type" in message) || message.type === undefined || message.type === "text") return "other";
  if (message.type === "template") return "template";
  if (message.type === "interactive") return hasForm(message.interactive) ? "interactive" : "other";
  return isMedia(message) ? "media" : "other";
}

/** A list in several parts is written over the API only. */
const hasForm = (interactive: Extract<SendMessage, { type: "interactive" }>["interactive"]): boolean =>
  interactive.kind === "buttons" || (interactive.kind === "list" && interactive.sections.length === 1);

/** Only by its address: the forms of a file of ours are the library's. */
function isMedia(message: SendMessage): boolean {
  return "type" in message && (MEDIA_TYPES as readonly string[]).includes(message.type ?? "");
}

const send = (message: SendMessage): Send => ({ do: "send", message });

const BLANK: Readonly<Record<Exclude<ActionKind, "other">, () => AutomationAction>> = {
  reply: () => ({ do: "reply", text: "" }),
  template: () => send({ type: "template", template: { name: "", language: "" } }),
  interactive: () =>
    send({ type: "interactive", interactive: { kind: "buttons", body: "", buttons: [{ id: "choice-1", title: "" }] } }),
  media: () => send({ type: "image", image: { link: "" } }),
  note: () => ({ do: "note", text: "" }),
  assign: () => ({ do: "assign", agent: null }),
  take: () => ({ do: "take" }),
  transfer: () => ({ do: "transfer", team: null }),
  follow: () => ({ do: "follow", agent: "" }),
  assistant: () => ({ do: "assistant", on: false }),
  status: () => ({ do: "status", status: "resolved" }),
  snooze: () => ({ do: "snooze", minutes: 1_440 }),
  priority: () => ({ do: "priority", priority: "high" }),
  label: () => ({ do: "label", add: [] }),
  mute: () => ({ do: "mute", on: true }),
  "contact-label": () => ({ do: "contact-label", add: [] }),
  attribute: () => ({ do: "attribute", key: "", value: "" }),
  webhook: () => ({ do: "webhook", url: "" }),
  mail: () => ({ do: "mail", to: "", subject: "", text: "" }),
};

export const blankAction = (kind: Exclude<ActionKind, "other">): AutomationAction => BLANK[kind]();

/** An action as the server takes it: lists in which nothing is left are not sent. */
export function tidy(action: AutomationAction): AutomationAction {
  switch (action.do) {
    case "label":
    case "contact-label": {
      const { add = [], remove = [] } = action;
      return { do: action.do, ...(add.length > 0 ? { add } : {}), ...(remove.length > 0 ? { remove } : {}) };
    }
    case "webhook": {
      const headers = Object.entries(action.headers ?? {}).filter(([name]) => name.trim() !== "");
      return { do: "webhook", url: action.url.trim(), ...(headers.length > 0 ? { headers: Object.fromEntries(headers) } : {}) };
    }
    case "mail":
      return { ...action, to: action.to.trim() };
    default:
      return action;
  }
}

export type Missing = "text" | "template" | "label" | "agent" | "attribute" | "url" | "mail" | "link" | "choices" | "values";

/** What has to be filled in before it can be stored; null when nothing is missing. */
export function missingIn(action: AutomationAction): Missing | null {
  switch (action.do) {
    case "reply":
    case "note":
      return action.text.trim() === "" ? "text" : null;
    case "label":
    case "contact-label":
      return (action.add ?? []).length + (action.remove ?? []).length === 0 ? "label" : null;
    case "follow":
      return action.agent === "" ? "agent" : null;
    case "attribute":
      return action.key === "" || action.value === "" ? "attribute" : null;
    case "webhook":
      return /^https?:\/\/[^\s@]+$/i.test(action.url.trim()) ? null : "url";
    case "mail":
      return !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(action.to.trim()) || action.subject.trim() === "" || action.text.trim() === ""
        ? "mail"
        : null;
    case "send":
      return missingInMessage(action.message);
    default:
      return null;
  }
}

function missingInMessage(message: SendMessage): Missing | null {
  if (!("type" in message)) return null;
  switch (message.type) {
    case "template": {
      const { name, body = [], header } = message.template;
      if (name === "") return "template";
      const texts = [...Object.values(body), ...(header?.type === "text" ? [header.value] : [])];
      return texts.some((text) => String(text).trim() === "") ? "values" : null;
    }
    case "image":
      return hasSource(message.image) ? null : "link";
    case "video":
      return hasSource(message.video) ? null : "link";
    case "document":
      return hasSource(message.document) ? null : "link";
    case "interactive": {
      const { interactive } = message;
      if (interactive.kind !== "buttons" && interactive.kind !== "list") return null;
      const titles = interactive.kind === "buttons" ? interactive.buttons : interactive.sections.flatMap(({ rows }) => rows);
      const isWhole = interactive.body.trim() !== "" && titles.length > 0 && titles.every(({ title }) => title.trim() !== "");
      return isWhole && (interactive.kind === "buttons" || interactive.button.trim() !== "") ? null : "choices";
    }
    default:
      return null;
  }
}

const hasSource = ({ link, mediaId }: { link?: string; mediaId?: string }): boolean =>
  mediaId !== undefined || /^https?:\/\/\S+$/i.test(link?.trim() ?? "");
