/** What clients see of each noun: the shape inside REST answers and live events alike, so that both feed one updater. */
import { type Static, type TLiteral, type TSchema, type TUnion, Type as t } from "@sinclair/typebox";
import { ID_PATTERN } from "../core/id";
import { REACHES } from "../core/permissions";

export const Id = t.String({
  pattern: ID_PATTERN,
  description: "24 hexadecimal characters",
  examples: ["019345f2c1a4000a5be1f00d"],
});
export const Timestamp = t.String({ description: "ISO 8601, UTC", examples: ["2026-11-20T18:30:00.000Z"] });
export const nullable = <T extends TSchema>(schema: T) => t.Union([schema, t.Null()]);

export const IDENTITY_KINDS = ["wa_id", "bsuid", "username", "phone"] as const;
export const CONVERSATION_STATUSES = ["open", "assigned", "waiting", "resolved", "closed"] as const;
export const PRIORITIES = ["low", "normal", "high", "urgent"] as const;
export const MESSAGE_ROLES = ["user", "operator", "assistant", "system"] as const;
export const PLATFORMS = ["whatsapp", "instagram", "facebook", "telegram", "web", "other"] as const;
export const DELIVERY_STATES = [
  "queued",
  "sending",
  "unknown",
  "sent",
  "delivered",
  "read",
  "played",
  "failed",
  "cancelled",
] as const;

type Literals<T extends readonly string[]> = T extends readonly [
  infer Head extends string,
  ...infer Rest extends readonly string[],
]
  ? [TLiteral<Head>, ...Literals<Rest>]
  : [];

/** A closed list of words as a schema whose static type is their union. */
export const oneOf = <const T extends readonly string[]>(values: T): TUnion<Literals<T>> =>
  t.Union(values.map((value) => t.Literal(value))) as unknown as TUnion<Literals<T>>;

export const IdentityView = t.Object({ kind: oneOf(IDENTITY_KINDS), value: t.String(), since: Timestamp });

export const ContactView = t.Object(
  {
    id: Id,
    name: t.String({ description: "What to call them: their profile name, number or username" }),
    phone: nullable(t.String({ description: "Canonical E.164; absent for customers who hide their number" })),
    username: nullable(t.String()),
    identities: t.Array(IdentityView),
    language: nullable(t.String()),
    labels: t.Array(t.String()),
    optedOutAt: nullable(t.String({ description: "Since when they want no marketing messages" })),
    createdAt: Timestamp,
    lastMessageAt: nullable(t.String()),
    email: nullable(t.String()),
    company: nullable(t.String()),
    externalId: nullable(t.String({ description: "What another system calls them" })),
    attributes: t.Record(t.String(), t.Union([t.String(), t.Number(), t.Boolean()]), {
      description: "Custom attributes by key",
    }),
    optedInAt: nullable(t.String({ description: "Since when they have agreed to marketing messages" })),
    blockedAt: nullable(t.String({ description: "Since when nobody answers them" })),
    source: t.String({ description: "whatsapp, manual or import" }),
    version: t.Integer({
      minimum: 0,
      description: "Send it back with a change (If-Match or `version`) to notice who was faster",
    }),
  },
  { title: "Contact" },
);
export type ContactView = Static<typeof ContactView>;

