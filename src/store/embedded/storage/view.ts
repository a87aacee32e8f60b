/** A view: a pipeline that is run on a collection, or on another view, whenever the view is read. */
import { Doc, type Value } from "../bson/value";

export interface View {
  readonly namespace: string;
  /** Name of what it reads, in the same database. */
  readonly on: string;
  readonly pipeline: readonly Value[];
}

export const viewOptions = ({ on, pipeline }: View): Doc => Doc.of({ viewOn: on, pipeline: [...pipeline] });

export function viewFrom(namespace: string, options: Doc): View {
  const pipeline = options.get("pipeline");
  return { namespace, on: String(options.get("viewOn")), pipeline: Array.isArray(pipeline) ? pipeline : [] };
}
