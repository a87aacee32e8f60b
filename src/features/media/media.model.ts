/** One file: on its way from WhatsApp, stored, or uploaded by an agent to be sent. `dueAt` is there only while there is work to do. */
import { type Connection, Schema } from "mongoose";
import { newId } from "../../core/id";
import { MEDIA_KINDS, MEDIA_STATES } from "../../events/view";

/** An upload to WhatsApp: its id can be sent again until it expires. */
export interface GraphUpload {
  channel: string;
  graphId: string;
  expiresAt: Date;
}

export interface Media {
  _id: string;
  direction: "inbound" | "outbound";
  type: (typeof MEDIA_KINDS)[number];
  /** Number it came by; null for uploads, which may leave by any. */
  channel: string | null;
  /** The customer's message it belongs to. */
  message: string | null;
  /** WhatsApp's id of an inbound file: lives seven days. */
  graphId: string | null;
  /** Its address, when WhatsApp gave no id: lives five minutes. */
  sourceUrl: string | null;
  state: (typeof MEDIA_STATES)[number];
  /** When the download is tried next. */
  dueAt?: Date;
  attempts: number;
  error: string | null;
  /** Name in the storage: SHA-256 of the content. */
  storageKey: string | null;
  thumbnailKey: string | null;
  size: number | null;
  /** What WhatsApp or the uploader called it. */
  declaredType: string | null;
  /** How it is served: by its own bytes. */
  mimeType: string | null;
  /** Whether a browser may show it in the page. */
  isInline: boolean;
  filename: string | null;
  uploads: GraphUpload[];
  author: string | null;
  originKey: string | null;
  createdAt: Date;
}

const text = { type: String, default: null } as const;

const schema = new Schema<Media>(
  {
    _id: { type: String, default: () => newId() },
    direction: { type: String, enum: ["inbound", "outbound"], required: true },
    type: { type: String, enum: MEDIA_KINDS, required: true },
    channel: text,
    message: text,
    graphId: text,
    sourceUrl: text,
    state: { type: String, enum: MEDIA_STATES, required: true },
    dueAt: { type: Date },
    attempts: { type: Number, required: true },
    error: text,
    storageKey: text,
    thumbnailKey: text,
    size: { type: Number, default: null },
    declaredType: text,
    mimeType: text,
    isInline: { type: Boolean, required: true },
    filename: text,
    uploads: { type: [Schema.Types.Mixed], default: [] } as never,
    author: text,
    originKey: text,
    createdAt: { type: Date, required: true },
  },
  { collection: "media", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
schema.index({ message: 1 }, { partialFilterExpression: { message: { $type: "string" } } });
schema.index({ author: 1, createdAt: -1 }, { partialFilterExpression: { author: { $type: "string" } } });
schema.index({ storageKey: 1 }, { partialFilterExpression: { storageKey: { $type: "string" } } });
schema.index({ thumbnailKey: 1 }, { partialFilterExpression: { thumbnailKey: { $type: "string" } } });
schema.index({ originKey: 1 }, { unique: true, partialFilterExpression: { originKey: { $type: "string" } } });

export const mediaModel = (connection: Connection) => connection.model<Media>("Media", schema);
export type MediaModel = ReturnType<typeof mediaModel>;
