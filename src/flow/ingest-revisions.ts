/**
 * Events about an earlier message: reactions, edits and withdrawals are shown on it, in whatever order they come. One whose message is
 * not known stays a message of its own until that one appears.
 */
import type { EchoEvent, MessageContent, MessageEvent } from "../channels/whatsapp/inbound";
import type { Change, EventLog } from "../events/log";
import type { Message, Reaction } from "../features/messages/message.model";
import type { MessageService } from "../features/messages/message.service";
import { attachmentsOf, payloadOfContent } from "./stored-message";

type Talk = MessageEvent | EchoEvent;

/** What changes about a message, and who changed it when. */
type Revision = { by: Reaction["by"]; at: Date } & (
  | { type: "reaction"; emoji: string | null }
  | { type: "edit"; content: MessageContent | null }
  | { type: "revoke" }
);

/** The new fields of the message that an event is about; null when the event is of another kind, or older than what holds. */
export const revisedBy = (event: Talk, earlier: Message): Partial<Message> | null =>
  fieldsOf(revisionOf(event.content.type, event.content.payload, event.kind === "echo", new Date(event.at)), earlier);

/** The same for an event that was stored as a message of its own. */
export const revisedByStored = (stored: Message, earlier: Message): Partial<Message> | null =>
  fieldsOf(revisionOf(stored.type, stored.payload, stored.direction === "outbound", stored.sentAt), earlier);

type Named = { channel: string; wamid: string };

export interface ShowEarly {
  /** Shows on a message what had come before it: called when an id becomes known, such as that of a send. */
  on(message: Named): Promise<void>;
  /** Does so for everything that waits: a process that died after a send was answered has not come to it. */
  onAll(): Promise<void>;
}

const MOST_IN_CHANGE = 100;

export function createShowEarly({ messages, eventLog }: { messages: MessageService; eventLog: EventLog }): ShowEarly {
  const showOn = (targets: readonly Named[]): Promise<void> =>
    eventLog.change(async (change) => {
      const known = await messages.findByWamids(targets, change.session);
      if (known.size === 0) return;
      for (const [key, early] of await messages.findAbout(targets, change.session)) {
        const target = known.get(key);
        if (target) for (const one of early) await show(one, target, messages, change);
      }
    });
  return {
    async on(message) {
      if ((await messages.findAbout([message])).size > 0) await showOn([message]);
    },
    async onAll() {
      const awaited = await messages.listAwaited();
      for (let start = 0; start < awaited.length; start += MOST_IN_CHANGE)
        await showOn(awaited.slice(start, start + MOST_IN_CHANGE));
    },
  };
}

async function show(stored: Message, target: Message, messages: MessageService, change: Change): Promise<void> {
  const fields = revisedByStored(stored, target);
  if (fields) await messages.revise(target, fields, change);
  await messages.remove(stored, change);
}

function revisionOf(type: string, payload: unknown, isOurs: boolean, at: Date): Revision | null {
  const by = isOurs ? "business" : "customer";
  const { emoji, content } = payload as { emoji?: string | null; content?: MessageContent | null };
  switch (type) {
    case "reaction":
      return { type, by, at, emoji: emoji ?? null };
    case "edit":
      return { type, by, at, content: content ?? null };
    case "revoke":
      return { type, by, at };
    default:
      return null;
  }
}

function fieldsOf(revision: Revision | null, earlier: Message): Partial<Message> | null {
  switch (revision?.type) {
    case "reaction":
      return react(earlier.reactions ?? [], revision);
    case "revoke":
      return { revokedAt: revision.at };
    case "edit":
      return edit(revision, earlier);
    default:
      return null;
  }
}

function edit({ at, content }: Revision & { type: "edit" }, earlier: Message): Partial<Message> | null {
  if (earlier.editedAt && earlier.editedAt > at) return null;
  if (!content) return { editedAt: at };
  const { referral, groupId, errors, referredProduct } = earlier.payload;
  const extra = Object.entries({ referral, groupId, errors, referredProduct }).filter(([, value]) => value !== undefined);
  // A new caption comes with the same file, which may be loaded already.
  const attachments = attachmentsOf(content).map((next) => {
    const same = earlier.attachments.find(({ mediaId }) => mediaId !== null && mediaId === next.mediaId);
    return same ? { ...same, fileDescription: next.fileDescription } : next;
  });
  return {
    editedAt: at,
    previousContents: [...(earlier.previousContents ?? []), earlier.content],
    type: content.type,
    content: content.text,
    payload: { ...payloadOfContent(content), ...Object.fromEntries(extra) },
    ...(attachments.length > 0 ? { attachments } : {}),
  };
}

/** A person has one reaction on a message: the same or another emoji replaces it, none takes it away. An older one changes nothing. */
function react(reactions: readonly Reaction[], { by, emoji, at }: Revision & { type: "reaction" }): Partial<Message> | null {
  if (reactions.some((one) => one.by === by && one.at > at)) return null;
  return { reactions: [...reactions.filter((one) => one.by !== by), { by, emoji: emoji ?? "", at }] };
}
