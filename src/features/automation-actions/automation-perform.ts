/** What each action does, by the same doors through which people do it: nothing here writes by itself. */
import { type Actor, can } from "../../core/actor";
import { type AppError, fail } from "../../core/errors";
import type { Permission } from "../../core/permissions";
import { renderText, variablesOf } from "../../core/text-variables";
import type { UrlGuard } from "../../core/url-guard";
import type { Change } from "../../events/log";
import type { Contact } from "../contacts/contact.model";
import { type ContactService, toContactView } from "../contacts/contact.service";
import type { ContactEditService } from "../contacts/contact-edit.service";
import type { ConversationAction, ConversationActionService } from "../conversation-actions/conversation-action.service";
import type { Conversation } from "../conversations/conversation.model";
import { type ConversationService, reachable, toConversationView } from "../conversations/conversation.service";
import type { NewMessage } from "../messages/message-content.schema";
import type { MessageEditService } from "../messages/message-edit.service";
import type { MessageSendService } from "../messages/message-send.service";
import type { AutomationAction } from "./automation-action.schema";
import type { AutomationRun } from "./automation-run.model";

export interface PerformDeps {
  conversations: Pick<ConversationService, "findConversation" | "getReachable">;
  contacts: Pick<ContactService, "getContact">;
  edits: Pick<ContactEditService, "patchContact">;
  actions: Pick<ConversationActionService, "apply">;
  sending: Pick<MessageSendService, "send">;
  editing: Pick<MessageEditService, "addNote">;
  urlGuard: Pick<UrlGuard, "fetch">;
  /** Null where no mail server is configured. */
  mailer: { send(mail: { to: string; subject: string; text: string }): Promise<void> } | null;
  now: () => number;
}

interface Whom {
  conversation: Conversation;
  contact: Contact;
}

export interface Performed {
  message?: string;
  detail?: string;
  /** It was left out, and why. */
  skipped?: string;
}

/** The actions that are a change of the conversation alone: done in the transaction that notes them. */
const ON_CONVERSATION = [
  "label",
  "assign",
  "take",
  "transfer",
  "priority",
  "status",
  "snooze",
  "assistant",
  "mute",
  "follow",
] as const;
type OnConversation = Extract<AutomationAction, { do: (typeof ON_CONVERSATION)[number] }>;

export const isOnConversation = (action: AutomationAction): action is OnConversation =>
  (ON_CONVERSATION as readonly string[]).includes(action.do);

/** Another server is asked: whether it was done is not known when we die meanwhile. */
export const isOutside = ({ do: name }: AutomationAction): boolean => name === "webhook" || name === "mail";

/** What somebody has to be allowed whose macro this is. Actions on the conversation know for themselves. */
const NEEDED: Partial<Record<AutomationAction["do"], Permission>> = {
  reply: "messages.send",
  send: "messages.send",
  note: "conversations.write",
  attribute: "contacts.write",
  "contact-label": "contacts.write",
};

