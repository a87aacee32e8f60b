/** A plan in MongoDB's explain language, and in one line for the slow log. */
import { Doc, type Value } from "../bson/value";
import type { CollectionTable } from "../storage/collection-table";
import type { IndexPlan, Plan, UnionPlan } from "./planner";

const ID_KEY = Doc.of({ _id: 1 });

/** The winning plan: COLLSCAN, or IXSCAN under FETCH; SORT above it when the order is made in memory. */
export function explainPlan(plan: Plan, sort: Value | undefined): Doc {
  const found = plan.kind === "union" ? unionStage(plan) : plan.kind === "scan" ? scanStage(plan.reverse) : fetchStage(plan);
  if (plan.sorted || !(sort instanceof Doc) || sort.size === 0) return found;
  return Doc.of({ stage: "SORT", sortPattern: sort, inputStage: found });
}

const scanStage = (reverse: boolean): Doc => Doc.of({ stage: "COLLSCAN", direction: reverse ? "backward" : "forward" });

function fetchStage(plan: IndexPlan): Doc {
  if (plan.ranges.length === 0) return Doc.of({ stage: "EOF" });
  return Doc.of({ stage: "FETCH", inputStage: indexStage(plan) });
}

function indexStage(plan: IndexPlan): Doc {
  const scan = Doc.of({
    stage: "IXSCAN",
    keyPattern: plan.index?.spec.key ?? ID_KEY,
    indexName: plan.index?.spec.name ?? "_id_",
    isMultiKey: (plan.index?.multikey ?? 0) !== 0,
    isUnique: plan.index?.unique ?? true,
    isSparse: plan.index?.spec.sparse ?? false,
    isPartial: plan.index?.spec.partial !== undefined && plan.index?.spec.partial !== null,
    direction: plan.reverse ? "backward" : "forward",
    ranges: plan.ranges.length,
    boundedFields: plan.bounded,
    exact: plan.exact,
  });
  return plan.merge && plan.ranges.length > 1 ? Doc.of({ stage: "SORT_MERGE", inputStage: scan }) : scan;
}

const unionStage = ({ branches, sorted }: UnionPlan): Doc =>
  Doc.of({
    stage: "FETCH",
    inputStage: Doc.of({ stage: sorted ? "SORT_MERGE" : "OR", inputStages: branches.map(indexStage) }),
  });

/** One line such as `IXSCAN inbox_1 (3 ranges)`. */
export function planText(plan: Plan, collection: CollectionTable): string {
  if (plan.kind === "scan") return `COLLSCAN ${collection.namespace}`;
  if (plan.kind === "union")
    return `${plan.sorted ? "SORT_MERGE" : "OR"} of ${plan.branches.map((branch) => planText(branch, collection)).join(", ")}`;
  return `IXSCAN ${collection.namespace} ${plan.index?.spec.name ?? "_id_"} (${plan.ranges.length} ranges)${plan.sorted ? "" : " + SORT"}`;
}
