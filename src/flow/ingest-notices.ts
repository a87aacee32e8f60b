/**
 * News that are neither message nor status. What concerns customers has its effect here; what concerns templates and numbers is
 * handed to their rooms; everything else is recorded as it came, which is all there is to do.
 */
import type { Identity, NoticeEvent } from "../channels/whatsapp/inbound";
import { windowExpiresAt } from "../channels/whatsapp/window";
import type { Change } from "../events/log";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import type { Conversation } from "../features/conversations/conversation.model";
import type { IngestHandlers } from "./ingest-apply";
import { migrateIdentity, withVariants } from "./ingest-identity";
import { createKeepMessages, type KeptDeps } from "./ingest-kept";
import type { ReceivedEvent } from "./received-event";

/** A room that wants to hear of notices, such as templates. Runs in the transaction that records the notice. */
export type NoticeListener = (event: NoticeEvent, change: Change) => Promise<void>;

export interface IngestNoticesDeps extends KeptDeps {
  contactMerges: Pick<ContactMergeService, "mergeIn">;
  listeners: readonly NoticeListener[];
}

/** The owner of a thread that answers by itself: the Meta Business Agent. */
const OTHER_AGENT = "ai_agent";

export function createIngestNotices(deps: IngestNoticesDeps): IngestHandlers["notices"] {
  const { contacts, conversations, messages, listeners, sourceOf, clock } = deps;
  const keep = createKeepMessages(deps);

  return async (received, change) => {
    for (const one of received as readonly ReceivedEvent<NoticeEvent>[]) {
      await affect(one, change);
      for (const listener of listeners) await listener(one.event, change);
    }
  };

  async function affect({ event, requestId }: ReceivedEvent<NoticeEvent>, change: Change): Promise<void> {
    switch (event.name) {
      case "user:preference":
        return prefer(event, change);
      case "user:id": {
        const { customer, previous, current } = event.payload;
        if (!current) return;
        const { waId } = customer;
        const before = { ...customer, ...(previous ? { userId: previous } : {}) };
        const after = { userId: current, ...(waId ? { waId } : {}) };
        return migrateIdentity({ previous: before, current: after, at: event.at }, deps, change);
      }
      case "contact:sync": {
        const { action, phoneNumber, fullName, firstName } = event.payload;
        const name = fullName ?? firstName;
        const isRemoved = action === "remove";
        if (phoneNumber && (name || isRemoved))
          await contacts.setPhoneBookName(withVariants({ waId: phoneNumber }), isRemoved ? null : (name ?? null), change);
        return;
      }
      case "call":
        return note(event, change);
      case "handover":
        return passOn(event, change);
      case "history":
        return keep(event, event.payload.messages, requestId, change);
      case "standby:message":
        return keep(event, [event.payload], requestId, change);
    }
  }

  async function prefer(event: NoticeEvent & { name: "user:preference" }, change: Change): Promise<void> {
    const { customer, value } = event.payload;
    const word = value?.toLowerCase() ?? "";
    const wantsNone = word === "stop";
    if (!wantsNone && !WANTS_AGAIN.has(word)) return;
    await contacts.setOptOut(withVariants(customer), wantsNone, new Date(event.at), "preference", change);
  }

  /** The talk with a customer who need not have written yet. Null when the news names nobody. */
  async function talkWith(customer: Identity, channel: string, at: number | null, change: Change): Promise<Conversation | null> {
    if (!customer.waId && !customer.userId) return null;
    const [contact] = await contacts.resolveSenders([{ sender: withVariants(customer), at }], change);
    if (!contact) return null;
    const [talk] = await conversations.openConversations([{ contact, channel, source: sourceOf(channel) }], change.session);
    return talk ?? null;
  }

  /** Calls are seen in the thread. One by the customer opens or refreshes the 24 hours, as a message does. */
  async function note(event: NoticeEvent & { name: "call" }, change: Change): Promise<void> {
    const { callId, event: what, direction, customer, durationSeconds, outcome } = event.payload;
    const isTheirs = direction === "USER_INITIATED";
    const isOver = what === "terminate";
    if (!isTheirs && !isOver) return;
    const at = Math.min(event.at, clock.now());
    const talk = await talkWith(customer, event.channel, isTheirs ? at : null, change);
    if (!talk) return;
    const expires = new Date(windowExpiresAt(at));
    const isOpener = isTheirs && (!talk.windowExpiresAt || talk.windowExpiresAt < expires);
    await conversations.update(talk._id, isOpener ? { windowExpiresAt: expires } : {}, change);
    const how = [durationSeconds === undefined ? "" : `${durationSeconds} s`, outcome ?? ""].filter(Boolean).join(", ");
    const line = isOver ? `Call ended${how ? ` (${how})` : ""}` : "The customer calls";
    await messages.addActivity(talk, line, `call:${event.channel}:${callId ?? event.key}:${what}`, change);
  }

  /** Another owner has the thread now: what waited for an answer is theirs. What they handle comes as standby and is never answered. */
  async function passOn(event: NoticeEvent & { name: "handover" }, change: Change): Promise<void> {
    const { customer, previousOwner, newOwner } = event.payload;
    const talk = await talkWith(customer, event.channel, null, change);
    if (!talk) return;
    const isLost = newOwner === OTHER_AGENT;
    await conversations.update(
      talk._id,
      isLost ? { batch: null, answeredSeq: talk.inboundSeq } : {},
      change,
      isLost ? { epoch: 1 } : undefined,
    );
    const line = `The conversation was passed on: ${previousOwner ?? "unknown"} → ${newOwner ?? "unknown"}`;
    await messages.addActivity(talk, line, event.key, change);
  }
}

const WANTS_AGAIN = new Set(["resume", "signup"]);
