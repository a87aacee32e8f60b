/**
 * What the model may do in one conversation besides answering. Its wishes are noted while it thinks and carried out together with the
 * reply, in one transaction with the end of the turn: all of them once, or none of them when a person or a newer message came first.
 * Which conversation and which customer is never the model's to say.
 */
import { type TObject, type TSchema, Type as t } from "@sinclair/typebox";
import { defineTool, type Tool, ToolRefusal } from "../ai/tools";
import { AppError } from "../core/errors";
import { followUpValue } from "../core/follow-up-text";
import type { Proposal } from "../features/ai-tools/ai-tool-call.service";
import type { AttributeDefinition } from "../features/attributes/attribute.model";
import type { Contact } from "../features/contacts/contact.model";
import type { ContactPatch } from "../features/contacts/contact-edit.schema";
import type { ConversationAction } from "../features/conversation-actions/conversation-action.service";
import type { Conversation } from "../features/conversations/conversation.model";
import type { Outgoing } from "../features/messages/message.service";
import type { NewContent } from "../features/messages/message-content.schema";
import type { assistantSettings } from "../features/settings/assistant-settings";

/** A tool people can allow or forbid. */
type TurnToolName = (typeof assistantSettings)["defaults"]["tools"][number];

/** What can be named: of the company, the same in every conversation. */
export interface ToolWorld {
  labels: readonly string[];
  teams: readonly { id: string; name: string }[];
  attributes: readonly Pick<AttributeDefinition, "key" | "name" | "type" | "options">[];
  media: readonly {
    name: string;
    description: string;
    media: string;
    type: "image" | "video" | "document" | "audio";
    caption: string;
  }[];
  /** Template for follow-ups outside the window; null: none are promised. */
  followUpTemplate: { name: string; language: string; values: readonly string[] } | null;
  /** Names of tools the assistant may use. */
  allowed: ReadonlySet<string>;
  /** Fields of contacts it may read and change: `name`, `email`, `company`, `language`, or the key of an attribute. */
  contactFields: ReadonlySet<string>;
}

/** What the model wants to happen with the reply. */
export interface Wishes {
  actions: ConversationAction[];
  contact: ContactPatch;
  outgoing: Outgoing[];
  followUps: { dueAt: string; text: string; fallback?: NewContent }[];
  /** Calls that wait for the customer's confirmation once they are asked. */
  proposals: Proposal[];
}

export interface ToolsDeps {
  /** Makes a message ready to be sent, files included. Throws AppError when WhatsApp would refuse it. */
  compose: (content: NewContent, conversation: Conversation, contact: Contact) => Promise<Outgoing>;
  /** Throws AppError unless these values fit their attributes. */
  checkAttributes: (values: Record<string, string | number | boolean>) => Promise<void>;
  now: () => number;
}

const strict = <T extends Record<string, TSchema>>(properties: T) => t.Object(properties, { additionalProperties: false });
const oneOfNames = (names: readonly string[], description: string) =>
  t.Union(
    names.map((name) => t.Literal(name)),
    { description },
  );

const PRIORITY = t.Union((["low", "normal", "high", "urgent"] as const).map((one) => t.Literal(one)));
const MOST_NAMES = 60;
/** A follow-up that comes when the window is nearly over would be refused. */
const WINDOW_MARGIN_MS = 5 * 60_000;
const BUILT_IN_FIELDS = ["name", "email", "company", "language"] as const;

