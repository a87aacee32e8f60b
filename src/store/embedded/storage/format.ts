/** The steps that lead from an empty file to the current format. Step n brings a file of version n to n + 1; steps are never changed. */
import type { Connection } from "./connection";

export const FORMAT_STEPS: readonly ((connection: Connection) => void)[] = [
  (connection) => {
    connection.db.run(
      "CREATE TABLE _coll(id INTEGER PRIMARY KEY AUTOINCREMENT, ns TEXT NOT NULL UNIQUE, options BLOB NOT NULL) STRICT",
    );
    // AUTOINCREMENT: the number of a dropped collection or index is never given to another one.
    connection.db.run(
      "CREATE TABLE _idx(id INTEGER PRIMARY KEY AUTOINCREMENT, coll INTEGER NOT NULL, spec BLOB NOT NULL, multikey INTEGER NOT NULL) STRICT",
    );
  },
];
