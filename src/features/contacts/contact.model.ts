/** A customer as stored. `identityKeys` is the identity; names, phones and usernames may change hands. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";
import type { IDENTITY_KINDS } from "../../events/view";

export interface Identity {
  kind: (typeof IDENTITY_KINDS)[number];
  value: string;
  since: Date;
  /** The key through which it was learned; absent for what the contact began with. */
  via?: string;
}

export interface Contact {
  _id: string;
  identities: Identity[];
  /** Absent once merged into another contact, which holds the keys then, or when others have taken them over. */
  identityKeys: string[];
  mergedInto: string | null;
  name: string;
  /** Where the name is from, when that is not their profile. */
  nameSource?: "phone-book" | "people" | null;
  phone: string | null;
  username: string | null;
  language: string | null;
  labels: string[];
  /** Since when they want no marketing messages, and how we know. */
  optedOutAt: Date | null;
  optOutSource: string | null;
  /** Of whoever has opted out: what they no longer want. Marketing messages when absent. */
  optOutScope?: "marketing" | "all" | null;
  /** When they last told WhatsApp whether they want marketing messages. */
  preferenceAt?: Date | null;
  lastMessageAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** Absent where nobody has given them. */
  email?: string | null;
  company?: string | null;
  /** What another system calls them. */
  externalId?: string;
  attributes?: Record<string, AttributeValue>;
  optedInAt?: Date | null;
  blockedAt?: Date | null;
  source?: (typeof CONTACT_SOURCES)[number];
  /** Grows with every change that people see. */
  version?: number;
  /** The name as it is sorted. */
  nameKey?: string;
  /** What lists are filtered by: labels, attributes and the rest, as words. */
  marks?: string[];
}

export type AttributeValue = string | number | boolean;
export const CONTACT_SOURCES = ["whatsapp", "manual", "import"] as const;

const identity = new Schema<Identity>(
  {
    kind: { type: String, required: true },
    value: { type: String, required: true },
    since: { type: Date, required: true },
    via: { type: String },
  },
  { _id: false },
);

const schema = new Schema<Contact>(
  {
    _id: { type: String, default: () => newId() },
    identities: { type: [identity], default: [] },
    identityKeys: { type: [String] } as never,
    mergedInto: { type: String, default: null },
    name: { type: String, required: true, maxlength: 300 },
    nameSource: { type: String },
    phone: { type: String, default: null },
    username: { type: String, default: null },
    language: { type: String, default: null },
    labels: { type: [String], default: [] },
    optedOutAt: { type: Date, default: null },
    optOutSource: { type: String, default: null },
    optOutScope: { type: String },
    preferenceAt: { type: Date },
    lastMessageAt: { type: Date, default: null },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    email: { type: String },
    company: { type: String },
    externalId: { type: String },
    attributes: { type: Schema.Types.Mixed } as never,
    optedInAt: { type: Date },
    blockedAt: { type: Date },
    source: { type: String, enum: CONTACT_SOURCES },
    version: { type: Number },
    nameKey: { type: String },
    marks: { type: [String] } as never,
  },
  { collection: "contacts", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ identityKeys: 1 }, { unique: true, partialFilterExpression: { identityKeys: { $exists: true } } });
schema.index({ "identities.value": 1 });
schema.index({ mergedInto: 1 }, { partialFilterExpression: { mergedInto: { $type: "string" } } });
schema.index({ lastMessageAt: -1, _id: -1 });
schema.index({ nameKey: 1, _id: 1 });
schema.index({ marks: 1, lastMessageAt: -1, _id: -1 });
schema.index({ externalId: 1 }, { unique: true, partialFilterExpression: { externalId: { $exists: true } } });

export const contactModel = (connection: Connection) => connection.model<Contact>("Contact", schema);
export type ContactModel = ReturnType<typeof contactModel>;
