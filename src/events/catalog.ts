/** Every event as TypeBox. Durable ones are written with the change they tell and carry a sequence; passing ones are only shown live. */
import { type Static, Type as t } from "@sinclair/typebox";
import { ConversationBefore, CsatView, SlaEventView } from "./automation-view";
import { AttributeView, ContactNoteView, ImportView } from "./customer-view";
import { ReadPositionView } from "./reading-view";
import {
  AgentView,
  ChannelView,
  ContactView,
  ConversationView,
  Id,
  JobView,
  LabelView,
  MessageView,
  nullable,
  oneOf,
  RoleView,
  TeamView,
  TemplateView,
  Timestamp,
} from "./view";
import { CannedReplyView, DraftView, ScheduledMessageView } from "./writing-view";

export const durableEvents = {
  "message:new": t.Object({ message: MessageView }),
  /** A stored message changed: a reaction, an edit, a withdrawal, media that has arrived. */
  "message:updated": t.Object({ message: MessageView }),
  /** It is no longer in the thread: what it said is shown on the message it is about. */
  "message:removed": t.Object({ conversation: Id, message: Id }),
  "message:status": t.Object({
    conversation: Id,
    message: Id,
    wamid: t.Union([t.String(), t.Null()]),
    delivery: t.Index(MessageView, ["delivery"]),
  }),
  "conversation:updated": t.Object({ conversation: ConversationView, was: t.Optional(ConversationBefore) }),
  /** A person has seen what the customer wrote, up to this message. */
  "message:read": t.Object({
    conversation: Id,
    by: t.String({ description: "Agent or key" }),
    wamid: nullable(t.String({ description: "The newest message of the customer at that time" })),
    at: Timestamp,
  }),
  /** How far somebody has read a conversation themselves, for their other windows. */
  "read-position:updated": t.Object({ agent: Id, position: ReadPositionView }),
  /** A conversation was given to somebody. */
  "assignment:new": t.Object({ conversation: Id, agent: nullable(Id), team: nullable(Id), by: t.String() }),
  /** Somebody was mentioned in a note. */
  "mention:new": t.Object({ conversation: Id, message: Id, agent: Id, by: t.String() }),
  "label:updated": t.Object({ label: LabelView }),
  "label:removed": t.Object({ label: Id, name: t.String() }),
  "scheduled-message:updated": t.Object({ scheduled: ScheduledMessageView }),
  /** Somebody's own draft, for their other windows; null once it is gone. */
  "draft:updated": t.Object({
    agent: t.String(),
    conversation: Id,
    kind: oneOf(["reply", "note"]),
    draft: nullable(DraftView),
  }),
  "canned-reply:updated": t.Object({ reply: CannedReplyView }),
  "canned-reply:removed": t.Object({ reply: Id, scope: oneOf(["personal", "shared"]), owner: t.String() }),
  /** How far a bulk action has come. */
  "job:updated": t.Object({ job: JobView }),
  "contact:updated": t.Object({ contact: ContactView }),
  /** `source` is a part of `contact` now: it is found no more, and what was its is the other's. */
  "contact:merged": t.Object({ contact: Id, source: Id }),
  "contact:unmerged": t.Object({ contact: Id, source: Id }),
  "contact-note:updated": t.Object({ note: ContactNoteView }),
  "contact-note:removed": t.Object({ contact: Id, note: Id }),
  /** How far an import has come. */
  "import:updated": t.Object({ import: ImportView }),
  "attribute:updated": t.Object({ attribute: AttributeView }),
  "attribute:removed": t.Object({ attribute: Id }),
  /** Everything about them is gone. */
  "contact:erased": t.Object({ contact: Id }),
  /** A business number was added, checked or changed, or Meta told something about it. */
  "channel:updated": t.Object({ channel: ChannelView }),
  "channel:removed": t.Object({ channel: Id }),
  "template:updated": t.Object({ template: TemplateView }),
  "template:removed": t.Object({ template: Id }),
  "agent:updated": t.Object({ agent: AgentView }),
  /** An invitation was withdrawn. Agents who have been here stay. */
  "agent:removed": t.Object({ agent: Id }),
  "team:updated": t.Object({ team: TeamView }),
  "team:removed": t.Object({ team: Id }),
  "role:updated": t.Object({ role: RoleView }),
  "role:removed": t.Object({ role: t.String() }),
  /** Sessions of an agent have ended; null: all of them. For every process that remembers them; no client hears it. */
  "session:ended": t.Object({ agent: Id, sessions: t.Union([t.Array(Id), t.Null()]) }),
  /** API keys have ended or changed. No client hears it. */
  "api-key:changed": t.Object({ keys: t.Array(Id) }),
  /** Outgoing webhooks are new, changed or gone. No client hears it. */
  "webhook-endpoint:changed": t.Object({ endpoints: t.Array(Id) }),
  /** A promise of a policy: soon to be broken, broken, kept. */
  "sla:warned": SlaEventView,
  "sla:breached": SlaEventView,
  "sla:met": SlaEventView,
  /** A customer has said what they think of a conversation; told once more when a comment comes. */
  "csat:received": t.Object({ csat: CsatView }),
  /** Opening hours, a rule, a macro, a policy or something of the assistant was set up anew; version null: it is gone. */
  "automation:updated": t.Object({
    kind: oneOf([
      "business-hours",
      "automation-rule",
      "macro",
      "sla-policy",
      "assistant-prompt",
      "assistant-tool",
      "library-item",
    ]),
    id: Id,
    version: nullable(t.Integer()),
  }),
  /** How far an article has been read in; `removed`: it is gone. */
  "knowledge:updated": t.Object({ article: Id, state: t.String(), chunks: t.Integer(), embedded: t.Integer() }),
  /** A budget of the assistant is nearly (or quite, at 100) used up: in percent. Told once for each level. */
  "assistant:budget": t.Object({ scope: t.String(), budget: t.String(), level: t.Integer() }),
  /** How far a replay of past answers has come. */
  "assistant-replay:updated": t.Object({ replay: Id, state: t.String(), done: t.Integer(), total: t.Integer() }),
  /** The settings of a group are new: whoever shows or keeps them loads them again. */
  "settings:updated": t.Object({ group: t.String(), version: t.Integer() }),
} as const;

