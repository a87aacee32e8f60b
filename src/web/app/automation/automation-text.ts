/** Rules and macros in words: what starts them, what has to hold, what they do. */
import { inject, Service } from "@angular/core";
import type { AutomationAction } from "@server/features/automation-actions/automation-action.schema";
import type { RuleView } from "@server/features/automation-rules/automation-rule.schema";
import type { Check } from "@server/features/automation-rules/condition.schema";
import { type WordKey, Words } from "../i18n/words";
import { fullTime } from "../ui/time-text";
import { type ActionKind, kindOfAction } from "./action-kinds";
import { AutomationChoices } from "./automation-choices";
import { attributeKey, needsValue } from "./rule-fields";

const HOUR = 60;
const DAY = 24 * HOUR;
/** So much of a text says which one it is. */
const SHORT = 80;

const short = (text: string, most = SHORT): string => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

const VARIABLE = /\{\{\s*([a-z][\w.-]{0,80})\s*(?:\|[^{}]{0,200})?\}\}/gi;
/** What is known of the customer whose conversation it is about, by the names of variables. */
export type Known = Readonly<Record<string, string>>;

const firstWord = (name: string): string => name.trim().split(/\s+/)[0] ?? "";

/** What is known of the variables of a text before it is sent. */
export const knownOf = (customer: string, agent: string): Known => ({
  "contact.name": customer,
  "contact.first_name": firstWord(customer),
  "agent.name": agent,
  "agent.first_name": firstWord(agent),
});

@Service()
export class AutomationText {
  readonly #words = inject(Words);
  readonly #choices = inject(AutomationChoices);
  readonly #t = this.#words.t;

  /** What starts a rule, by its name in the catalog of events. */
  event(name: string): string {
    return this.#known(`rule.event.${name}`, name);
  }

  trigger({ event, minutes }: RuleView["trigger"]): string {
    return minutes === undefined ? this.event(event) : `${this.event(event)} ${this.duration(minutes)}`;
  }

  field(name: string): string {
    const key = attributeKey(name);
    return key === null ? this.#known(`rule.field.${name}`, name) : this.#choices.attributeName(key);
  }

  operator(name: Check["is"]): string {
    return this.#t(`rule.is.${name}`);
  }

  /** A value as it is compared or was found: names for ids, words for yes and no. */
  value(field: string, value: unknown): string {
    if (value === null || value === undefined || value === "") return this.#t("rule.nothing");
    if (typeof value === "boolean") return this.#t(value ? "common.yes" : "common.no");
    if (Array.isArray(value))
      return value.length === 0 ? this.#t("rule.nothing") : value.map((one) => this.value(field, one)).join(", ");
    const text = this.#choices.textOf(field, String(value));
    return /^\d{4}-\d\d-\d\dT/.test(text) ? fullTime(text) : short(text);
  }

  check({ field, is, value }: { field: string; is: Check["is"]; value?: unknown }): string {
    const said = `${this.field(field)} ${this.operator(is)}`;
    return needsValue(is) ? `${said} ${this.value(field, value)}` : said;
  }

  /** `30 minutes`, `2 hours`, `1 day`: the largest unit that fits without a rest. */
  duration(minutes: number): string {
    if (minutes % DAY === 0) return this.#words.n("rule.days", minutes / DAY);
    return minutes % HOUR === 0 ? this.#words.n("rule.hours", minutes / HOUR) : this.#words.n("rule.minutes", minutes);
  }

  kind(kind: ActionKind): string {
    return this.#t(`rule.do.${kind}`);
  }

  /** What an outcome of a run is called: runs keep the name of the action only. */
  deed(name: string): string {
    return name === "send" ? this.#t("rule.do.other") : this.#known(`rule.do.${name}`, name);
  }

  /** A text with its variables told by name, or by what is known. */
  #text(text: string, known: Known): string {
    const told = text.replace(VARIABLE, (_, name: string) => known[name] || `‹${this.#variable(name)}›`);
    return short(told, Object.keys(known).length > 0 ? 4 * SHORT : SHORT);
  }

  #variable(name: string): string {
    const key = attributeKey(name);
    return key === null ? this.#known(`rule.variable.${name}`, name) : this.#choices.attributeName(key);
  }

  /** An action in one line. */
  action(action: AutomationAction, known: Known = {}): string {
    const say = (key: WordKey, params: Record<string, string> = {}) => this.#t(key, params);
    switch (action.do) {
      case "reply":
        return say("rule.does.reply", { text: this.#text(action.text, known) });
      case "note":
        return say("rule.does.note", { text: this.#text(action.text, known) });
      case "send":
        return this.#sends(action, known);
      case "label":
        return this.#labels(action, "rule.does.label", "rule.does.unlabel");
      case "contact-label":
        return this.#labels(action, "rule.does.contactLabel", "rule.does.contactUnlabel");
      case "assign":
        return action.agent === null
          ? say("rule.does.unassign")
          : say("rule.does.assign", { name: this.#choices.agentName(action.agent) ?? say("rule.gone") });
      case "take":
        return say("rule.do.take");
      case "transfer":
        return action.team === null
          ? say("rule.does.noTeam")
          : say("rule.does.transfer", { name: this.#choices.teamName(action.team) ?? say("rule.gone") });
      case "follow":
        return say("rule.does.follow", { name: this.#choices.agentName(action.agent) ?? say("rule.gone") });
      case "priority":
        return say("rule.does.priority", { what: say(`priority.${action.priority}`) });
      case "status":
        return say(`rule.does.${action.status}`);
      case "snooze":
        return action.minutes === null
          ? say("rule.does.snoozeReply")
          : say("rule.does.snooze", { time: this.duration(action.minutes) });
      case "assistant":
        return say(action.on ? "rule.does.assistantOn" : "rule.does.assistantOff");
      case "mute":
        return say(action.on ? "rule.does.mute" : "rule.does.unmute");
      case "attribute": {
        const name = this.#choices.attributeName(action.key);
        return action.value === null
          ? say("rule.does.clear", { name })
          : say("rule.does.attribute", { name, value: this.value(`contact.attributes.${action.key}`, action.value) });
      }
      case "webhook":
        return say("rule.does.webhook", { url: short(action.url) });
      case "mail":
        return say("rule.does.mail", { to: action.to });
    }
  }

  /** Several actions in one line, for lists. */
  actions(actions: readonly AutomationAction[]): string {
    return actions.map((action) => this.action(action)).join(" · ");
  }

  #sends(action: Extract<AutomationAction, { do: "send" }>, known: Known): string {
    const { message } = action;
    if (!("type" in message) || message.type === undefined || message.type === "text")
      return this.#t("rule.does.reply", { text: "text" in message ? this.#text(message.text, known) : "" });
    if (message.type === "template") return this.#t("rule.does.template", { name: message.template.name });
    if (message.type === "interactive") {
      const text = "body" in message.interactive ? this.#text(message.interactive.body, known) : "";
      return this.#t("rule.does.choices", { text });
    }
    const kind = kindOfAction(action) === "media" ? this.#known(`kind.${message.type}`, message.type) : message.type;
    return this.#t("rule.does.send", { what: kind });
  }

  #labels({ add = [], remove = [] }: { add?: string[]; remove?: string[] }, on: WordKey, off: WordKey): string {
    return [
      ...(add.length > 0 ? [this.#t(on, { names: add.join(", ") })] : []),
      ...(remove.length > 0 ? [this.#t(off, { names: remove.join(", ") })] : []),
    ].join(", ");
  }

  #known(key: string, otherwise: string): string {
    return this.#words.has(key) ? this.#words.t(key) : otherwise;
  }
}
