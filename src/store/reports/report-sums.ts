/**
 * Facts of conversations and the sums over them. Whenever a conversation changes its facts are worked out anew, or, when something was
 * only added at its end, just those of what is new; the sums move by the difference.
 */
import { type ConversationRow, dimensionNumber, metricNumber, type Place, type ReportDatabase } from "./report-database";
import { type Fact, factsOf, type Moment, type Said, type TalkState } from "./report-facts";
import { DIMENSIONS, type Dimension, MESSAGE_KINDS, METRICS } from "./report-message";

const AT_ONCE = 2_000;

export class ReportSums {
  /**
   * Conversations whose facts are to be worked out: all of them anew, with what they were counted under until now, or only of what has
   * been added at their end.
   */
  readonly #touched = new Map<number, { place: Place; isWhole: boolean }>();
  /** By how much each sum moves. */
  readonly #moved = new Map<string, { fact: Fact; dimension: Dimension; key: string; count: number; sum: number }>();

  constructor(readonly db: ReportDatabase) {}

  rowOf = (n: number): ConversationRow | null => this.db.get<ConversationRow>("SELECT * FROM conversation WHERE n = ?", n);

  /** Works out what was touched. */
  settle(): void {
    for (const [n, { place, isWhole }] of this.#touched) {
      if (isWhole) this.#derive(n, place);
      else this.#deriveEnd(n);
    }
    this.#moveTotals();
    this.forget();
  }

  /** What was touched is not worked out after all. */
  forget(): void {
    this.#touched.clear();
    this.#moved.clear();
  }

  /** Takes out everything a conversation has added. */
  remove(n: number): void {
    this.touch(n);
    const { place } = this.#touched.get(n)!;
    this.#derive(n, place, null);
    this.#touched.delete(n);
  }

  /** Works out the facts of some more conversations, then the sums of one more dimension. False once all is done. */
  deriveMore(): boolean {
    const done = this.db.get<{ value: number }>("SELECT value FROM state WHERE key = 'derived'")?.value ?? 0;
    const rows = this.db.all<{ n: number }>("SELECT n FROM conversation WHERE n > ? ORDER BY n LIMIT ?", done, AT_ONCE);
    if (rows.length > 0) {
      this.db.transaction(() => {
        for (const { n } of rows) {
          const derived = this.#factsOf(n);
          for (const fact of derived?.facts ?? []) this.#insertFact(n, fact);
        }
        this.db.run("INSERT OR REPLACE INTO state VALUES ('derived', ?)", rows.at(-1)!.n);
      });
      return true;
    }
    const summed = this.db.get<{ value: number }>("SELECT value FROM state WHERE key = 'summed'")?.value ?? 0;
    const dimension = DIMENSIONS[summed];
    if (!dimension) return false;
    this.db.transaction(() => {
      this.db.run(
        `INSERT INTO total SELECT ?, ${KEYS[dimension]}, metric, bucket, bin, sum(count), sum(sum)
         FROM fact JOIN conversation ON conversation.n = fact.conversation
         ${dimension === "label" ? "JOIN label ON label.conversation = fact.conversation" : ""} GROUP BY 2, 3, 4, 5`,
        summed,
      );
      this.db.run("INSERT OR REPLACE INTO state VALUES ('summed', ?)", summed + 1);
    });
    return true;
  }

  /** Its facts are to be worked out: of all of it, or only of what is new when that is younger than all they tell of. */
  touch(n: number, addedAt: number | null = null): void {
    const known = this.#touched.get(n);
    if (known?.isWhole) return;
    const { channel, team, labels, state, derived } = this.rowOf(n)!;
    const isWhole = addedAt === null || state === null || addedAt <= derived;
    if (known) known.isWhole = isWhole;
    else this.#touched.set(n, { place: { channel, team, labels }, isWhole });
  }

