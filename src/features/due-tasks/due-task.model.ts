/** Something that is to be looked at, at a time: one small document, found by its time and by its key. */
import { type Connection, Schema } from "mongoose";

export interface DueTask {
  /** Kind and subject, such as `sla:<conversation>`: there is one of each. */
  _id: string;
  kind: string;
  conversation: string;
  at: Date;
  /** What its kind has to know. */
  data: Record<string, unknown>;
  /** How often it has failed. */
  attempts: number;
}

const schema = new Schema<DueTask>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    conversation: { type: String, required: true },
    at: { type: Date, required: true },
    data: { type: Schema.Types.Mixed, default: {} },
    attempts: { type: Number, required: true },
  },
  { collection: "dueTasks", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ at: 1 });
schema.index({ conversation: 1 });

export const dueTaskModel = (connection: Connection) => connection.model<DueTask>("DueTask", schema);
export type DueTaskModel = ReturnType<typeof dueTaskModel>;
