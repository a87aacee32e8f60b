/** A file under a name, so that people and the assistant can send it again and again: a price list, a map, a picture of a product. */
import { type Connection, Schema } from "mongoose";
import type { AutomationRecord } from "../automation-records/automation-record.service";

export interface LibraryItem extends AutomationRecord {
  /** What it shows and when to send it: read by the assistant. */
  description: string;
  /** The uploaded file. */
  media: string;
  type: "image" | "video" | "document" | "audio";
  caption: string;
  /** Whether the assistant may send it. */
  forAssistant: boolean;
}

const schema = new Schema<LibraryItem>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, default: "" },
    media: { type: String, required: true },
    type: { type: String, required: true },
    caption: { type: String, default: "" },
    forAssistant: { type: Boolean, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "mediaLibrary", versionKey: false, autoIndex: false, strict: "throw" },
);

export const mediaLibraryModel = (connection: Connection) => connection.model<LibraryItem>("LibraryItem", schema);
export type MediaLibraryModel = ReturnType<typeof mediaLibraryModel>;