export const ConversationView = t.Object(
  {
    id: Id,
    contact: t.Object({ id: Id, name: t.String(), phone: nullable(t.String()), username: nullable(t.String()) }),
    channel: t.String({ description: "WhatsApp phone number id of the business" }),
    source: t.String(),
    status: oneOf(CONVERSATION_STATUSES),
    waitingFor: t.Union([t.Literal("assistant"), t.Literal("snooze"), t.Null()], { description: "Why the status is waiting" }),
    priority: oneOf(PRIORITIES),
    isOpen: t.Boolean(),
    isAIEnabled: t.Boolean(),
    assignedAgent: nullable(Id),
    team: nullable(Id),
    participants: t.Array(Id, { description: "Agents who follow it" }),
    labels: t.Array(t.String()),
    windowExpiresAt: nullable(t.String({ description: "Until then WhatsApp accepts free-form messages" })),
    lastMessageAt: Timestamp,
    lastMessage: t.Union([
      t.Object({
        text: t.String(),
        type: t.String(),
        role: oneOf(MESSAGE_ROLES),
        direction: t.Union([t.Literal("inbound"), t.Literal("outbound")]),
      }),
      t.Null(),
    ]),
    unreadCount: t.Integer({ minimum: 0 }),
    inboundSeq: t.Integer({ minimum: 0 }),
    epoch: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    resolvedAt: nullable(t.String()),
    version: t.Integer({
      minimum: 0,
      description: "Send it back with a change (If-Match or `version`) to notice who was faster",
    }),
    isMuted: t.Boolean({ description: "Its messages are stored, but nothing is counted, reopened or answered" }),
    snoozedUntil: nullable(t.String({ description: "When a snooze ends; null: with the customer's next message" })),
    waitingSince: nullable(t.String({ description: "Since when the customer waits for a person" })),
    isUnattended: t.Boolean({ description: "People have it, and none has answered yet" }),
    mentions: t.Array(Id, { description: "Agents who were mentioned in a note" }),
    mergedInto: nullable(t.String({ ...Id, description: "The conversation that holds its messages now" })),
    sla: t.Union(
      [
        t.Object({
          policy: Id,
          target: oneOf(["first-reply", "next-reply", "resolution"]),
          dueAt: nullable(t.String({ description: "Null while the clock stands still" })),
          state: oneOf(["running", "warned", "breached", "paused"]),
        }),
        t.Null(),
      ],
      { description: "The promise that is due next" },
    ),
  },
  { title: "Conversation" },
);
export type ConversationView = Static<typeof ConversationView>;

export const DeliveryView = t.Object({
  state: oneOf(DELIVERY_STATES),
  attempts: t.Integer({ minimum: 0 }),
  isResend: t.Boolean({ description: "Sent once more after the first call was judged not sent, or a person decided so" }),
  needsDecision: t.Boolean({ description: "Nobody can tell whether it was sent: a person decides whether to send it again" }),
  error: t.Union([
    t.Object({ code: t.Union([t.String(), t.Number()]), message: t.String(), details: t.Optional(t.String()) }),
    t.Null(),
  ]),
});

export const AiRunView = t.Object({
  id: nullable(t.String({ ...Id, description: "Its row in the book of runs; null on messages from before it was kept" })),
  provider: t.String(),
  model: t.String(),
  ms: t.Number({ description: "Milliseconds the assistant took" }),
  fragments: t.Integer({ description: "How many customer messages this reply answers" }),
  inputTokens: t.Integer(),
  cachedTokens: t.Integer(),
  outputTokens: t.Integer(),
  costMicros: t.Union([t.Number({ description: "Millionths of a US dollar" }), t.Null()]),
  sources: t.Integer({ description: "How many passages of the knowledge it cites: `GET /assistant/runs/:id/sources`" }),
});

export const AttachmentView = t.Object({
  type: t.String(),
  url: nullable(t.String()),
  fileDescription: nullable(t.String()),
  mimeType: nullable(t.String()),
  filename: nullable(t.String()),
  media: t.Optional(t.String({ ...Id, description: "Id of the file once it is stored, or could not be loaded" })),
  thumbnailUrl: t.Optional(t.String()),
  size: t.Optional(t.Integer({ description: "Bytes" })),
  error: t.Optional(t.String({ description: "Why the file could not be loaded" })),
});

