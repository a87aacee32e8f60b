/** What a macro will do, step by step, in words. Pure. */
import type { MacroView } from "@server/features/macros/macro.schema";
import type { Words } from "../i18n/words";
import type { PreviewLine } from "../shell/commands";

export interface StepNames {
  agent: (id: string) => string;
  team: (id: string) => string;
  customer: string;
  me: string;
}

type Action = MacroView["actions"][number];

const ICONS: Record<Action["do"], string> = {
  reply: "send",
  send: "send",
  note: "note",
  label: "tag",
  assign: "assign",
  take: "assign",
  transfer: "assign",
  priority: "flag",
  status: "check-circle",
  snooze: "snooze",
  assistant: "assistant",
  mute: "bell",
  follow: "eye",
  attribute: "card",
  "contact-label": "tag",
  webhook: "link",
  mail: "send",
};
const HOUR = 60;
const DAY = 24 * HOUR;

export const macroSteps = (actions: readonly Action[], t: Words["t"], names: StepNames): PreviewLine[] =>
  actions.map((action) => {
    const said = saidBy(action);
    return {
      icon: ICONS[action.do],
      text: stepOf(action, t, names),
      ...(said ? { said: filled(said, names) } : {}),
    };
  });

function stepOf(action: Action, t: Words["t"], names: StepNames): string {
  switch (action.do) {
    case "reply":
    case "send":
      return t("macro.send");
    case "note":
      return t("command.note");
    case "label":
    case "contact-label":
      return [
        ...(action.add ? [t("macro.add", { what: action.add.join(", ") })] : []),
        ...(action.remove ? [t("macro.remove", { what: action.remove.join(", ") })] : []),
      ].join(" · ");
    case "take":
      return t("deed.take");
    case "assign":
      return action.agent ? t("macro.assign", { name: names.agent(action.agent) }) : t("macro.unassign");
    case "transfer":
      return action.team ? t("macro.transfer", { name: names.team(action.team) }) : t("macro.leaveTeam");
    case "priority":
      return t("macro.priority", { what: t(`priority.${action.priority}`) });
    case "status":
      return t(({ open: "deed.reopen", resolved: "deed.resolve", closed: "macro.close" } as const)[action.status]);
    case "snooze":
      return action.minutes === null ? t("macro.snoozeReply") : t("macro.snooze", { time: spanOf(action.minutes) });
    case "assistant":
      return t(action.on ? "macro.assistantOn" : "macro.assistantOff");
    case "mute":
      return t(action.on ? "macro.mute" : "macro.unmute");
    case "follow":
      return t("macro.follow", { name: names.agent(action.agent) });
    case "attribute":
      return t("macro.attribute", { what: action.key, to: action.value === null ? "–" : String(action.value) });
    case "webhook":
      return t("macro.webhook", { where: URL.parse(action.url)?.host ?? action.url });
    case "mail":
      return t("macro.mail", { to: action.to, what: action.subject });
  }
}

function saidBy(action: Action): string | null {
  if (action.do === "reply" || action.do === "note") return action.text;
  if (action.do === "send" && "text" in action.message) {
    const { text } = action.message;
    return typeof text === "string" ? text : null;
  }
  return null;
}

const spanOf = (minutes: number): string => {
  const [count, unit] =
    minutes % DAY === 0 ? [minutes / DAY, "d"] : minutes % HOUR === 0 ? [minutes / HOUR, "h"] : [minutes, "min"];
  return `${count} ${unit}`;
};

/** As it will read, as far as this is known here. */
function filled(text: string, { customer, me }: StepNames): string {
  const first = (name: string) => name.trim().split(/\s+/)[0] ?? "";
  const known: Record<string, string> = {
    "contact.name": customer,
    "contact.first_name": first(customer),
    "agent.name": me,
    "agent.first_name": first(me),
  };
  return text.replace(
    /\{\{\s*([\w.-]+)\s*(?:\|\s*([^{}]*?)\s*)?\}\}/g,
    (_, name: string, other?: string) => known[name] || other || "…",
  );
}
