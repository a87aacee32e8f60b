/**
 * Rules: which there are, and which of them an event starts. All rules that want an event are asked about the same state, in their
 * order; the runs are noted together with the position in the event log, so that each rule runs once for each event. A rule is not
 * started by what it has set in motion itself, nor by a chain of rules that has become long, nor more often than its limit says.
 */
import { type Actor, ruleActor } from "../../core/actor";
import { fail } from "../../core/errors";
import type { Change } from "../../events/log";
import type { AttributeService } from "../attributes/attribute.service";
import {
  type AutomationAction,
  type AutomationRunService,
  referencesInActions,
} from "../automation-actions/automation-run.service";
import type { FeedPart } from "../automation-feed/automation-feed.service";
import {
  type AutomationRecords,
  createAutomationRecords,
  type RecordDeps,
} from "../automation-records/automation-record.service";
import type { HoursPort } from "../business-hours/business-hours.service";
import type { ContactService } from "../contacts/contact.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { DueTaskService } from "../due-tasks/due-task.service";
import type { MessageService } from "../messages/message.service";
import type { ReferenceService } from "../references/reference.service";
import type { AutomationRule, AutomationRuleModel } from "./automation-rule.model";
import type { DraftTest, NewRule, RulePatch, RuleTestView, RuleView } from "./automation-rule.schema";
import { evaluate } from "./condition";
import type { Conditions } from "./condition.schema";
import { assertConditions, referencesInConditions } from "./condition-check";
import type { Facts, MessageFacts } from "./rule-facts";
import { createRuleSilence } from "./rule-silence";
import { FOLLOWED, type Happening, happeningOf } from "./rule-trigger";

export interface AutomationRuleService {
  list(): RuleView[];
  get(id: string): RuleView;
  create(rule: NewRule, actor: Actor): Promise<RuleView>;
  patch(id: string, patch: RulePatch, actor: Actor): Promise<RuleView>;
  remove(id: string, actor: Actor): Promise<void>;
  /** Puts rules into this order; those that are not named come after them as they were. */
  reorder(ids: readonly string[], actor: Actor): Promise<RuleView[]>;
  /** Whether a rule, or conditions that are not stored, would match a conversation as it is now. Nothing is done. */
  test(id: string | null, about: DraftTest, actor: Actor): Promise<RuleTestView>;
  /** How rules hear of events. */
  readonly feed: FeedPart;
  load(): Promise<void>;
  stop(): void;
}

export type AutomationRuleDeps = Omit<RecordDeps<AutomationRule>, "kind" | "notFound" | "model" | "sort" | "view"> & {
  rules: AutomationRuleModel;
  runs: Pick<AutomationRunService, "queue" | "countSince" | "look">;
  tasks: DueTaskService;
  hours: HoursPort;
  attributes: Pick<AttributeService, "load">;
  references: Pick<ReferenceService, "assertExist" | "watch">;
  contacts: Pick<ContactService, "getContact">;
  conversations: ConversationService;
  messages: Pick<MessageService, "getMessage" | "listHistory">;
};

/** Rules that start each other: further than this it is a mistake. */
const LONGEST_CHAIN = 3;
/** Of all rules together on one conversation. */
const MOST_RUNS = 30;
const MOST_RUNS_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;
const USUAL_LIMIT = { times: 10, minutes: 60 };

