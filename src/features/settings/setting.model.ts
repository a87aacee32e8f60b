/** What was changed of a group of settings. */
import { type Connection, Schema } from "mongoose";

export interface StoredSetting {
  /** Name of the group. */
  _id: string;
  /** Counts the changes: a change names the one it was made from. */
  version: number;
  /** JSON text. */
  values: string;
  updatedAt: Date;
  updatedBy: { id: string; name: string };
}

const schema = new Schema<StoredSetting>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    values: { type: String, required: true },
    updatedAt: { type: Date, required: true },
    updatedBy: { type: Schema.Types.Mixed, required: true } as never,
  },
  { collection: "settings", versionKey: false, autoIndex: false, strict: "throw" },
);

export const settingModel = (connection: Connection) => connection.model<StoredSetting>("Setting", schema);
export type SettingModel = ReturnType<typeof settingModel>;
