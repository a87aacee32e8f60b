/** What a filter says about each path, as interval sets an index can use. Everything else is left to the matcher. */
import { Doc, Regex, type Value } from "../bson/value";
import { isOperators, truthy } from "../query/leaf";
import {
  equalIntervals,
  type Interval,
  type IntervalSet,
  inIntervals,
  orderIntervals,
  pointInterval,
  regexIntervals,
  typeIntervals,
  union,
} from "./interval";

/** A longer list is not worth seeking one by one. */
const LONGEST_IN = 20_000;

export interface Predicate extends IntervalSet {
  /** Predicates of the same $elemMatch share a number: they hold for one and the same array element. */
  group: number;
}

/** One condition that has to be tested on the document, unless the index holds only documents that satisfy it. */
export interface Residual {
  path: string;
  op: string;
  value: Value;
}

export interface Conditions {
  fields: Map<string, Predicate[]>;
  /** What the intervals above do not say: null stands for something that is not one operator on one path. */
  rest: (Residual | null)[];
  /** The branches of each $or. */
  alternatives: Doc[][];
  /** Paths that are known to exist and not to be null. */
  present: Set<string>;
}

export function analyse(filter: Doc): Conditions {
  const reader = new Reader();
  reader.read(filter, "", 0);
  return reader;
}

class Reader implements Conditions {
  readonly fields = new Map<string, Predicate[]>();
  readonly alternatives: Doc[][] = [];
  readonly present = new Set<string>();
  readonly rest: (Residual | null)[] = [];
  #groups = 0;

  read(filter: Doc, prefix: string, group: number): void {
    for (let i = 0; i < filter.size; i++) {
      const key = filter.keys[i]!;
      const value = filter.values[i]!;
      if (!key.startsWith("$")) this.condition(prefix + key, value, group);
      else if (key === "$and" && Array.isArray(value)) {
        for (const branch of value) if (branch instanceof Doc) this.read(branch, prefix, group);
      } else if (key !== "$comment") {
        const branches =
          key === "$or" && prefix === "" && Array.isArray(value) ? value.filter((one) => one instanceof Doc) : null;
        if (branches && this.sameField(branches)) continue;
        this.rest.push(null);
        if (branches) this.alternatives.push(branches);
      }
    }
  }

  /** `{$or: [{a: null}, {a: {$gt: 1}}]}` is one condition on `a`. */
  private sameField(branches: readonly Doc[]): boolean {
    const parts = branches.map(analyse);
    const [path] = parts[0]?.fields.keys() ?? [];
    if (path === undefined || branches.length < 2) return false;
    const intervals: Interval[] = [];
    for (const { rest, fields } of parts) {
      const predicates = fields.get(path);
      if (rest.length > 0 || fields.size !== 1 || predicates?.length !== 1 || predicates[0]!.group !== 0) return false;
      intervals.push(...predicates[0]!.intervals);
    }
    const present = parts.every((part) => part.present.has(path));
    this.add(path, { intervals: union(intervals), exact: true }, 0, present);
    return true;
  }

  private condition(path: string, value: Value, group: number): void {
    if (!isOperators(value)) {
      this.add(path, equalIntervals(value), group, value !== null);
      return;
    }
    for (let i = 0; i < value.size; i++) this.operator(path, value.keys[i]!, value.values[i]!, value, group);
  }

  private operator(path: string, op: string, value: Value, siblings: Doc, group: number): void {
    switch (op) {
      case "$eq":
        // A regular expression under $eq is a value, not a pattern.
        if (value instanceof Regex) this.add(path, { intervals: [pointInterval(value)], exact: true }, group, true);
        else this.add(path, equalIntervals(value), group, value !== null);
        return;
      case "$in":
        if (!Array.isArray(value) || value.length > LONGEST_IN) break;
        this.add(path, inIntervals(value), group, !value.includes(null));
        return;
      case "$gt":
      case "$gte":
      case "$lt":
      case "$lte": {
        const set = orderIntervals(op, value);
        if (!set) break;
        this.add(path, set, group, value !== null);
        return;
      }
      case "$regex": {
        const options = siblings.get("$options");
        const pattern = value instanceof Regex ? value.pattern : value;
        if (typeof pattern !== "string") break;
        const flags = typeof options === "string" ? options : value instanceof Regex ? value.options : "";
        this.add(path, regexIntervals(pattern, flags), group, true);
        return;
      }
      case "$options":
      case "$comment":
        return;
      case "$exists":
        if (!truthy(value)) {
          this.add(path, { intervals: [pointInterval(null)], exact: false }, group, false);
          return;
        }
        break;
      case "$type": {
        const set = typeIntervals(value);
        if (!set) break;
        this.add(path, set, group, true);
        if (set.exact) return;
        // Said once more as what it is: a partial index may hold nothing else.
        this.rest.pop();
        break;
      }
      case "$all":
        if (Array.isArray(value) && value.length > 0 && !isOperators(value[0]))
          this.add(path, equalIntervals(value[0]!), group, value[0] !== null);
        break;
      case "$elemMatch":
        if (value instanceof Doc) this.element(path, value);
        break;
    }
    this.rest.push(group === 0 ? { path, op, value } : null);
  }

  private element(path: string, condition: Doc): void {
    const group = ++this.#groups;
    if (isOperators(condition) && !/^\$(and|or|nor|expr)$/.test(condition.keys[0]!)) {
      for (let i = 0; i < condition.size; i++) this.operator(path, condition.keys[i]!, condition.values[i]!, condition, group);
    } else this.read(condition, `${path}.`, group);
  }

  private add(path: string, set: IntervalSet, group: number, present: boolean): void {
    const list = this.fields.get(path);
    if (list) list.push({ ...set, group });
    else this.fields.set(path, [{ ...set, group }]);
    if (!set.exact) this.rest.push(null);
    if (present) this.present.add(path);
  }
}
