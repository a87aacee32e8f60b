import type { MacroView } from "@server/features/macros/macro.schema";
import { en } from "../i18n/en";
import { enMore } from "../i18n/more/en";
import { macroSteps } from "./macro-steps";

const words: Record<string, string> = { ...en, ...enMore };
const t = (key: string, params: Record<string, string | number> = {}) =>
  (words[key] ?? key).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(params[name]));
const names = { agent: () => "Ana", team: () => "Ventas", customer: "Rosa Condori", me: "Lucía Paredes" };
const step = (action: MacroView["actions"][number]) => macroSteps([action], t as never, names)[0];

describe("what a macro will do", () => {
  it.each([
    [{ do: "label", add: ["vip"], remove: ["nuevo"] }, "Add vip · Remove nuevo"],
    [{ do: "assign", agent: "a" }, "Assign to Ana"],
    [{ do: "assign", agent: null }, "Assign to nobody"],
    [{ do: "transfer", team: "t" }, "Pass to the team Ventas"],
    [{ do: "snooze", minutes: 1440 }, "Snooze for 1 d"],
    [{ do: "snooze", minutes: 90 }, "Snooze for 90 min"],
    [{ do: "snooze", minutes: null }, "Snooze until the customer writes"],
    [{ do: "status", status: "resolved" }, "Resolve"],
    [{ do: "webhook", url: "https://erp.example/hook?x=1" }, "Tell erp.example"],
    [{ do: "attribute", key: "ciudad", value: null }, "Set ciudad to –"],
  ] as const)("%j", (action, expected) => expect(step(action as never)?.text).toBe(expected));

  it("shows the words as they will be read, as far as they are known", () => {
    const text =
      "Hola {{contact.first_name|cliente}}, soy {{agent.name}}. Su pedido {{contact.attributes.pedido}} de {{x.y|hoy}} va.";
    expect(step({ do: "reply", text })?.said).toBe("Hola Rosa, soy Lucía Paredes. Su pedido … de hoy va.");
  });
});
