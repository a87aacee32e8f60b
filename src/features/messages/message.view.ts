/** A message as clients see it. What is sent to WhatsApp and how it is queued stays inside. */
import type { MessageView } from "../../events/view";
import type { Message } from "./message.model";

export const toMessageView = (message: Message): MessageView => ({
  id: message._id,
  conversation: message.conversation,
  contact: message.contact,
  channel: message.channel,
  role: message.role,
  direction: message.direction,
  platform: message.platform,
  type: message.type,
  content: message.content,
  payload: message.payload ?? {},
  attachments: message.attachments.map(({ mediaId: _, sourceUrl: __, ...shown }) => shown),
  context: message.context,
  reactions: (message.reactions ?? [])
    .filter(({ emoji }) => emoji !== "")
    .map(({ by, emoji, at }) => ({ by, emoji, at: at.toISOString() })),
  editedAt: message.editedAt?.toISOString() ?? null,
  revokedAt: message.revokedAt?.toISOString() ?? null,
  wamid: message.wamid,
  delivery: toDeliveryView(message),
  pricing: message.pricing ?? null,
  author: message.author,
  private: message.private,
  aiRun: message.aiRun
    ? {
        id: message.aiRun.id ?? null,
        provider: message.aiRun.provider,
        model: message.aiRun.model,
        ms: message.aiRun.ms,
        fragments: message.aiRun.fragments,
        inputTokens: message.aiRun.inputTokens,
        cachedTokens: message.aiRun.cachedTokens,
        outputTokens: message.aiRun.outputTokens,
        costMicros: message.aiRun.costMicros,
        sources: message.aiRun.sources ?? 0,
      }
    : null,
  labels: message.labels ?? [],
  starredBy: message.starredBy ?? [],
  mentions: message.mentions ?? [],
  erasedAt: message.erasedAt?.toISOString() ?? null,
  rule: message.rule ? { id: message.rule.id, name: message.rule.name } : null,
  sentAt: message.sentAt.toISOString(),
  createdAt: message.createdAt.toISOString(),
});

export const toDeliveryView = ({ delivery }: Pick<Message, "delivery">): MessageView["delivery"] =>
  delivery
    ? {
        state: delivery.state,
        attempts: delivery.attempts,
        isResend: delivery.isResend,
        needsDecision: delivery.needsDecision,
        error: delivery.error ?? null,
      }
    : null;