const count = t.Integer({ minimum: 0, maximum: 1_000, description: "1000 stands for a thousand or more" });

/** What is made for a single client, of what it may see. */
export const insteadEvents = {
  /** Instead of an event when a conversation has just left its reach, once. */
  "conversation:left": t.Object({ conversation: Id }),
  /** How many conversations are in each tab of its inbox now. */
  "counts:changed": t.Object({ counts: t.Record(t.String(), count) }),
} as const;

export const ViewerView = t.Object({ agent: Id, since: Timestamp }, { title: "Viewer" });
export type ViewerView = Static<typeof ViewerView>;

export const PRESENCES = ["online", "away", "offline"] as const;
export const PresenceView = t.Object(
  {
    agent: Id,
    state: oneOf(PRESENCES),
    isAway: t.Boolean({ description: "They have said so themselves; it holds until they take it back" }),
    since: Timestamp,
  },
  { title: "Presence" },
);
export type PresenceView = Static<typeof PresenceView>;

export const STAGES = [
  "webhook",
  "duplicate",
  "stored",
  "batched",
  "routed",
  "answering",
  "queued",
  "sending",
  "sent",
  "delivered",
  "read",
  "failed",
] as const;

export const passingEvents = {
  /** A stage of the corridor that a message has just left, for the sandbox trail, the simulator and tests. */
  "flow:stage": t.Object({
    stage: oneOf(STAGES),
    at: Timestamp,
    /** Milliseconds the stage took, where it has a duration. */
    ms: t.Union([t.Number(), t.Null()]),
    correlationId: t.String(),
    conversation: t.Union([Id, t.Null()]),
    message: t.Union([t.String(), t.Null()]),
    wamid: t.Union([t.String(), t.Null()]),
    detail: t.String(),
  }),
  "typing:indicator": t.Object({
    conversation: Id,
    by: t.Union([t.Literal("customer"), t.Literal("agent"), t.Literal("assistant")]),
    /** Which agent. */
    agent: t.Optional(Id),
    on: t.Boolean(),
  }),
  /** Who looks at a conversation now: everybody, not only who has come or gone. */
  "viewing:changed": t.Object({ conversation: Id, viewers: t.Array(ViewerView) }),
  /** Somebody has come, gone, or is away. */
  "presence:changed": t.Object({ presence: PresenceView }),
  /** A piece of what the copilot writes, for the agent who has asked. The whole is the answer of the call. */
  "copilot:text": t.Object({ stream: t.String(), conversation: Id, agent: t.String(), text: t.String(), isLast: t.Boolean() }),
  /** Something changed on a fake phone of the sandbox. */
  "phone:changed": t.Object({ phone: t.String(), change: t.Unknown() }),
} as const;

export type DurableEvent = keyof typeof durableEvents;
export type PassingEvent = keyof typeof passingEvents;
export type InsteadEvent = keyof typeof insteadEvents;
export type EventName = DurableEvent | PassingEvent | InsteadEvent;
export type DurableData<E extends DurableEvent = DurableEvent> = Static<(typeof durableEvents)[E]>;
export type PassingData<E extends PassingEvent = PassingEvent> = Static<(typeof passingEvents)[E]>;
export type InsteadData<E extends InsteadEvent = InsteadEvent> = Static<(typeof insteadEvents)[E]>;
export type FlowStage = PassingData<"flow:stage">;
export type StageName = (typeof STAGES)[number];