/** The tools of one turn, and where their wishes gather. */
export function openTurnTools(
  world: ToolWorld,
  { conversation, contact }: { conversation: Conversation; contact: Contact },
  { compose, checkAttributes, now }: ToolsDeps,
): { tools: Tool[]; wishes: Wishes; choice: (text: string, buttons: { id: string; title: string }[]) => Promise<unknown> } {
  const wishes: Wishes = { actions: [], contact: {}, outgoing: [], followUps: [], proposals: [] };
  let hasChoice = false;

  /** Refusals of our own rules are words for the model; anything else is a failure like any other. */
  async function unlessRefused<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const details = (error.details ?? []).map(({ message }) => message).join(" ");
      throw new ToolRefusal(error.code, `${error.message} ${details}`.trim());
    }
  }

  async function choice(content: NewContent): Promise<{ status: string }> {
    if (hasChoice) throw new ToolRefusal("one_per_turn", "Only one message with buttons or a list in a turn.");
    wishes.outgoing.push(await unlessRefused(compose(content, conversation, contact)));
    hasChoice = true;
    return { status: "sent" };
  }

  const factories: Record<TurnToolName, () => Tool | null> = {
    get_contact: () =>
      defineTool({
        name: "get_contact",
        description: "What the customer file says about the customer of this conversation.",
        parameters: strict({}),
        effect: "read",
        execute: async () => ({ contact: shownContact(contact, conversation, world.contactFields) }),
      }),

    update_contact() {
      const fields = fieldSchemas(world);
      if (Object.keys(fields).length === 0) return null;
      return defineTool({
        name: "update_contact",
        description:
          "Write down in the customer file what the customer has told about themselves in this conversation. Only what they said; null for the rest.",
        parameters: strict(fields) as TObject,
        effect: "stage",
        async execute(args) {
          const { attributes, ...own } = apart(args as Record<string, string | number | boolean>);
          if (Object.keys(attributes).length > 0) await unlessRefused(checkAttributes(attributes));
          const email = (own as { email?: string }).email;
          if (email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
            throw new ToolRefusal("invalid_email", "That is no e-mail address.");
          const before = wishes.contact.attributes ?? {};
          Object.assign(wishes.contact, own);
          if (Object.keys(attributes).length > 0) wishes.contact.attributes = { ...before, ...attributes };
          return { status: "noted" };
        },
      });
    },

    label_conversation() {
      if (world.labels.length === 0) return null;
      const label = oneOfNames(world.labels.slice(0, MOST_NAMES), "Name of a label");
      return defineTool({
        name: "label_conversation",
        description: "Put labels on this conversation, or take them off, so that the team finds it.",
        parameters: strict({ add: t.Array(label, { maxItems: 5 }), remove: t.Array(label, { maxItems: 5 }) }),
        effect: "stage",
        async execute({ add, remove }) {
          if (add.length + remove.length > 0)
            wishes.actions.push({
              do: "label",
              ...(add.length > 0 && { add: [...new Set(add)] }),
              ...(remove.length > 0 && { remove: [...new Set(remove)] }),
            });
          return { status: "noted" };
        },
      });
    },

    set_priority: () =>
      defineTool({
        name: "set_priority",
        description: "How urgent this conversation is for the team. Urgent is for harm, danger, or money being lost right now.",
        parameters: strict({ priority: PRIORITY }),
        effect: "stage",
        async execute({ priority }) {
          wishes.actions.push({ do: "priority", priority });
          return { status: "noted" };
        },
      }),

    send_buttons: () =>
      defineTool({
        name: "send_buttons",
        description:
          "Answer with a text and one to three buttons the customer can tap. It is your whole reply: ask there what you want to know. At most 20 characters a button.",
        parameters: strict({
          text: t.String({ minLength: 1, maxLength: 1_024 }),
          buttons: t.Array(t.String({ minLength: 1, maxLength: 20 }), { minItems: 1, maxItems: 3 }),
        }),
        effect: "terminal",
        execute: ({ text, buttons }) =>
          choice({
            type: "interactive",
            interactive: {
              kind: "buttons",
              body: text,
              buttons: buttons.map((title, index) => ({ id: `choice-${index + 1}`, title })),
            },
          }),
      }),

    send_list: () =>
      defineTool({
        name: "send_list",
        description:
          "Answer with a text and a list of up to ten rows to choose from. It is your whole reply. At most 24 characters a title, 72 a description.",
        parameters: strict({
          text: t.String({ minLength: 1, maxLength: 1_024 }),
          button: t.String({ minLength: 1, maxLength: 20, description: "Word on the button that opens the list" }),
          rows: t.Array(
            strict({ title: t.String({ minLength: 1, maxLength: 24 }), description: t.Optional(t.String({ maxLength: 72 })) }),
            { minItems: 1, maxItems: 10 },
          ),
        }),
        effect: "terminal",
        execute: ({ text, button, rows }) =>
          choice({
            type: "interactive",
            interactive: {
              kind: "list",
              body: text,
              button,
              sections: [
                {
                  rows: rows.map(({ title, description }, index) => ({
                    id: `choice-${index + 1}`,
                    title,
                    ...(description && { description }),
                  })),
                },
              ],
            },
          }),
      }),

    send_media() {
      const known = world.media.slice(0, MOST_NAMES);
      if (known.length === 0) return null;
      const about = known.map(({ name, description }) => (description ? `"${name}": ${description}` : `"${name}"`)).join("; ");
      return defineTool({
        name: "send_media",
        description: `Send a file of the company along with your reply. Files: ${about}`.slice(0, 3_000),
        parameters: strict({
          name: oneOfNames(
            known.map(({ name }) => name),
            "Name of the file",
          ),
        }),
        effect: "stage",
        async execute({ name }) {
          const item = known.find((one) => one.name === name);
          if (!item) throw new ToolRefusal("unknown_file", "There is no such file.");
          if (wishes.outgoing.length >= 4) throw new ToolRefusal("too_many", "Four messages are enough for one turn.");
          wishes.outgoing.push(await unlessRefused(compose(contentOf(item), conversation, contact)));
          return { status: "sent with your reply" };
        },
      });
    },

    schedule_follow_up: () =>
      defineTool({
        name: "schedule_follow_up",
        description:
          "Write to the customer again later, when that was agreed with them. It is not sent if they write before. Tell them that you will.",
        parameters: strict({
          in_minutes: t.Integer({ minimum: 5, maximum: 43_200 }),
          text: t.String({ minLength: 1, maxLength: 1_000, description: "What they will read then" }),
        }),
        effect: "stage",
        async execute({ in_minutes: minutes, text }) {
          const dueAt = now() + minutes * 60_000;
          const ends = conversation.windowExpiresAt?.getTime() ?? 0;
          if (dueAt > ends - WINDOW_MARGIN_MS && !world.followUpTemplate)
            throw new ToolRefusal(
              "window_closes",
              `WhatsApp lets us write freely for ${Math.max(0, Math.floor((ends - now()) / 60_000))} more minutes only. Choose an earlier time, or hand off.`,
            );
          if (wishes.followUps.length > 0) throw new ToolRefusal("one_per_turn", "One follow-up is agreed already.");
          const fallback = world.followUpTemplate && templateFor(world.followUpTemplate, text, contact);
          wishes.followUps.push({ dueAt: new Date(dueAt).toISOString(), text, ...(fallback && { fallback }) });
          return { status: "noted" };
        },
      }),
  };
  const tools = Object.entries(factories).flatMap(([name, make]) => (world.allowed.has(name) ? (make() ?? []) : []));
  return {
    tools,
    wishes,
    choice: (body, buttons) => choice({ type: "interactive", interactive: { kind: "buttons", body, buttons } }),
  };
}

