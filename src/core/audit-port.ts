/** What features tell the audit log, whoever keeps it. */
import type { Actor } from "./actor";
import type { Origin } from "./origin";

export interface AuditRecord {
  actor: Pick<Actor, "id" | "name"> & { kind: Actor["kind"] | "guest"; origin?: Origin | undefined };
  /** `noun.verb` */
  action: `${string}.${string}`;
  target: { kind: string; id: string; name?: string | null };
  before?: object | null;
  after?: object | null;
}

/** Adds an entry in the transaction of the change it tells; with null by itself. */
export interface Auditor<S> {
  record(change: { session: S } | null, entry: AuditRecord): Promise<void>;
}
