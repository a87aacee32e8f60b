/** What commands work with: storage, the connection of this moment, compilers, clock. */
import type { Clock } from "../../../core/clock";
import type { Doc, Value } from "../bson/value";
import type { FindContext } from "../query/find";
import type { ProjectionCompiler } from "../query/projection";
import type { Catalog } from "../storage/catalog";
import type { CollectionTable } from "../storage/collection-table";
import type { Connection } from "../storage/connection";
import type { View } from "../storage/view";
import type { UpdateCompiler } from "../update/updater";
import type { CursorRegistry } from "./cursor";

export interface CommandContext extends FindContext, UpdateCompiler, ProjectionCompiler {
  storage: { readonly catalog: Catalog };
  cursors: CursorRegistry;
  clock: Clock;
  /** Where changes go: the writer, or the private view of a transaction that stands aside. */
  readonly writer: Connection;
  /** The collection as the caller may see it; null when it does not exist (for him). */
  collection(namespace: string): CollectionTable | null;
  /** The view of this name, or null. */
  view(namespace: string): View | null;
  /** True when the running command says so. */
  bypassesValidation(): boolean;
  /** The running command as it came. */
  command(): Doc;
  warn(message: string, fields: Record<string, unknown>): void;
  /** The variables of the running command: its `let`, and NOW. */
  variables(): ReadonlyMap<string, Value | undefined>;
}
