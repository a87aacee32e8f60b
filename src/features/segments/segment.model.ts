/** A saved filter of contacts. */
import { type Connection, Schema } from "mongoose";
import type { ContactFilter } from "../contacts/contact-edit.schema";

export interface Segment {
  _id: string;
  name: string;
  filter: ContactFilter;
  /** Everybody sees it; else only its owner. */
  isShared: boolean;
  owner: string;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<Segment>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    filter: { type: Schema.Types.Mixed, required: true },
    isShared: { type: Boolean, required: true },
    owner: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "segments", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ owner: 1, _id: 1 });
schema.index({ isShared: 1, _id: 1 });

export const segmentModel = (connection: Connection) => connection.model<Segment>("Segment", schema);
export type SegmentModel = ReturnType<typeof segmentModel>;
