/** What actions name, each with its place. Pure. */
import { type Reference, referencesIn } from "../references/reference.service";
import type { AutomationAction } from "./automation-action.schema";

/** Of a list of actions at `path`. */
export const referencesInActions = (actions: readonly AutomationAction[], path = "actions"): Reference[] =>
  actions.flatMap((action, index) => referencesInAction(action, `${path}.${index}`));

function referencesInAction(action: AutomationAction, path: string): Reference[] {
  switch (action.do) {
    case "label":
    case "contact-label":
      return [...referencesIn("label", action.add, `${path}.add`), ...referencesIn("label", action.remove, `${path}.remove`)];
    case "assign":
    case "follow":
      return action.agent === null ? [] : [{ kind: "agent", id: action.agent, path: `${path}.agent` }];
    case "transfer":
      return action.team === null ? [] : [{ kind: "team", id: action.team, path: `${path}.team` }];
    case "note":
      return referencesIn("agent", action.mentions, `${path}.mentions`);
    case "attribute":
      return [{ kind: "attribute", id: action.key, path: `${path}.key` }];
    case "send": {
      const { message } = action;
      if (!("type" in message) || message.type !== "template") return [];
      const { name, language } = message.template;
      return [{ kind: "template", id: `${name}/${language}`, path: `${path}.message.template` }];
    }
    default:
      return [];
  }
}
