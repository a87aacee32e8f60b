/** explain: runs the planner (and, for executionStats, the search) and tells what it chose. */
import { decode } from "../bson/decode";
import { Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { explainPlan } from "../plan/explain";
import { choosePlan, nothingIn, type Plan } from "../plan/planner";
import { find } from "../query/find";
import { truthy } from "../query/leaf";
import { readOrder } from "../query/order";
import type { CommandContext } from "./context";
import { hintOf } from "./query";
import { okReply } from "./reply";
import { type CommandCall, docField, integerField } from "./request";

interface Question {
  filter: Doc;
  sort: Value | undefined;
  hint: Value | undefined;
  skip: number;
  limit: number;
}

export function explain(call: CommandCall, context: CommandContext): Uint8Array {
  const inner = call.body.values[0];
  if (!(inner instanceof Doc)) throw commandError("FailedToParse", "explain needs a command");
  const verbosity = call.body.get("verbosity") ?? "allPlansExecution";
  return explainCommand({ ...call, body: inner, name: inner.keys[0] ?? "" }, verbosity !== "queryPlanner", context, {
    tellsAll: verbosity === "allPlansExecution",
  });
}

/** Explains find, count, distinct, update, delete, findAndModify and the search in front of an aggregate. */
export function explainCommand(
  call: CommandCall,
  execute: boolean,
  context: CommandContext,
  { tellsAll = false }: { tellsAll?: boolean } = {},
): Uint8Array {
  const question = questionOf(call);
  const namespace = `${call.database}.${String(call.body.values[0])}`;
  const collection = context.collection(namespace);
  const order = readOrder(question.sort);
  const plan: Plan = collection
    ? choosePlan({ collection, filter: question.filter, order, hint: question.hint })
    : nothingIn(null, 1);
  const queryPlanner = Doc.of({
    namespace,
    parsedQuery: question.filter,
    winningPlan: explainPlan(plan, question.sort),
    rejectedPlans: [],
  });
  let stats: Doc | undefined;
  if (execute) {
    let examined = 0;
    let returned = 0;
    if (collection) {
      const counting: CommandContext = {
        ...context,
        planned: () => {},
        examined: (_plan, _collection, n) => {
          examined = n;
        },
      };
      for (const _ of find({ collection, ...question }, counting).rows) returned++;
    }
    const keys = plan.kind === "scan" ? 0 : examined;
    stats = Doc.of({
      executionSuccess: true,
      nReturned: returned,
      totalKeysExamined: keys,
      totalDocsExamined: examined,
      executionStages: explainPlan(plan, question.sort),
      // The winning plan is chosen without trying others.
      ...(tellsAll ? { allPlansExecution: [] } : {}),
    });
  }
  return okReply({
    explainVersion: "1",
    queryPlanner,
    executionStats: stats,
    command: call.body,
    serverInfo: Doc.of({ host: "embedded", version: "7.0.0" }),
  });
}

function questionOf(call: CommandCall): Question {
  const { body } = call;
  const hint = hintOf(body);
  const skip = integerField(call, "skip", 0);
  const limit = Math.abs(integerField(call, "limit", 0));
  switch (call.name) {
    case "find":
      return { filter: docField(call, "filter"), sort: body.get("sort"), hint, skip, limit };
    case "count":
    case "distinct":
      return { filter: docField(call, "query"), sort: undefined, hint, skip, limit };
    case "findAndModify":
      return { filter: docField(call, "query"), sort: body.get("sort"), hint, skip: 0, limit: 1 };
    case "update":
    case "delete": {
      const list = call.payload ? call.payload.map((bytes) => decode(bytes)) : body.get(`${call.name}s`);
      const [first] = Array.isArray(list) ? list : [];
      const filter = first instanceof Doc ? first.get("q") : undefined;
      return { filter: filter instanceof Doc ? filter : new Doc(), sort: undefined, hint: undefined, skip: 0, limit: 0 };
    }
    case "aggregate":
      return aggregateQuestion(body);
  }
  throw commandError("CommandNotSupported", `Explain failed due to unknown command: ${call.name}`);
}

function aggregateQuestion(body: Doc): Question {
  const pipeline = body.get("pipeline");
  const [first, second] = Array.isArray(pipeline) ? pipeline : [];
  const match = first instanceof Doc ? first.get("$match") : undefined;
  const next = match instanceof Doc ? second : first;
  const sort = next instanceof Doc ? next.get("$sort") : undefined;
  return { filter: match instanceof Doc ? match : new Doc(), sort, hint: hintOf(body), skip: 0, limit: 0 };
}

/** True when the command asks for its own explanation. */
export const wantsExplain = (call: CommandCall): boolean => truthy(call.body.get("explain"));