export function createAutomationRuleService(deps: AutomationRuleDeps): AutomationRuleService {
  const { rules: model, runs, hours, attributes, references, contacts, conversations, messages, clock, log } = deps;
  const records: AutomationRecords<AutomationRule> = createAutomationRecords({
    ...deps,
    kind: "automation-rule",
    notFound: "automation-rule.not-found",
    model: model as never,
    sort: (a, b) => a.order - b.order || (a._id < b._id ? -1 : 1),
    view: toRuleView,
  });
  references.watch(() =>
    records.all().map((rule) => ({ kind: "automation-rule", id: rule._id, name: rule.name, references: referencesInRule(rule) })),
  );
  const enabled = () => records.all().filter(({ isEnabled }) => isEnabled);
  const silence = createRuleSilence({ ...deps, rules: enabled, start: startOne });

  async function factsOf(
    conversation: Conversation,
    message: MessageFacts | null,
    event: Facts["event"],
    session?: Change["session"],
  ): Promise<Facts> {
    const contact = await contacts.getContact(conversation.contact, session);
    const isOpen = hours.isOpen({ channel: conversation.channel, team: conversation.team ?? null }, clock.now());
    return { conversation, contact, message, event, isOpen, now: clock.now() };
  }

  async function subjectOf({ subject }: Happening, { session }: Change): Promise<Conversation | null> {
    if ("conversation" in subject) return conversations.findConversation(subject.conversation, session);
    const open = (await conversations.findByContact(subject.contact, session)).filter(({ isOpen }) => isOpen);
    return open.sort((a, b) => b.lastMessageAt.getTime() - a.lastMessageAt.getTime())[0] ?? null;
  }

  /** Why this rule must not run now on this conversation; null when it may. */
  async function limitOf(rule: AutomationRule, conversation: string, { session }: Change): Promise<string | null> {
    const { times, minutes } = rule.limit;
    const since = clock.now() - minutes * 60_000;
    if ((await runs.countSince(conversation, since, times, rule._id, session)) >= times)
      return `It has run ${times} times in ${minutes} minutes on this conversation.`;
    const all = await runs.countSince(conversation, clock.now() - MOST_RUNS_MS, MOST_RUNS, undefined, session);
    return all >= MOST_RUNS ? `Rules have run ${all} times in 10 minutes on this conversation.` : null;
  }

  interface Occasion {
    /** What makes the run the only one. */
    key: string;
    seq: number | null;
    cause: readonly string[];
    message: MessageFacts | null;
  }

  /** Notes the run of a rule that has matched. */
  async function startOne(rule: AutomationRule, conversation: Conversation, occasion: Occasion, change: Change): Promise<void> {
    const skipped = await limitOf(rule, conversation._id, change);
    if (skipped) log.warn("a rule has run too often", { rule: rule._id, conversation: conversation._id, reason: skipped });
    const hour = Math.floor(clock.now() / HOUR_MS);
    await runs.queue(
      {
        key: skipped ? `skipped:${rule._id}:${conversation._id}:${hour}` : `${rule._id}:${occasion.key}`,
        kind: "rule",
        source: rule._id,
        name: rule.name,
        conversation,
        event: rule.trigger.event,
        seq: occasion.seq,
        message: occasion.message?.id ?? null,
        actor: actorOf(rule),
        chain: [...occasion.cause, rule._id],
        actions: rule.actions,
        ...(skipped ? { skipped } : {}),
      },
      change.session,
    );
  }

  const wanted = ({ triggers }: Happening, cause: readonly string[]): AutomationRule[] =>
    cause.length >= LONGEST_CHAIN
      ? []
      : enabled().filter(({ _id, trigger }) => triggers.includes(trigger.event) && !cause.includes(_id));

  const feed: FeedPart = {
    name: "rules",
    events: FOLLOWED,
    wants(event) {
      const happening = happeningOf(event);
      return happening !== null && (wanted(happening, event.cause).length > 0 || silence.wants(happening));
    },
    async take({ seq, cause, ...event }, change) {
      const happening = happeningOf(event) as Happening;
      const conversation = await subjectOf(happening, change);
      if (!conversation) return;
      if (happening.mustBeCounted) {
        const { inboundSeq } = await messages.getMessage(happening.message?.id ?? "", change.session);
        if (inboundSeq === null || conversation.isMuted) return;
      }
      await silence.heard(happening, conversation, change);
      const candidates = wanted(happening, cause);
      if (candidates.length === 0) return;
      const facts = await factsOf(conversation, happening.message, happening.event, change.session);
      for (const rule of candidates) {
        if (!evaluate(rule.conditions, facts).matched) continue;
        await startOne(rule, conversation, { key: String(seq), seq, cause, message: happening.message }, change);
        if (rule.stops) break;
      }
    },
    taken() {
      runs.look();
      deps.tasks.look();
    },
  };

  async function check({ trigger, conditions, actions }: Partial<NewRule>): Promise<void> {
    const refuse = (path: string, message: string) => fail("request.invalid", { details: [{ path: `body.${path}`, message }] });
    if (trigger) {
      const isSilence = trigger.event.startsWith("silence:");
      if (isSilence && trigger.minutes === undefined) throw refuse("trigger.minutes", "silence needs a number of minutes");
      if (!isSilence && trigger.minutes !== undefined) throw refuse("trigger.minutes", "only silence has minutes");
    }
    if (conditions) await assertConditions(conditions, attributes);
    for (const [index, action] of (actions ?? []).entries())
      checkAction(action, (message) => refuse(`actions.${index}`, message));
    await references.assertExist(referencesInRule({ conditions, actions }));
  }

  function checkAction(action: AutomationAction, refuse: (message: string) => Error): void {
    if (action.do === "take") throw refuse("a rule cannot take a conversation: assign it to somebody");
    if ((action.do === "label" || action.do === "contact-label") && !action.add && !action.remove) throw refuse("names no label");
    if (action.do === "webhook" && !/^https?:\/\/[^\s@]+$/i.test(action.url)) throw refuse("is not a web address");
  }

  const conditionsOf = (id: string | null, draft: DraftTest): Conditions =>
    id === null ? (draft.conditions ?? { all: [] }) : records.get(id).conditions;

  return {
    list: () => records.all().map(toRuleView),
    get: (id) => toRuleView(records.get(id)),

    async create(given, actor) {
      await check(given);
      const last = records.all().at(-1)?.order ?? 0;
      const usual = { description: "", isEnabled: true, conditions: { all: [] }, stops: false, limit: USUAL_LIMIT };
      return toRuleView(await records.create({ ...usual, ...given, order: last + 1 } as never, actor));
    },

    async patch(id, { version, ...fields }, actor) {
      await check(fields as Partial<NewRule>);
      return toRuleView(await records.patch(id, fields as never, version, actor));
    },

    remove: (id, actor) => records.remove(id, actor),

    async reorder(ids, actor) {
      for (const id of ids) records.get(id);
      const others = records.all().filter(({ _id }) => !ids.includes(_id));
      for (const [index, id] of [...ids, ...others.map(({ _id }) => _id)].entries())
        if (records.get(id).order !== index + 1) await records.patch(id, { order: index + 1 }, undefined, actor);
      return records.all().map(toRuleView);
    },

    async test(id, draft, actor) {
      const conditions = conditionsOf(id, draft);
      if (id === null) await assertConditions(conditions, attributes);
      const conversation = await conversations.getReachable(draft.conversation, actor);
      const message = draft.message
        ? await messages.getMessage(draft.message)
        : (await messages.listHistory(conversation._id, 50, null)).findLast(({ role }) => role === "user");
      if (message && message.conversation !== conversation._id) throw fail("message.not-found");
      const said = message ? { ...message, id: message._id } : null;
      const evaluation = evaluate(conditions, await factsOf(conversation, said, {}));
      return { ...evaluation, message: message?._id ?? null };
    },

    feed,
    load: records.load,
    stop: records.stop,
  };
}

const referencesInRule = ({ conditions, actions }: Partial<Pick<AutomationRule, "conditions" | "actions">>) => [
  ...(conditions ? referencesInConditions(conditions) : []),
  ...(actions ? referencesInActions(actions) : []),
];

/** Whoever reads a thread sees which rule it was. */
const actorOf = ({ _id, name }: AutomationRule): Actor => ruleActor({ id: _id, name });

const toRuleView = ({ _id, createdAt, updatedAt, ...rule }: AutomationRule): RuleView => ({
  id: _id,
  ...rule,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
