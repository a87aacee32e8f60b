/** A role somebody made: a set of permissions under a name. The built-in ones are not stored. */
import { type Connection, Schema } from "mongoose";
import { type Permission, REACHES, type Reach } from "../../core/permissions";

export interface Role {
  /** Its name, as agents carry it. */
  _id: string;
  title: string;
  permissions: Permission[];
  reach: Reach;
  createdAt: Date;
  updatedAt: Date;
}

const schema = new Schema<Role>(
  {
    _id: { type: String, required: true },
    title: { type: String, required: true },
    permissions: { type: [String], required: true } as never,
    reach: { type: String, enum: REACHES, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: "roles", versionKey: false, autoIndex: false, strict: "throw" },
);

export const roleModel = (connection: Connection) => connection.model<Role>("Role", schema);
export type RoleModel = ReturnType<typeof roleModel>;