  #talkOf({ n, agent, created, merged }: ConversationRow, after: number, before: TalkState | null) {
    const said = this.db
      .all<{ at: number; kind: number; author: string | null }>(
        "SELECT at, kind, author FROM message WHERE conversation = ? AND at > ? AND is_unsaid = 0 ORDER BY at, id",
        n,
        after,
      )
      .map(({ at, kind, author }): Said => ({ at, kind: MESSAGE_KINDS[kind]!, author }));
    const moments = this.db.all<Moment>(
      "SELECT kind, at, agent, value FROM moment WHERE conversation = ? AND at > ? ORDER BY at, id",
      n,
      after,
    );
    const { facts, state } = factsOf({ created: created ?? 0, agent, isMerged: merged > 0, said, moments, before });
    const derived = Math.max(after, said.at(-1)?.at ?? 0, moments.at(-1)?.at ?? 0);
    this.db.run("UPDATE conversation SET state = ?, derived = ? WHERE n = ?", JSON.stringify(state), derived, n);
    return facts;
  }

  /** Null when something was said in it, and what it is comes with a later event. */
  #factsOf(n: number): { row: ConversationRow; facts: Fact[] } | null {
    const row = this.rowOf(n);
    return row && row.created !== null ? { row, facts: this.#talkOf(row, -1, null) } : null;
  }

  /** Adds what is new at the end: however long a conversation is, its next message costs the same. */
  #deriveEnd(n: number): void {
    const row = this.rowOf(n)!;
    for (const fact of this.#talkOf(row, row.derived, JSON.parse(row.state!) as TalkState)) {
      this.#move(fact, row, 1);
      this.db.run(
        `INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum`,
        n,
        fact.bucket,
        metricNumber(fact.metric),
        fact.agent,
        fact.bin,
        fact.count,
        fact.sum,
      );
    }
  }

  /** Replaces the facts of a conversation and moves the sums by the difference. */
  #derive(n: number, before: Place, derived = this.#factsOf(n)): void {
    const old = this.db
      .all<Omit<Fact, "metric"> & { metric: number }>("SELECT * FROM fact WHERE conversation = ?", n)
      .map((fact): Fact => ({ ...fact, metric: METRICS[fact.metric]! }));
    for (const fact of old) this.#move(fact, before, -1);
    for (const fact of derived?.facts ?? []) this.#move(fact, derived!.row, 1);
    const known = new Map(old.map((fact) => [keyOf(fact), fact]));
    for (const fact of derived?.facts ?? []) {
      const same = known.get(keyOf(fact));
      known.delete(keyOf(fact));
      if (same?.count !== fact.count || same.sum !== fact.sum) this.#insertFact(n, fact);
    }
    for (const { bucket, metric, agent, bin } of known.values())
      this.db.run(
        "DELETE FROM fact WHERE conversation = ? AND bucket = ? AND metric = ? AND agent = ? AND bin = ?",
        n,
        bucket,
        metricNumber(metric),
        agent,
        bin,
      );
  }

  #move(fact: Fact, place: Place, sign: 1 | -1): void {
    for (const [dimension, key] of placesOf(fact, place)) {
      const id = `${dimension} ${key} ${fact.metric} ${fact.bucket} ${fact.bin}`;
      const moved = this.#moved.get(id) ?? { fact, dimension, key, count: 0, sum: 0 };
      moved.count += sign * fact.count;
      moved.sum += sign * fact.sum;
      this.#moved.set(id, moved);
    }
  }

  #moveTotals(): void {
    for (const { fact, dimension, key, count, sum } of this.#moved.values()) {
      if (count === 0 && sum === 0) continue;
      const place = [dimensionNumber(dimension), key, metricNumber(fact.metric), fact.bucket, fact.bin];
      this.db.run(
        `INSERT INTO total VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum`,
        ...place,
        count,
        sum,
      );
      if (count < 0)
        this.db.run(
          "DELETE FROM total WHERE dimension = ? AND key = ? AND metric = ? AND bucket = ? AND bin = ? AND count = 0",
          ...place,
        );
    }
    this.#moved.clear();
  }

  #insertFact(n: number, { bucket, metric, agent, bin, count, sum }: Fact): void {
    this.db.run(
      "INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?, ?, ?)",
      n,
      bucket,
      metricNumber(metric),
      agent,
      bin,
      count,
      sum,
    );
  }
}

/** A column for the key of each dimension. */
const KEYS: Readonly<Record<Dimension, string>> = {
  all: "''",
  channel: "coalesce(channel, '')",
  team: "coalesce(team, '')",
  agent: "fact.agent",
  label: "label",
};

const keyOf = ({ bucket, metric, agent, bin }: Fact): string => `${bucket} ${metric} ${agent} ${bin}`;

/** Under which keys a fact is counted. */
function placesOf({ agent }: Fact, { channel, team, labels }: Place): [Dimension, string][] {
  return [
    ["all", ""],
    ["channel", channel ?? ""],
    ["team", team ?? ""],
    ["agent", agent],
    ...(JSON.parse(labels) as string[]).map((label): [Dimension, string] => ["label", label]),
  ];
}
