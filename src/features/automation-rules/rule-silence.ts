/**
 * Rules about nobody writing. The calendar holds one entry a rule and conversation: put in by the last word of one side, taken out by
 * the first word of the other. When it rings the rule is asked about the state of that moment.
 */
import type { Clock } from "../../core/clock";
import type { Change } from "../../events/log";
import type { HoursPort } from "../business-hours/business-hours.service";
import type { ContactService } from "../contacts/contact.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { DueTask, DueTaskService } from "../due-tasks/due-task.service";
import type { AutomationRule } from "./automation-rule.model";
import { evaluate } from "./condition";
import type { MessageFacts } from "./rule-facts";
import type { Happening } from "./rule-trigger";

export interface RuleSilenceDeps {
  tasks: DueTaskService;
  hours: HoursPort;
  conversations: Pick<ConversationService, "findConversation">;
  contacts: Pick<ContactService, "getContact">;
  /** Those that are enabled. */
  rules: () => readonly AutomationRule[];
  start: (
    rule: AutomationRule,
    conversation: Conversation,
    occasion: { key: string; seq: null; cause: readonly string[]; message: MessageFacts | null },
    change: Change,
  ) => Promise<void>;
  runs: { look(): void };
  clock: Clock;
}

const KIND = "rule-silence";

export function createRuleSilence({ tasks, hours, conversations, contacts, rules, start, runs, clock }: RuleSilenceDeps) {
  const ofSilence = () => rules().filter(({ trigger }) => trigger.event.startsWith("silence:"));
  const whoseOf = ({ channel, team }: Conversation) => ({ channel, team: team ?? null });

  function dueAt({ trigger }: AutomationRule, conversation: Conversation): Date | null {
    const ms = (trigger.minutes ?? 0) * 60_000;
    const due = trigger.inBusinessHours ? hours.addBusinessMillis(whoseOf(conversation), clock.now(), ms) : clock.now() + ms;
    return due === null ? null : new Date(due);
  }

  async function ring({ conversation: id, data, at }: DueTask, change: Change): Promise<(() => void) | undefined> {
    const rule = ofSilence().find(({ _id }) => _id === data.rule);
    const conversation = rule && (await conversations.findConversation(id, change.session));
    if (!rule || !conversation || isResting(conversation)) return undefined;
    const contact = await contacts.getContact(conversation.contact, change.session);
    const isOpen = hours.isOpen(whoseOf(conversation), clock.now());
    const facts = { conversation, contact, message: null, event: {}, isOpen, now: clock.now() };
    if (!evaluate(rule.conditions, facts).matched) return undefined;
    await start(rule, conversation, { key: `silence:${id}:${at.getTime()}`, seq: null, cause: [], message: null }, change);
    return () => runs.look();
  }
  tasks.handle(KIND, ring);

  return {
    wants: ({ message }: Happening) => message !== null && ofSilence().length > 0,

    /** Somebody has written. */
    async heard({ message, triggers }: Happening, conversation: Conversation, { session }: Change): Promise<void> {
      if (message === null) return;
      const isTheirs = triggers.includes("message:received");
      for (const rule of ofSilence()) {
        const task = { kind: KIND, conversation: conversation._id, part: rule._id };
        const isAboutTeam = rule.trigger.event === "silence:team";
        const at = isAboutTeam === isTheirs ? dueAt(rule, conversation) : null;
        // The team is waited for since the first message it has not answered, the customer since our last one.
        if (at === null) await tasks.remove(task, session);
        else if (isAboutTeam) await tasks.putOnce({ ...task, at, data: { rule: rule._id } }, session);
        else await tasks.put({ ...task, at, data: { rule: rule._id } }, session);
      }
    },
  };
}

/** Nobody is waited for in it. */
const isResting = ({ status, waitingFor, isMuted = false }: Conversation): boolean =>
  isMuted || status === "resolved" || status === "closed" || waitingFor === "snooze";
