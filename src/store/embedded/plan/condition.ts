/** What a filter says about each path, as interval sets an index can use. Everything else is left to the matcher. */
import { Doc, Regex, type Value } from "../bson/value";
import { isOperators, truthy } from "../query/leaf";
import { equalIntervals, type IntervalSet, inIntervals, orderIntervals, pointInterval, regexIntervals } from "./interval";

/** A longer list is not worth seeking one by one. */
const LONGEST_IN = 20_000;

export interface Predicate extends IntervalSet {
  /** Predicates of the same $elemMatch share a number: they hold for one and the same array element. */
  group: number;
}

export interface Conditions {
  fields: Map<string, Predicate[]>;
  /** True when the intervals above say everything the filter says. */
  complete: boolean;
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
  complete = true;
  #groups = 0;

  read(filter: Doc, prefix: string, group: number): void {
    for (let i = 0; i < filter.size; i++) {
      const key = filter.keys[i]!;
      const value = filter.values[i]!;
      if (!key.startsWith("$")) this.condition(prefix + key, value, group);
      else if (key === "$and" && Array.isArray(value)) {
        for (const branch of value) if (branch instanceof Doc) this.read(branch, prefix, group);
      } else if (key !== "$comment") {
        this.complete = false;
        if (key === "$or" && prefix === "" && Array.isArray(value)) {
          this.alternatives.push(value.filter((branch) => branch instanceof Doc));
        }
      }
    }
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
      case "$all":
        if (Array.isArray(value) && value.length > 0 && !isOperators(value[0]))
          this.add(path, equalIntervals(value[0]!), group, value[0] !== null);
        break;
      case "$elemMatch":
        if (value instanceof Doc) this.element(path, value);
        break;
    }
    this.complete = false;
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
    if (!set.exact) this.complete = false;
    if (present) this.present.add(path);
  }
}