export const MessageView = t.Object(
  {
    id: Id,
    conversation: Id,
    contact: Id,
    channel: t.String({ description: "WhatsApp phone number id of the business" }),
    role: oneOf(MESSAGE_ROLES),
    direction: t.Union([t.Literal("inbound"), t.Literal("outbound")]),
    platform: oneOf(PLATFORMS),
    type: t.String({ description: "text, image, audio, location, reaction ... or unknown" }),
    content: t.String({ description: "What a person reads" }),
    payload: t.Record(t.String(), t.Unknown(), { description: "The typed content of every kind but text" }),
    attachments: t.Array(AttachmentView),
    context: t.Union([
      t.Object({
        wamid: nullable(t.String({ description: "The message that is quoted" })),
        forwarded: t.Boolean(),
        frequentlyForwarded: t.Optional(t.Boolean({ description: "More than five times" })),
      }),
      t.Null(),
    ]),
    reactions: t.Array(
      t.Object({ by: t.Union([t.Literal("customer"), t.Literal("business")]), emoji: t.String(), at: Timestamp }),
    ),
    editedAt: nullable(t.String({ description: "When the customer changed it" })),
    revokedAt: nullable(t.String({ description: "When the customer withdrew it" })),
    wamid: nullable(t.String()),
    delivery: t.Union([DeliveryView, t.Null()]),
    pricing: t.Union([t.Record(t.String(), t.Unknown()), t.Null()], {
      description: "What WhatsApp said it costs: billable, model, type and category",
    }),
    author: nullable(t.String({ description: "Agent id of a person's message" })),
    private: t.Boolean(),
    aiRun: t.Union([AiRunView, t.Null()]),
    labels: t.Array(t.String()),
    starredBy: t.Array(Id, { description: "Agents who have put a star on it" }),
    mentions: t.Array(Id, { description: "Agents a note mentions" }),
    erasedAt: nullable(t.String({ description: "When its content was erased" })),
    rule: t.Union([t.Object({ id: t.String(), name: t.String() }), t.Null()], {
      description: "The automation rule that sent it, by the name it had then; what else the product says by itself has none",
    }),
    sentAt: Timestamp,
    createdAt: Timestamp,
  },
  { title: "Message" },
);
export type MessageView = Static<typeof MessageView>;

export const LabelView = t.Object(
  {
    id: Id,
    name: t.String({ description: "What conversations and contacts carry" }),
    color: t.String(),
    description: t.String(),
    createdAt: Timestamp,
  },
  { title: "Label" },
);
export type LabelView = Static<typeof LabelView>;

export const JOB_STATES = ["preparing", "running", "done", "cancelled"] as const;
export const JobView = t.Object(
  {
    id: Id,
    by: t.String({ description: "Who asked for it" }),
    state: oneOf(JOB_STATES),
    total: t.Union([t.Integer({ minimum: 0 }), t.Null()], { description: "Null until it is known" }),
    done: t.Integer({ minimum: 0 }),
    failed: t.Integer({ minimum: 0 }),
    failures: t.Array(t.Object({ conversation: Id, code: t.String(), message: t.String() }), { description: "The first 20" }),
    problem: nullable(t.String({ description: "Why it ended before its time, in words" })),
    createdAt: Timestamp,
    finishedAt: nullable(t.String()),
  },
  { title: "Job" },
);
export type JobView = Static<typeof JobView>;

export const CHANNEL_SOURCES = ["environment", "sandbox", "stored"] as const;
export const ALERT_SEVERITIES = ["info", "warning", "critical"] as const;

export const ChannelView = t.Object(
  {
    id: Id,
    phoneNumberId: t.String({ description: "WhatsApp phone number id: the `channel` of conversations and messages" }),
    wabaId: t.String({ description: "WhatsApp business account" }),
    displayNumber: t.String({ description: "Digits as people dial them; empty until Meta has told" }),
    name: t.String(),
    source: oneOf(CHANNEL_SOURCES),
    isConnected: t.Boolean({ description: "Whether its credentials are there and readable" }),
    problem: nullable(t.String({ description: "Why it cannot be used, in words" })),
    readReceipts: t.Boolean({ description: "Whether customers see blue ticks and typing" }),
    appId: nullable(t.String()),
    token: t.Object({
      isValid: nullable(t.Boolean()),
      expiresAt: nullable(t.String({ description: "Null: never, or not known yet" })),
      missing: t.Array(t.String(), { description: "Permissions it lacks" }),
    }),
    replacedSecrets: t.Object(
      { appSecretUntil: nullable(Timestamp), verifyTokenUntil: nullable(Timestamp) },
      { description: "Until when the webhook still believes the secrets that were replaced" },
    ),
    isSubscribed: nullable(t.Boolean({ description: "Without a subscription no message arrives" })),
    checkedAt: nullable(t.String()),
    quality: nullable(t.String()),
    status: nullable(t.String()),
    nameStatus: nullable(t.String()),
    throughput: nullable(t.String()),
    messagingLimit: nullable(t.String()),
    alerts: t.Array(t.Object({ at: Timestamp, kind: t.String(), severity: oneOf(ALERT_SEVERITIES), text: t.String() })),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "Channel" },
);
export type ChannelView = Static<typeof ChannelView>;

