/** A secret that lets its holder do one thing once: set a password, accept an invitation, finish a sign-in. Only its hash is kept. */
import { type Connection, Schema } from "mongoose";

export const LINK_KINDS = ["reset", "invitation", "challenge", "enrolment"] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

export interface AccessLink {
  /** Hash of the secret. */
  _id: string;
  kind: LinkKind;
  agent: string;
  createdAt: Date;
  expiresAt: Date;
  usedAt: Date | null;
}

const schema = new Schema<AccessLink>(
  {
    _id: { type: String, required: true },
    kind: { type: String, enum: LINK_KINDS, required: true },
    agent: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    usedAt: { type: Date, default: null },
  },
  { collection: "accessLinks", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ agent: 1, kind: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const accessLinkModel = (connection: Connection) => connection.model<AccessLink>("AccessLink", schema);
export type AccessLinkModel = ReturnType<typeof accessLinkModel>;
