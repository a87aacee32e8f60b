/**
 * The figures: a SQLite file of its own. It keeps what has to be known of each conversation; facts and sums follow from that, so they
 * always equal a recount. Everything in it is derived; a file that is damaged or of another version is thrown away and built again.
 */
import { type ConversationRow, ReportDatabase } from "./report-database";
import {
  MESSAGE_KINDS,
  type MomentKind,
  type ReportConversation,
  type ReportMessage,
  type ReportMoment,
  type ReportOperation,
  type ReportSize,
} from "./report-message";
import { ReportSums } from "./report-sums";

export class ReportFile {
  readonly db: ReportDatabase;
  readonly #sums: ReportSums;

  constructor(path: string) {
    this.db = new ReportDatabase(path);
    this.#sums = new ReportSums(this.db);
  }

  get size(): ReportSize {
    const position = this.db.get<{ value: number }>("SELECT value FROM state WHERE key = 'position'");
    const { conversations } = this.db.get<{ conversations: number }>("SELECT count(*) AS conversations FROM conversation")!;
    return { position: position?.value ?? null, conversations };
  }

  /** All or nothing, with how far the events have been read. Gives the moments that nobody has stored elsewhere yet. */
  apply(operations: readonly ReportOperation[], position: number, stored: readonly string[]): ReportMoment[] {
    try {
      this.db.transaction(() => {
        for (const id of stored) this.db.run("UPDATE moment SET is_stored = 1 WHERE id = ?", id);
        for (const operation of operations) this.#take(operation);
        this.#sums.settle();
        this.db.run("INSERT OR REPLACE INTO state VALUES ('position', ?)", position);
      });
    } finally {
      this.#sums.forget();
    }
    return this.db.all<ReportMoment>(
      `SELECT moment.id, conversation.id AS conversation, kind, at, moment.agent, value
       FROM moment JOIN conversation ON conversation.n = moment.conversation WHERE is_stored = 0`,
    );
  }

  /** The same of a file that is being built: its facts and sums come at the end. */
  build(operations: readonly ReportOperation[]): void {
    try {
      this.db.transaction(() => {
        for (const operation of operations) this.#take(operation);
      });
    } finally {
      this.#sums.forget();
    }
  }

  beginBuild(position: number): void {
    this.db.run("INSERT OR REPLACE INTO state VALUES ('build', ?)", position);
  }

  /** One more piece of what is left to work out. False once all is done. */
  deriveBuild(): boolean {
    return this.#sums.deriveMore();
  }

  /** From now on it is a file like any other. */
  finishBuild(): void {
    this.db.transaction(() => {
      this.db.run("INSERT OR REPLACE INTO state SELECT 'position', value FROM state WHERE key = 'build'");
      this.db.run("DELETE FROM state WHERE key IN ('build', 'derived', 'summed')");
    });
  }

  close(): void {
    this.db.close();
  }

