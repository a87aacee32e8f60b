/** What commands work with: storage, the connection of this moment, compilers, clock. */
import type { Clock } from "../../../core/clock";
import type { Value } from "../bson/value";
import type { FindContext } from "../query/find";
import type { ProjectionCompiler } from "../query/projection";
import type { Catalog } from "../storage/catalog";
import type { CollectionTable } from "../storage/collection-table";
import type { Connection } from "../storage/connection";
import type { UpdateCompiler } from "../update/updater";
import type { CursorRegistry } from "./cursor";

export interface CommandContext extends FindContext, UpdateCompiler, ProjectionCompiler {
  storage: { readonly catalog: Catalog };
  cursors: CursorRegistry;
  clock: Clock;
  writer: Connection;
  /** The collection as the caller may see it; null when it does not exist (for him). */
  collection(namespace: string): CollectionTable | null;
  /** The variables of the running command: its `let`, and NOW. */
  variables(): ReadonlyMap<string, Value | undefined>;
}
