/** A rule while it is being written: its conditions and actions with a key for each line, and what is still missing. Pure. */
import type { AutomationAction } from "@server/features/automation-actions/automation-action.schema";
import type { NewRule, RuleView } from "@server/features/automation-rules/automation-rule.schema";
import type { Check, Conditions, Node } from "@server/features/automation-rules/condition.schema";
import { needsValue } from "./rule-fields";

export type Mode = "all" | "any";
export interface CheckDraft extends Check {
  key: number;
}
export interface GroupDraft {
  key: number;
  mode: Mode;
  checks: readonly CheckDraft[];
}
export interface ConditionsDraft {
  mode: Mode;
  nodes: readonly (CheckDraft | GroupDraft)[];
}
export interface Step {
  key: number;
  action: AutomationAction;
}

export interface RuleDraft extends Required<Omit<NewRule, "conditions" | "actions">> {
  conditions: ConditionsDraft;
  steps: readonly Step[];
}

let keys = 0;
/** A key that no other line of this page has. */
export const nextKey = (): number => ++keys;

export const isGroup = (node: CheckDraft | GroupDraft): node is GroupDraft => "checks" in node;

export const stepsOf = (actions: readonly AutomationAction[]): Step[] => actions.map((action) => ({ key: nextKey(), action }));
export const actionsOf = (steps: readonly Step[]): AutomationAction[] => steps.map(({ action }) => action);

const checkDraft = (check: Check): CheckDraft => ({ ...check, key: nextKey() });
const checksOf = (checks: readonly Check[]) => checks.map(checkDraft);

export function conditionsDraft(conditions: Conditions): ConditionsDraft {
  const [mode, nodes] = "all" in conditions ? (["all", conditions.all] as const) : (["any", conditions.any] as const);
  return {
    mode,
    nodes: nodes.map((node) => {
      if ("all" in node) return { key: nextKey(), mode: "all" as const, checks: checksOf(node.all) };
      if ("any" in node) return { key: nextKey(), mode: "any" as const, checks: checksOf(node.any) };
      return checkDraft(node);
    }),
  };
}

function plainCheck({ key: _, value, ...check }: CheckDraft): Check {
  return needsValue(check.is) && value !== undefined ? { ...check, value } : check;
}

const under = <T>(mode: Mode, list: T[]): { all: T[] } | { any: T[] } => (mode === "all" ? { all: list } : { any: list });

/** As the server takes them. Groups in which nothing is left are left out. */
export function conditionsOf({ mode, nodes }: ConditionsDraft): Conditions {
  const plain = nodes.flatMap((node): Node[] => {
    if (!isGroup(node)) return [plainCheck(node)];
    return node.checks.length > 0 ? [under(node.mode, node.checks.map(plainCheck))] : [];
  });
  // Any of nothing never holds; nobody means that.
  return plain.length === 0 ? { all: [] } : (under(mode, plain) as Conditions);
}

export const isConditionEmpty = ({ is, value }: Check): boolean =>
  needsValue(is) && (value === undefined || value === "" || (Array.isArray(value) && value.length === 0));

/** Every comparison in the order in which the server answers them. */
export const checksIn = ({ nodes }: ConditionsDraft): CheckDraft[] =>
  nodes.flatMap((node) => (isGroup(node) ? [...node.checks] : [node]));

export const blankRule = (): RuleDraft => ({
  name: "",
  description: "",
  isEnabled: true,
  trigger: { event: "message:received" },
  conditions: { mode: "all", nodes: [] },
  steps: [],
  stops: false,
  limit: { times: 10, minutes: 60 },
});

export function draftOf(rule: RuleView): RuleDraft {
  const { name, description, isEnabled, trigger, conditions, actions, stops, limit } = rule;
  return {
    name,
    description,
    isEnabled,
    trigger,
    conditions: conditionsDraft(conditions),
    steps: stepsOf(actions),
    stops,
    limit,
  };
}

/** As the server takes it. */
export function ruleOf({ conditions, steps, ...rest }: RuleDraft): Required<NewRule> {
  return { ...rest, name: rest.name.trim(), conditions: conditionsOf(conditions), actions: actionsOf(steps) };
}

/** Whether two drafts say the same. */
export const isSame = (one: RuleDraft, other: RuleDraft): boolean =>
  JSON.stringify(ruleOf(one)) === JSON.stringify(ruleOf(other));

/** A list with one of its lines moved by a place. */
export function moved<T>(list: readonly T[], from: number, step: 1 | -1): readonly T[] {
  const to = from + step;
  if (to < 0 || to >= list.length) return list;
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(to, 0, one);
  return next;
}
