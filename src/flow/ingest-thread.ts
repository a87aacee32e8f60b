/**
 * Puts messages into threads, within one commit: new ones, the real message in the place of one that was unavailable, and reactions,
 * edits and withdrawals on the message they are about, whichever came first.
 */
import type { EchoEvent, MessageContent, MessageEvent } from "../channels/whatsapp/inbound";
import type { Change } from "../events/log";
import type { Message } from "../features/messages/message.model";
import { type MessageService, wamidKey } from "../features/messages/message.service";
import { revisedBy, revisedByStored } from "./ingest-revisions";
import { earlierIdOf } from "./stored-message";

type Talk = MessageEvent | EchoEvent;
interface Named {
  channel: string;
  wamid: string;
  content: MessageContent;
}

export interface Thread {
  /** Whether it says something that is not stored yet. */
  isNew(event: Named): boolean;
  /** Whether a placeholder waits for it. */
  isUpgrade(event: Named): boolean;
  /** Files the event; `message` is what it is stored as when it is a message. Gives the message it ended up on. */
  file(event: Talk, message: Message): Promise<Message>;
  /** Writes what is new. */
  store(): Promise<void>;
}

/** Reads what is stored about these events. `areNew`: not themselves, only what they are about. */
export async function openThread(
  events: readonly Named[],
  messages: MessageService,
  change: Change,
  areNew = false,
): Promise<Thread> {
  const earlier = events.flatMap(({ channel, content }) => {
    const wamid = earlierIdOf(content);
    return wamid === undefined ? [] : [{ channel, wamid }];
  });
  const known = await messages.findByWamids(areNew ? earlier : [...events, ...earlier], change.session);
  const early = await messages.findAbout(
    events.filter((event) => earlierIdOf(event.content) === undefined),
    change.session,
  );
  const added = new Set<Message>();
  const find = ({ channel, wamid }: Pick<Named, "channel" | "wamid">) => known.get(wamidKey(channel, wamid));

  async function revise(message: Message, fields: Partial<Message> | null): Promise<void> {
    if (fields && added.has(message)) Object.assign(message, fields);
    else if (fields) await messages.revise(message, fields, change);
  }

  async function showEarly(event: Talk, message: Message): Promise<void> {
    for (const one of early.get(wamidKey(event.channel, event.wamid)) ?? []) {
      await revise(message, revisedByStored(one, message));
      await messages.remove(one, change);
    }
    early.delete(wamidKey(event.channel, event.wamid));
  }

  const thread: Thread = {
    isNew: (event) => !find(event) || thread.isUpgrade(event),
    isUpgrade: (event) => isPlaceholder(find(event)) && !isPlaceholderContent(event.content),

    async file(event, message) {
      const wamid = earlierIdOf(event.content);
      const target = wamid === undefined ? undefined : find({ channel: event.channel, wamid });
      if (target) {
        await revise(target, revisedBy(event, target));
        return target;
      }
      const placeholder = find(event);
      if (placeholder) {
        const { type, content, payload, attachments, context, inboundSeq, conversation, contact, lane } = message;
        const place = { conversation, contact, lane };
        await revise(placeholder, { type, content, payload, attachments, context, inboundSeq, ...place });
        return placeholder;
      }
      known.set(wamidKey(event.channel, event.wamid), message);
      added.add(message);
      await showEarly(event, message);
      return message;
    },

    async store() {
      await messages.storeInbound([...added], change);
      added.clear();
    },
  };
  return thread;
}

/** WhatsApp's word for a file of the past that it sends later under the same id. */
const MEDIA_PLACEHOLDER = "media_placeholder";

const isPlaceholder = (message: Message | undefined): boolean =>
  message !== undefined &&
  (message.type === "unsupported" || (message.type === "unknown" && message.payload.name === MEDIA_PLACEHOLDER));

const isPlaceholderContent = (content: MessageContent): boolean =>
  content.type === "unsupported" || (content.type === "unknown" && content.payload.name === MEDIA_PLACEHOLDER);
