/** Events about an earlier message: reactions, edits and withdrawals are shown on it. Where it is not known they stay messages of their own. */
import type { EchoEvent, MessageEvent } from "../channels/whatsapp/inbound";
import type { Change } from "../events/log";
import type { Message, Reaction } from "../features/messages/message.model";
import { type MessageService, wamidKey } from "../features/messages/message.service";
import { attachmentsOf } from "./stored-message";

type Talk = MessageEvent | EchoEvent;

/** WhatsApp's id of the message this event is about, if it is about one. */
export function isAboutEarlier({ content }: Talk): string | undefined {
  if (content.type === "reaction") return content.payload.messageId;
  if (content.type === "edit" || content.type === "revoke") return content.payload.originalMessageId;
  return undefined;
}

/** Applies the event to the message it is about. Null when there is none, or it is not known. */
export async function applyToEarlier(
  event: Talk,
  known: ReadonlyMap<string, Message>,
  messages: MessageService,
  change: Change,
): Promise<Message | null> {
  const wamid = isAboutEarlier(event);
  const earlier = wamid ? known.get(wamidKey(event.channel, wamid)) : undefined;
  if (!earlier) return null;
  const fields = fieldsOf(event, earlier);
  if (fields) await messages.revise(earlier, fields, change);
  return earlier;
}

function fieldsOf(event: Talk, earlier: Message): Partial<Message> | null {
  const { content } = event;
  const at = new Date(event.at);
  switch (content.type) {
    case "reaction":
      return {
        reactions: react(earlier.reactions ?? [], event.kind === "echo" ? "business" : "customer", content.payload.emoji, at),
      };
    case "revoke":
      return { revokedAt: at };
    case "edit": {
      const next = content.payload.content;
      if (!next) return { editedAt: at };
      return {
        editedAt: at,
        previousContents: [...(earlier.previousContents ?? []), earlier.content],
        type: next.type,
        content: next.text,
        ...(next.attachments.length > 0 ? { attachments: attachmentsOf(next) } : {}),
      };
    }
    default:
      return null;
  }
}

/** A person has one reaction on a message: the same or another emoji replaces it, none takes it away. */
function react(reactions: readonly Reaction[], by: Reaction["by"], emoji: string | null, at: Date): Reaction[] {
  const others = reactions.filter((one) => one.by !== by);
  return emoji === null ? others : [...others, { by, emoji, at }];
}
