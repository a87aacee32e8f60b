/** Chooses how to find the documents of a filter: which index, which key ranges, whether the order comes for free. */
import { keyAfter, keyOf } from "../bson/key";
import { Doc, Oid, type Value } from "../bson/value";
import { commandError } from "../command-error";
import type { Order } from "../query/order";
import type { CollectionTable } from "../storage/collection-table";
import type { IndexTable } from "../storage/index-table";
import { type Bounds, boundFields, EVERYTHING, ID_SHAPE, type KeyRange, type Shape, shapeOf, sortBy } from "./bounds";
import { analyse, type Conditions, type Predicate } from "./condition";
import { implies, repeats } from "./partial";

/** null stands for the index on _id, which is the collection table itself. */
export interface IndexPlan {
  kind: "index";
  index: IndexTable | null;
  ranges: KeyRange[];
  /** The ranges have to be merged by what follows the prefix; otherwise they are read one after the other. */
  merge: boolean;
  reverse: boolean;
  sorted: boolean;
  /** Every entry in the ranges is a match: the filter need not be tested. */
  exact: boolean;
  /** A document can appear more than once. */
  dedupe: boolean;
  /** Fields with equality or ranges, for the choice between plans and for explain. */
  bounded: number;
  /** The ranges are one whole key of a unique index. */
  one: boolean;
  score: number;
}

export interface ScanPlan {
  kind: "scan";
  reverse: boolean;
  sorted: boolean;
  exact: boolean;
}

export interface UnionPlan {
  kind: "union";
  branches: IndexPlan[];
  /** All branches are in the wanted order, and are merged by it. */
  order: Order | null;
  sorted: boolean;
  exact: false;
}

export type Plan = IndexPlan | ScanPlan | UnionPlan;

export interface PlanRequest {
  collection: CollectionTable;
  filter: Doc;
  order: Order | null;
  hint: Value | undefined;
}

export function choosePlan({ collection, filter, order, hint }: PlanRequest): Plan {
  const byId = hint === undefined ? planById(filter) : null;
  if (byId) return byId;
  const conditions = analyse(filter);
  const emptyFilter = conditions.rest.length === 0 && conditions.fields.size === 0;
  const natural = hint instanceof Doc ? hint.get("$natural") : undefined;
  const scan: ScanPlan = { kind: "scan", reverse: natural === -1, sorted: order === null, exact: emptyFilter };
  if (natural !== undefined) return scan;
  if (hint !== undefined) {
    const forced = planIndex(hinted(collection, hint), filter, conditions, order, true);
    return forced ?? scan;
  }
  let best: IndexPlan | null = null;
  for (const index of [null, ...collection.indexes]) {
    if (index?.spec.hidden || !canServe(index, conditions, order)) continue;
    const plan = planIndex(index, filter, conditions, order);
    if (!plan || (plan.bounded === 0 && !(plan.sorted && order))) continue;
    // One document at most: nothing can beat that.
    if (plan.one) return plan;
    if (!best || isBetter(plan, best)) best = plan;
  }
  const merged = order ? unionPlan(collection, filter, conditions, order) : null;
  if (merged && isNarrower(merged, best)) return merged;
  if (best && best.bounded > 0) return best;
  return unionPlan(collection, filter, conditions, null) ?? best ?? scan;
}

/** Merging beats reading everything, and an index that bounds fewer fields than each of the branches. */
const isNarrower = ({ branches }: UnionPlan, best: IndexPlan | null): boolean =>
  best === null || branches.every((branch) => branch.bounded > best.bounded);

/** An index whose first field is neither asked about nor sorted by cannot help. */
function canServe(index: IndexTable | null, conditions: Conditions, order: Order | null): boolean {
  const first = index ? index.spec.key.keys[0]! : "_id";
  return conditions.fields.has(first) || order?.paths[0] === first;
}

/** Searching a part of an index beats reading all of another one in the right order. */
const isBetter = (a: IndexPlan, b: IndexPlan): boolean => (a.bounded > 0 === b.bounded > 0 ? a.score > b.score : a.bounded > 0);

/** `{_id: value}`, by far the most frequent filter, without looking at anything else. */
function planById(filter: Doc): IndexPlan | null {
  const id = filter.size === 1 && filter.keys[0] === "_id" ? filter.values[0] : undefined;
  if (typeof id !== "string" && typeof id !== "number" && !(id instanceof Oid)) return null;
  const lo = keyOf(id);
  const range: KeyRange = { lo, hi: keyAfter(lo) ?? EVERYTHING.hi, prefix: lo.length };
  return { ...nothingIn(null, 1), ranges: [range], one: true };
}

/** The plan of a filter that no document can match. */
export const nothingIn = (index: IndexTable | null, bounded: number): IndexPlan => ({
  kind: "index",
  index,
  ranges: [],
  merge: false,
  reverse: false,
  sorted: true,
  exact: true,
  dedupe: false,
  bounded,
  one: false,
  score: 1000,
});

