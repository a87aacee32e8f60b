/** A macro while it is being written. Pure. */
import type { MacroView, NewMacro } from "@server/features/macros/macro.schema";
import { tidy } from "./action-kinds";
import { actionsOf, type Step, stepsOf } from "./rule-draft";

export interface MacroDraft {
  name: string;
  description: string;
  visibility: MacroView["visibility"];
  teams: readonly string[];
  steps: readonly Step[];
}

export const blankMacro = (): MacroDraft => ({ name: "", description: "", visibility: "personal", teams: [], steps: [] });

export const macroDraftOf = ({ name, description, visibility, teams, actions }: MacroView): MacroDraft => ({
  name,
  description,
  visibility,
  teams,
  steps: stepsOf(actions),
});

/** As the server takes it. Teams count only where it is theirs. */
export const macroOf = ({ name, description, visibility, teams, steps }: MacroDraft): Required<NewMacro> => ({
  name: name.trim(),
  description,
  visibility,
  teams: visibility === "team" ? [...teams] : [],
  actions: actionsOf(steps).map(tidy),
});

export const isSameMacro = (one: MacroDraft, other: MacroDraft): boolean =>
  JSON.stringify({ ...one, steps: actionsOf(one.steps) }) === JSON.stringify({ ...other, steps: actionsOf(other.steps) });
