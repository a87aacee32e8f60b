/** Everything that is kept about a person, kind by kind. A feature that keeps more adds a kind of its own. */
import type { ClientSession } from "mongoose";

/** Whom it is about. */
export interface Subject {
  /** The contact and those merged into it. */
  contacts: readonly string[];
  conversations: readonly string[];
}

export interface Removed {
  count: number;
  /** Names of stored files nothing may refer to any more. */
  files?: readonly string[];
}

export interface PersonalData {
  /** Such as `messages`: file name in the export, and line of the receipt. */
  kind: string;
  /** Where it is stored. Every collection of the product is named here, or in test/security/personal-data.test.ts with a reason. */
  collections: readonly string[];
  /** What there is, in pieces. Absent: it repeats what other kinds hold. */
  read?: ((subject: Subject) => AsyncGenerator<object[]>) | undefined;
  /**
   * Removes a piece of it in the caller's transaction. `count` 0: nothing is left. Repeating it must be harmless.
   */
  erase(subject: Subject, session: ClientSession): Promise<Removed>;
}