function hinted(collection: CollectionTable, hint: Value): IndexTable | null {
  const isId = hint === "_id_" || (hint instanceof Doc && hint.size === 1 && hint.keys[0] === "_id");
  if (isId) return null;
  const found = collection.indexes.find((index) =>
    hint instanceof Doc
      ? index.paths.length === hint.size &&
        index.spec.key.keys.every(
          (key, i) => key === hint.keys[i] && index.directions[i] === (Number(hint.values[i]) < 0 ? -1 : 1),
        )
      : index.spec.name === hint,
  );
  if (!found)
    throw commandError(
      "BadValue",
      "error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index",
    );
  return found;
}

/** A union of index plans, one or more for each branch of an $or; with an order only when all of them have it. */
function unionPlan(collection: CollectionTable, filter: Doc, conditions: Conditions, order: Order | null): UnionPlan | null {
  if (conditions.alternatives.length === 0) return null;
  const rest = withoutAlternatives(filter);
  for (const branches of conditions.alternatives) {
    const plans = branches.map((branch) => branchPlans(collection, new Doc(["$and"], [[branch, rest]]), order));
    if (plans.length === 0 || !plans.every((list) => list !== null)) continue;
    return { kind: "union", branches: plans.flat(), order, sorted: order !== null, exact: false };
  }
  return null;
}

/** Null when the documents of the branch can only be found by looking at all of them. */
function branchPlans(collection: CollectionTable, filter: Doc, order: Order | null): readonly IndexPlan[] | null {
  const plan = choosePlan({ collection, filter, order, hint: undefined });
  if (order && !plan.sorted) return null;
  if (plan.kind === "union") return plan.branches;
  return plan.kind === "index" && plan.bounded > 0 ? [plan] : null;
}

/** What else the filter asks, at every level where an $or counts as one of its alternatives: each is followed once. */
function withoutAlternatives(filter: Doc): Doc {
  const out = new Doc();
  filter.keys.forEach((key, i) => {
    const value = filter.values[i]!;
    if (key === "$or") return;
    const inner = key === "$and" && Array.isArray(value);
    out.push(key, inner ? value.map((item) => (item instanceof Doc ? withoutAlternatives(item) : item)) : value);
  });
  return out;
}

/** `isWanted`: a hint names it. Then a sparse index is used although it does not know every document, as in MongoDB. */
function planIndex(
  index: IndexTable | null,
  filter: Doc,
  conditions: Conditions,
  order: Order | null,
  isWanted = false,
): IndexPlan | null {
  const shape = index ? shapeOf(index) : ID_SHAPE;
  if (index?.spec.partial && !implies(filter, conditions, index.spec.partial)) return null;
  if (index?.spec.sparse && !isWanted && !shape.paths.some((path) => conditions.present.has(path))) return null;

  const bounds = boundFields(shape, conditions);
  if (bounds.ranges.length === 0) return nothingIn(index, shape.paths.length);
  const sorting = order ? sortBy(shape, bounds, order) : { reverse: false, merge: false };
  const partial = index?.spec.partial;
  const complete = conditions.rest.every((one) => one !== null && partial && repeats(partial, one));
  const exact = complete && usesAll(shape, bounds, conditions);
  const fullPoint = bounds.points === shape.paths.length && (index === null || index.unique);
  const score =
    bounds.points * 10 +
    (bounds.bounded - bounds.points) * 5 +
    (order && sorting ? 8 : 0) +
    (fullPoint ? 100 : 0) -
    shape.paths.length * 0.1 +
    (bounds.points > 0 && bounds.ranges.length === 1 ? 1 : 0);
  return {
    kind: "index",
    index,
    ranges: bounds.ranges,
    merge: sorting?.merge ?? false,
    reverse: sorting?.reverse ?? false,
    sorted: order === null || sorting !== null,
    exact,
    dedupe: shape.multikey !== 0,
    bounded: bounds.bounded,
    one: fullPoint && bounds.ranges.length === 1,
    score,
  };
}

/** True when every field of the filter is among the bounded ones, and the entries tell all about it. */
function usesAll(shape: Shape, bounds: Bounds, conditions: Conditions): boolean {
  for (const [path, predicates] of conditions.fields) {
    const at = shape.paths.indexOf(path);
    if (at < 0 || at >= bounds.bounded) return false;
    if ((shape.multikey & (1 << at)) !== 0 && !tellsElements(path, predicates, conditions)) return false;
  }
  return true;
}

/** One condition that a single element satisfies is decided by the element's own entry. */
const tellsElements = (path: string, predicates: readonly Predicate[], { present }: Conditions): boolean =>
  predicates.length === 1 && predicates[0]!.group === 0 && !path.includes(".") && present.has(path);
