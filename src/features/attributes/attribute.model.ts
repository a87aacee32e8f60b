/** What a company wants to know about its contacts besides the fields everybody has. */
import { type Connection, Schema } from "mongoose";
import { ATTRIBUTE_TYPES } from "../../events/customer-view";

export interface AttributeDefinition {
  _id: string;
  /** The name under which contacts keep it; never changes. */
  key: string;
  name: string;
  description: string;
  type: (typeof ATTRIBUTE_TYPES)[number];
  /** Of a list: what may be chosen. */
  options: string[];
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<AttributeDefinition>(
  {
    _id: { type: String, required: true },
    key: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, default: "" },
    type: { type: String, enum: ATTRIBUTE_TYPES, required: true },
    options: { type: [String], default: [] },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "attributeDefinitions", versionKey: false, autoIndex: false, strict: "throw" },
);
schema.index({ key: 1 }, { unique: true });

export const attributeModel = (connection: Connection) => connection.model<AttributeDefinition>("AttributeDefinition", schema);
export type AttributeModel = ReturnType<typeof attributeModel>;
