/** An import of contacts from a file: what to do, and how far it has come. The file lies in the data directory. */
import { type Connection, Schema } from "mongoose";
import type { Actor } from "../../core/actor";
import { IMPORT_STATES } from "../../events/customer-view";
import type { Delimiter, Encoding } from "./csv-read";
import type { Column } from "./import-columns";

export interface ContactImport {
  _id: string;
  by: string;
  /** Absent in older ones: a person. */
  byKind?: Actor["kind"];
  actorName: Actor["name"];
  filename: string | null;
  state: (typeof IMPORT_STATES)[number];
  isDryRun: boolean;
  onExisting: "update" | "skip";
  countryCode: string | null;
  encoding: Encoding;
  delimiter: Delimiter;
  columns: Column[];
  /** Rows without the headers, once counted. */
  total: number;
  /** Rows that are done: where it goes on. */
  done: number;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  /** How long the error report is: what is behind it was written by an attempt that was cut short. */
  reportBytes: number;
  /** Why it could not go on. */
  problem: string | null;
  /** Absent once it has ended: what is looked for at start. */
  pending?: boolean;
  createdAt: Date;
  finishedAt: Date | null;
}

const schema = new Schema<ContactImport>(
  {
    _id: { type: String, required: true },
    by: { type: String, required: true },
    byKind: { type: String },
    actorName: { type: String, required: true },
    filename: { type: String, default: null },
    state: { type: String, enum: IMPORT_STATES, required: true },
    isDryRun: { type: Boolean, required: true },
    onExisting: { type: String, required: true },
    countryCode: { type: String, default: null },
    encoding: { type: String, required: true },
    delimiter: { type: String, required: true },
    columns: { type: [Schema.Types.Mixed], required: true } as never,
    total: { type: Number, required: true },
    done: { type: Number, required: true },
    created: { type: Number, required: true },
    updated: { type: Number, required: true },
    skipped: { type: Number, required: true },
    failed: { type: Number, required: true },
    reportBytes: { type: Number, required: true },
    problem: { type: String, default: null },
    pending: { type: Boolean },
    createdAt: { type: Date, required: true },
    finishedAt: { type: Date, default: null },
  },
  { collection: "contactImports", versionKey: false, autoIndex: false, minimize: false, strict: "throw" },
);
schema.index({ by: 1, _id: -1 });
schema.index({ pending: 1, _id: 1 }, { partialFilterExpression: { pending: { $exists: true } } });
/** With its file and report it is of interest for a month. */
schema.index({ finishedAt: 1 }, { expireAfterSeconds: 30 * 86_400 });

export const contactImportModel = (connection: Connection) => connection.model<ContactImport>("ContactImport", schema);
export type ContactImportModel = ReturnType<typeof contactImportModel>;