export const MEDIA_KINDS = ["image", "video", "audio", "document", "sticker"] as const;
export const MEDIA_STATES = ["pending", "stored", "failed"] as const;

export const MediaView = t.Object(
  {
    id: Id,
    type: oneOf(MEDIA_KINDS),
    direction: t.Union([t.Literal("inbound"), t.Literal("outbound")]),
    state: oneOf(MEDIA_STATES),
    url: nullable(t.String({ description: "Where the file is, once it is stored" })),
    thumbnailUrl: nullable(t.String()),
    mimeType: nullable(t.String({ description: "What the file is by its own bytes" })),
    filename: nullable(t.String()),
    size: nullable(t.Integer({ description: "Bytes" })),
    error: nullable(t.String({ description: "Why it could not be loaded" })),
    createdAt: Timestamp,
  },
  { title: "Media" },
);
export type MediaView = Static<typeof MediaView>;

export const TemplateVariableView = t.Object({
  part: oneOf(["header", "body", "button"]),
  name: t.String({ description: "1, 2 ... or the parameter's name" }),
  index: t.Optional(t.Integer({ description: "Which button" })),
  example: t.Optional(t.String()),
});

const TemplateButtonView = t.Object({
  type: t.String(),
  text: t.Optional(t.String()),
  url: t.Optional(t.String()),
  phoneNumber: t.Optional(t.String()),
});

export const TemplateView = t.Object(
  {
    id: Id,
    wabaId: t.String(),
    metaId: t.String(),
    name: t.String(),
    language: t.String(),
    category: t.String(),
    status: t.String({ description: "APPROVED, PENDING, REJECTED, PAUSED ... as WhatsApp says" }),
    quality: nullable(t.String()),
    rejectedReason: nullable(t.String()),
    parameterFormat: oneOf(["POSITIONAL", "NAMED"]),
    header: nullable(t.String()),
    headerFormat: nullable(t.String()),
    body: t.String(),
    footer: nullable(t.String()),
    buttons: t.Array(TemplateButtonView),
    variables: t.Array(TemplateVariableView),
    cards: t.Optional(
      t.Array(
        t.Object({
          headerFormat: nullable(t.String()),
          body: t.String(),
          buttons: t.Array(TemplateButtonView),
          variables: t.Array(TemplateVariableView),
        }),
        { description: "The cards of a carousel" },
      ),
    ),
    limitedTimeOffer: t.Optional(t.Object({ text: t.String(), hasExpiration: t.Boolean() })),
    components: t.Array(t.Record(t.String(), t.Unknown())),
    syncedAt: Timestamp,
    createdAt: Timestamp,
  },
  { title: "Template" },
);
export type TemplateView = Static<typeof TemplateView>;

export const AGENT_STATUSES = ["active", "invited", "inactive"] as const;

export const AgentView = t.Object(
  {
    id: Id,
    name: t.String(),
    email: t.String(),
    role: t.String({ description: "Name of a role" }),
    teams: t.Array(Id),
    capacity: t.Union([t.Integer(), t.Null()], { description: "Conversations they take at once; null: no limit of their own" }),
    status: oneOf(AGENT_STATUSES),
    hasSecondFactor: t.Boolean(),
  },
  { title: "Agent" },
);
export type AgentView = Static<typeof AgentView>;

export const TeamView = t.Object({ id: Id, name: t.String(), description: t.String(), createdAt: Timestamp }, { title: "Team" });
export type TeamView = Static<typeof TeamView>;

export const RoleView = t.Object(
  {
    name: t.String({ description: "What agents carry" }),
    title: t.String(),
    permissions: t.Array(t.String()),
    reach: oneOf(REACHES),
    isBuiltIn: t.Boolean(),
    updatedAt: nullable(t.String()),
  },
  { title: "Role" },
);
export type RoleView = Static<typeof RoleView>;
