/** A saved filter of the inbox: somebody's own, or everybody's. */
import { type Connection, Schema } from "mongoose";
import type { ConversationFilter, Sort } from "../conversations/conversation-filter";

export interface SavedView {
  _id: string;
  name: string;
  scope: "personal" | "shared";
  /** Who made it: a personal one is theirs alone. */
  owner: string;
  filter: ConversationFilter;
  sort: Sort;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<SavedView>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    scope: { type: String, enum: ["personal", "shared"], required: true },
    owner: { type: String, required: true },
    filter: { type: Schema.Types.Mixed, required: true } as never,
    sort: { type: String, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "views", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ scope: 1, owner: 1, name: 1 });

export const savedViewModel = (connection: Connection) => connection.model<SavedView>("SavedView", schema);
export type SavedViewModel = ReturnType<typeof savedViewModel>;