export function createPerform(deps: PerformDeps) {
  const { conversations, contacts, edits, actions, sending, editing, urlGuard, mailer, now } = deps;

  const variables = (contact: Contact, actor: Actor, conversation: Conversation) => ({
    ...variablesOf({ contact, agent: actor, conversation }),
    "contact.email": contact.email,
    "contact.company": contact.company,
    ...Object.fromEntries(
      Object.entries(contact.attributes ?? {}).map(([key, value]) => [`contact.attributes.${key}`, String(value)]),
    ),
  });

  async function send(message: NewMessage, run: AutomationRun, actor: Actor, { conversation, contact }: Whom, key: string) {
    if (actor.kind === "system" && conversation.isMuted) return { skipped: "The conversation is muted." };
    // What they have just written is asking for an answer; everything else they have refused.
    const isAnswer = run.event === "message:received";
    if (actor.kind === "system" && !isAnswer && contact.optedOutAt && contact.optOutScope === "all")
      return { skipped: "The customer wants nothing they have not asked for." };
    const sent = await sending.send(conversation._id, message, actor, key);
    return { message: sent._id };
  }

  async function webhook(run: AutomationRun, action: Extract<AutomationAction, { do: "webhook" }>, id: string, about: object) {
    const answer = await urlGuard.fetch(action.url, {
      method: "POST",
      headers: {
        ...action.headers,
        "content-type": "application/json",
        "user-agent": "Chasqui",
        // Whoever is asked twice after a crash can tell.
        "x-chasqui-delivery": id,
      },
      body: JSON.stringify({ id, kind: run.kind, source: run.source, name: run.name, event: run.event, ...about }),
      maxBytes: 64 * 1024,
    });
    if (answer.status >= 500 || answer.status === 429)
      throw fail("url.unreachable", { message: `It answered with ${answer.status}.` });
    if (answer.status >= 300) throw fail("url.refused", { message: `It answered with ${answer.status}.` });
    return { detail: `It answered with ${answer.status}.` };
  }

  async function mail({ to, subject, text }: { to: string; subject: string; text: string }): Promise<Performed> {
    if (!mailer) throw fail("request.invalid", { message: "No mail server is configured (SMTP_URL)." });
    try {
      await mailer.send({ to, subject, text });
    } catch (error) {
      // The mail server did not take it, or is not there.
      throw fail("url.unreachable", { message: "The mail server did not take it.", cause: error });
    }
    return {};
  }

  return {
    /** A change of the conversation, in the caller's transaction. */
    async change(run: AutomationRun, action: OnConversation, actor: Actor, change: Change): Promise<Performed> {
      const conversation = reachable(await conversations.findConversation(run.conversation, change.session), actor);
      await actions.apply(conversation, [toConversationAction(action, now())], actor, change);
      return {};
    },

    /** Anything else. Doing it again with the same `key` is harmless, except for what another server is asked. */
    async perform(
      run: AutomationRun,
      action: Exclude<AutomationAction, OnConversation>,
      actor: Actor,
      key: string,
    ): Promise<Performed> {
      const needed = NEEDED[action.do];
      if (needed && !can(actor, needed)) throw fail("auth.forbidden");
      const conversation = await conversations.getReachable(run.conversation, actor);
      const contact = await contacts.getContact(conversation.contact);
      const values = variables(contact, actor, conversation);
      const fill = (text: string) => renderText(text, values).text;
      switch (action.do) {
        case "reply":
          return send({ text: fill(action.text) }, run, actor, { conversation, contact }, key);
        case "send":
          return send(filled(action.message, fill), run, actor, { conversation, contact }, key);
        case "note": {
          const note = await editing.addNote(
            conversation._id,
            { text: fill(action.text), ...(action.mentions ? { mentions: action.mentions } : {}) },
            actor,
            key,
          );
          return { message: note._id };
        }
        case "attribute":
          await edits.patchContact(contact._id, { attributes: { [action.key]: action.value } }, actor);
          return {};
        case "contact-label": {
          const kept = contact.labels.filter((label) => !action.remove?.includes(label));
          await edits.patchContact(contact._id, { labels: [...new Set([...kept, ...(action.add ?? [])])] }, actor);
          return {};
        }
        case "webhook":
          return webhook(run, action, key, {
            at: new Date(now()).toISOString(),
            conversation: toConversationView(conversation),
            contact: toContactView(contact),
            message: run.message,
          });
        case "mail":
          return mail({ to: action.to, subject: fill(action.subject).replace(/[\r\n]+/g, " "), text: fill(action.text) });
      }
    },
  };
}

export type Perform = ReturnType<typeof createPerform>;

function toConversationAction(action: OnConversation, now: number): ConversationAction {
  if (action.do !== "snooze") return action;
  return { do: "snooze", until: action.minutes === null ? null : new Date(now + action.minutes * 60_000).toISOString() };
}

/** The same content with its variables filled, wherever they are. */
function filled<T>(value: T, fill: (text: string) => string): T {
  if (typeof value === "string") return fill(value) as T;
  if (Array.isArray(value)) return value.map((item) => filled(item, fill)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, fill)])) as T;
}

/** Whether trying again can help. */
export const isWorthRetrying = (error: unknown): boolean => (error as Partial<AppError>).retryable === true;
