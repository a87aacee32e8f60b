/** A message template of a business account, as WhatsApp had it last. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";

export interface Template {
  _id: string;
  wabaId: string;
  /** WhatsApp's id of it. */
  metaId: string;
  name: string;
  language: string;
  category: string;
  status: string;
  /** When the status was told last, in WhatsApp's whole seconds: older news does not change it. */
  statusAt: Date;
  quality: string | null;
  rejectedReason: string | null;
  parameterFormat: "POSITIONAL" | "NAMED";
  /** As the Graph API gives them. */
  components: Record<string, unknown>[];
  syncedAt: Date;
  originKey: string | null;
  createdAt: Date;
}

const schema = new Schema<Template>(
  {
    _id: { type: String, default: () => newId() },
    wabaId: { type: String, required: true },
    metaId: { type: String, required: true },
    name: { type: String, required: true },
    language: { type: String, required: true },
    category: { type: String, required: true },
    status: { type: String, required: true },
    statusAt: { type: Date, required: true },
    quality: { type: String, default: null },
    rejectedReason: { type: String, default: null },
    parameterFormat: { type: String, enum: ["POSITIONAL", "NAMED"], required: true },
    components: { type: [Schema.Types.Mixed], default: [] } as never,
    syncedAt: { type: Date, required: true },
    originKey: { type: String, default: null },
    createdAt: { type: Date, required: true },
  },
  { collection: "templates", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ wabaId: 1, name: 1, language: 1 }, { unique: true });
schema.index({ name: 1, _id: 1 });
schema.index({ metaId: 1 });
schema.index({ originKey: 1 }, { unique: true, partialFilterExpression: { originKey: { $type: "string" } } });

export const templateModel = (connection: Connection) => connection.model<Template>("Template", schema);
export type TemplateModel = ReturnType<typeof templateModel>;
