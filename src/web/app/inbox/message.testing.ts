/** Messages and conversations for tests: whole and valid, changed where a test cares. */
import type { ConversationView, MessageView } from "@server/events/view";

let made = 0;
/** Ids that sort in the order in which they are made. */
export const nextId = (): string => (++made).toString(16).padStart(24, "0");

export const CONVERSATION = "c0".padEnd(24, "0");
export const CONTACT = "d0".padEnd(24, "0");

export const messageOf = (change: Partial<MessageView> = {}): MessageView => ({
  id: nextId(),
  conversation: CONVERSATION,
  contact: CONTACT,
  channel: "1",
  role: "user",
  direction: "inbound",
  platform: "whatsapp",
  type: "text",
  content: "hola",
  payload: {},
  attachments: [],
  context: null,
  pricing: null,
  reactions: [],
  editedAt: null,
  revokedAt: null,
  wamid: null,
  delivery: null,
  author: null,
  private: false,
  aiRun: null,
  labels: [],
  starredBy: [],
  mentions: [],
  erasedAt: null,
  rule: null,
  sentAt: "2026-11-20T11:59:00.000Z",
  createdAt: "2026-11-20T11:59:00.000Z",
  ...change,
});

export const deliveryOf = (
  state: NonNullable<MessageView["delivery"]>["state"],
  attempts = 1,
): NonNullable<MessageView["delivery"]> => ({ state, attempts, isResend: false, needsDecision: false, error: null });

export const replyOf = (change: Partial<MessageView> = {}): MessageView =>
  messageOf({ role: "operator", direction: "outbound", delivery: deliveryOf("queued", 0), ...change });

export const conversationOf = (change: Partial<ConversationView> = {}): ConversationView => ({
  id: CONVERSATION,
  contact: { id: CONTACT, name: "Rosa Quispe", phone: "+51987650111", username: null },
  channel: "1",
  source: "whatsapp",
  status: "open",
  waitingFor: null,
  priority: "normal",
  isOpen: true,
  isAIEnabled: true,
  assignedAgent: null,
  team: null,
  participants: [],
  labels: [],
  windowExpiresAt: null,
  lastMessageAt: "2026-11-20T11:59:00.000Z",
  lastMessage: null,
  unreadCount: 0,
  inboundSeq: 1,
  epoch: 0,
  createdAt: "2026-11-20T11:00:00.000Z",
  resolvedAt: null,
  version: 0,
  isMuted: false,
  snoozedUntil: null,
  waitingSince: null,
  isUnattended: false,
  mentions: [],
  mergedInto: null,
  sla: null,
  ...change,
});
