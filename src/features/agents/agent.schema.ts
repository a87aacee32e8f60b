/** What the agent routes accept and answer. */
import { Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { AgentView, Id } from "../../events/view";

export const AgentParams = t.Object({ id: Id });
export const AgentAnswer = okSchema(AgentView);
export const AgentList = okSchema(t.Array(AgentView));