  #take(operation: ReportOperation): void {
    if ("conversation" in operation) this.#takeConversation(operation.conversation, operation.at);
    else if ("moment" in operation) this.#takeMoment(operation.moment, 1);
    else if ("dropMessage" in operation) this.#dropMessage(operation.dropMessage);
    else if ("dropContact" in operation) this.#dropContact(operation.dropContact);
    else if ("isUnsaid" in operation) this.#setUnsaid(operation.message, operation.isUnsaid);
    else this.#takeMessage(operation.message);
  }

  #takeMessage({ id, conversation, at, kind, author }: ReportMessage): void {
    const known = this.db.get<{ n: number }>("SELECT conversation AS n FROM message WHERE id = ?", bytes(id));
    if (known) return;
    const n = this.#placeOf(conversation);
    this.db.run("INSERT INTO message VALUES (?, ?, ?, ?, ?, 0)", n, at, bytes(id), MESSAGE_KINDS.indexOf(kind), author);
    this.#sums.touch(n, at);
  }

  #dropMessage(id: string): void {
    const known = this.db.get<{ n: number }>("SELECT conversation AS n FROM message WHERE id = ?", bytes(id));
    if (!known) return;
    this.db.run("DELETE FROM message WHERE id = ?", bytes(id));
    this.#sums.touch(known.n);
  }

  #setUnsaid(id: string, isUnsaid: boolean): void {
    const changed = this.db.get<{ n: number }>(
      "UPDATE message SET is_unsaid = ?2 WHERE id = ?1 AND is_unsaid <> ?2 RETURNING conversation AS n",
      bytes(id),
      Number(isUnsaid),
    );
    if (changed) this.#sums.touch(changed.n);
  }

  #takeConversation(now: ReportConversation, at: number | null): void {
    const n = this.#numberOf(now.id);
    const before = this.#sums.rowOf(n)!;
    const labels = JSON.stringify(now.labels.toSorted());
    const isNew = before.created === null;
    if (at !== null && before.is_read && now.version <= before.version) {
      this.#catchUp(before, now, at);
      return;
    }
    const merged = now.mergedInto === null ? 0 : this.#numberOf(now.mergedInto);
    const isPlaced =
      !isNew &&
      before.contact === now.contact &&
      before.channel === now.channel &&
      before.team === now.team &&
      before.agent === now.agent &&
      before.labels === labels &&
      before.merged === merged;
    const isRead = Number(at === null);
    const isSame = before.version === now.version && before.is_read === isRead;
    if (isPlaced && isSame && before.is_over === Number(now.isOver) && before.is_assisted === Number(now.isAssisted)) return;
    if (!isPlaced) this.#sums.touch(n);
    this.db.run(
      `UPDATE conversation SET contact = ?, channel = ?, team = ?, agent = ?, labels = ?, created = ?, is_over = ?, is_assisted = ?,
       merged = ?, version = ?, is_read = ?, told = NULL WHERE n = ?`,
      now.contact,
      now.channel,
      now.team,
      now.agent,
      labels,
      now.created,
      Number(now.isOver),
      Number(now.isAssisted),
      merged,
      now.version,
      isRead,
      n,
    );
    if (before.labels !== labels) {
      this.db.run("DELETE FROM label WHERE conversation = ? AND label IN (SELECT value FROM json_each(?))", n, before.labels);
      this.db.run("INSERT OR IGNORE INTO label SELECT ?, value FROM json_each(?)", n, labels);
    }
    if (merged) {
      this.#takeIn(n, this.#placeOf(now.id));
      return;
    }
    const isKnown = at === null && this.#wasOver(now.id, Number.MAX_SAFE_INTEGER);
    if (isKnown) return;
    const was = { isNew, isOver: before.is_over === 1, isAssisted: before.is_assisted === 1 };
    for (const moment of momentsBetween(was, now, at)) this.#takeMoment(moment, at === null ? 1 : 0);
  }

  /**
   * An event from before the conversation was read for a file that is built: where it is now is known already, and what happened on the
   * way there is in the events. What was before the first of them say the moments that are stored.
   */
  #catchUp(before: ConversationRow, now: ReportConversation, at: number): void {
    if (before.told === null) this.#forgetSince(now.id, at);
    const isOver = before.told === null ? this.#wasOver(now.id, at) : (before.told & 1) > 0;
    const was = { isNew: false, isOver, isAssisted: ((before.told ?? 0) & 2) > 0 };
    this.db.run("UPDATE conversation SET told = ? WHERE n = ?", Number(now.isOver) + 2 * Number(now.isAssisted), before.n);
    if (now.mergedInto !== null) return;
    for (const moment of momentsBetween(was, now, at)) this.#takeMoment(moment, 0);
  }

  /** What the document let guess of the time since: the events tell it better. */
  #forgetSince(id: string, at: number): void {
    const n = this.#placeOf(id);
    this.#sums.touch(n);
    this.db.run(
      "DELETE FROM moment WHERE conversation = ? AND kind IN ('resolved', 'reopened') AND id LIKE '%:' || ? || ':%' AND at >= ?",
      n,
      id,
      at,
    );
  }

  /** Whether it was over just before a time. By its own moments: those of one that it has taken in say nothing about it. */
  #wasOver(id: string, before: number): boolean {
    const last = this.db.get<{ kind: string }>(
      `SELECT kind FROM moment WHERE conversation = ? AND kind IN ('resolved', 'reopened') AND id LIKE '%:' || ? || ':%' AND at < ?
       ORDER BY at DESC, id DESC LIMIT 1`,
      this.#placeOf(id),
      id,
      before,
    );
    return last?.kind === "resolved";
  }

  /** Another conversation has taken in what was said in this one. */
  #takeIn(from: number, to: number): void {
    this.#sums.touch(to);
    this.db.run("UPDATE OR IGNORE message SET conversation = ? WHERE conversation = ?", to, from);
    this.db.run("UPDATE moment SET conversation = ? WHERE conversation = ?", to, from);
  }

  #takeMoment({ id, conversation, kind, at, agent, value }: ReportMoment, isStored: 0 | 1): void {
    const n = this.#placeOf(conversation);
    const known = this.db.get<Pick<ReportMoment, "at" | "value" | "agent">>(
      "SELECT at, value, agent FROM moment WHERE id = ?",
      id,
    );
    // What is stored is told by the event, which knows who had it then: a document knows only who has it now.
    if (known?.at === at && known.value === value && (isStored || known.agent === agent)) return;
    if (known) this.#sums.touch(n);
    else this.#sums.touch(n, at);
    this.db.run("INSERT OR REPLACE INTO moment VALUES (?, ?, ?, ?, ?, ?, ?)", id, n, kind, at, agent, value, isStored);
  }

  #dropContact(contact: string): void {
    for (const { n, labels } of this.db.all<ConversationRow>("SELECT * FROM conversation WHERE contact = ?", contact)) {
      this.#sums.remove(n);
      this.db.run("DELETE FROM message WHERE conversation = ?", n);
      this.db.run("DELETE FROM moment WHERE conversation = ?", n);
      this.db.run("DELETE FROM label WHERE conversation = ? AND label IN (SELECT value FROM json_each(?))", n, labels);
      this.db.run("DELETE FROM conversation WHERE n = ?", n);
    }
  }

  /**
   * Where what belongs to a conversation is counted: in the one that took it in, or in the one that took in that one. A file that is
   * built meets them in any order, so the way is followed to its end.
   */
  #placeOf(id: string): number {
    let n = this.#numberOf(id);
    const passed = new Set<number>();
    for (let row = this.#sums.rowOf(n); row && !passed.has(row.n); row = this.#sums.rowOf(row.merged)) {
      n = row.n;
      passed.add(n);
    }
    return n;
  }

  #numberOf(id: string): number {
    const known = this.db.get<{ n: number }>("SELECT n FROM conversation WHERE id = ?", id);
    if (known) return known.n;
    return this.db.get<{ n: number }>(
      "INSERT INTO conversation VALUES (NULL, ?, NULL, NULL, NULL, NULL, '[]', NULL, 0, 0, 0, NULL, 0, 0, 0, NULL) RETURNING n",
      id,
    )!.n;
  }
}

const bytes = (id: string): Uint8Array => Buffer.from(id, "hex");

/** What has happened to a conversation between what was known of it and what it is now. */
function momentsBetween(
  was: { isNew: boolean; isOver: boolean; isAssisted: boolean },
  now: ReportConversation,
  at: number | null,
): ReportMoment[] {
  const moment = (kind: MomentKind, when: number): ReportMoment => ({
    id: `${kind}:${now.id}:${when}`,
    conversation: now.id,
    kind,
    at: when,
    agent: now.agent,
    value: null,
  });
  // Read from the document: only the last resolution is still known.
  if (at === null) return now.isOver && now.resolvedAt !== null ? [moment("resolved", now.resolvedAt)] : [];
  const wasOver = !was.isNew && was.isOver;
  if (now.isOver) return wasOver ? [] : [moment("resolved", now.resolvedAt ?? at)];
  return [
    ...(wasOver ? [moment("reopened", at)] : []),
    ...(!was.isNew && was.isAssisted && now.isPeoples ? [moment("handed-off", at)] : []),
  ];
}