const templateFor = (
  { name, language, values }: NonNullable<ToolWorld["followUpTemplate"]>,
  text: string,
  contact: Contact,
): NewContent => ({
  type: "template",
  template: {
    name,
    language,
    ...(values.length > 0 && { body: values.map((value) => followUpValue(value, text, contact.name)) }),
  },
});

type LibraryFile = ToolWorld["media"][number];

function contentOf({ media: mediaId, type, caption, name }: LibraryFile): NewContent {
  const said = caption ? { caption } : {};
  switch (type) {
    case "image":
      return { type, image: { mediaId, ...said } };
    case "video":
      return { type, video: { mediaId, ...said } };
    case "audio":
      return { type, audio: { mediaId } };
    case "document":
      return { type, document: { mediaId, filename: name, ...said } };
  }
}

/** What of the file the model may read. */
function shownContact(contact: Contact, { labels }: Conversation, fields: ReadonlySet<string>): Record<string, unknown> {
  const own = Object.fromEntries(
    BUILT_IN_FIELDS.filter((key) => fields.has(key) && contact[key]).map((key) => [key, contact[key]]),
  );
  const attributes = Object.fromEntries(Object.entries(contact.attributes ?? {}).filter(([key]) => fields.has(key)));
  return {
    ...own,
    ...attributes,
    customer_since: contact.createdAt.toISOString().slice(0, 10),
    labels: [...new Set([...contact.labels, ...labels])],
  };
}

const ATTRIBUTE_PREFIX = "attribute_";

/** One argument for each field that may be changed; an attribute cannot pass for a field of ours. */
function fieldSchemas({ attributes, contactFields }: ToolWorld): Record<string, TSchema> {
  const fields: Record<string, TSchema> = {};
  for (const key of BUILT_IN_FIELDS)
    if (contactFields.has(key) && key !== "language") fields[key] = t.Optional(t.String({ minLength: 1, maxLength: 200 }));
  for (const { key, name, type, options } of attributes.filter((one) => contactFields.has(one.key)).slice(0, MOST_NAMES))
    fields[`${ATTRIBUTE_PREFIX}${key}`] = t.Optional(attributeSchema(type, name, options));
  return fields;
}

function attributeSchema(type: AttributeDefinition["type"], name: string, options: readonly string[]): TSchema {
  if (type === "number") return t.Number({ description: name });
  if (type === "boolean") return t.Boolean({ description: name });
  if (type === "list" && options.length > 0) return oneOfNames(options.slice(0, 200), name);
  return t.String({ minLength: 1, maxLength: 1_000, description: type === "date" ? `${name}, as 2026-11-20` : name });
}

function apart(args: Record<string, string | number | boolean>) {
  const attributes: Record<string, string | number | boolean> = {};
  const own: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(args))
    if (key.startsWith(ATTRIBUTE_PREFIX)) attributes[key.slice(ATTRIBUTE_PREFIX.length)] = value;
    else own[key] = value;
  return { ...own, attributes };
}
