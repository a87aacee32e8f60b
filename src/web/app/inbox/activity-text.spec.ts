import { TestBed } from "@angular/core/testing";
import { Words } from "../i18n/words";
import { activityText } from "./activity-text";
import { messageOf } from "./message.testing";

const ANA = "a".repeat(24);
const PEDRO = "b".repeat(24);
const names = {
  agent: (id: string) => ({ [ANA]: "Ana", [PEDRO]: "Pedro" })[id] ?? null,
  team: (id: string) => (id === "t" ? "Ventas" : null),
};

describe("the line of an activity", () => {
  const lineOf = (payload: Record<string, unknown>, content = "Ana did something") =>
    activityText(messageOf({ role: "system", type: "activity", payload, content }), TestBed.inject(Words), names);

  it.each([
    [{ kind: "assign", agent: ANA, by: ANA }, "Ana took it"],
    [{ kind: "assign", agent: PEDRO, by: ANA }, "Ana assigned it to Pedro"],
    [{ kind: "assign", agent: null, by: ANA }, "Ana put it back into the queue"],
    [{ kind: "transfer", team: "t", by: ANA }, "Ana passed it to the team Ventas"],
    [{ kind: "priority", to: "urgent", by: ANA }, "Ana set the priority to Urgent"],
    [{ kind: "label", added: ["vip"], removed: ["nuevo"], by: ANA }, "Ana added vip and removed nuevo"],
    [{ kind: "label", added: [], removed: ["nuevo"], by: ANA }, "Ana removed nuevo"],
    [{ kind: "status", to: "closed", by: ANA }, "Ana closed it"],
    [{ kind: "snooze", until: null, by: ANA }, "Ana snoozed it until the next reply"],
    [{ kind: "assistant", on: false, by: ANA }, "Ana took it from the assistant"],
    [{ kind: "needs-person", reason: "budget" }, "Waiting for a person: the budget is used up"],
    [{ kind: "hand-off", reason: "her own words", summary: "" }, "The assistant handed over: her own words"],
    [
      { kind: "hand-off", reason: "angry", summary: "It is late." },
      "The assistant handed over: the customer is angry · It is late.",
    ],
    [{ kind: "csat", score: 4, scale: 5 }, "The customer rates it 4/5"],
    [{ kind: "woken" }, "The snooze is over"],
  ])("%j", (payload, expected) => expect(lineOf(payload)).toBe(expected));

  it("tells which rule has acted, and that a rule or macro could not do everything", () => {
    const by = "rule:1";
    expect(lineOf({ kind: "priority", to: "high", by }, 'Rule "Reclamos hoy" set the priority to high')).toBe(
      "“Reclamos hoy” set the priority to High",
    );
    const outcomes = [{ do: "label", state: "done" }];
    expect(lineOf({ kind: "rule", name: "Reclamos", outcomes })).toBe("Rule “Reclamos” did its part");
    expect(lineOf({ kind: "macro", name: "Cierre", by: ANA, outcomes: [...outcomes, { do: "reply", state: "failed" }] })).toBe(
      "Ana ran “Cierre” · not everything worked",
    );
  });

  it("keeps the server's words for what it does not know, and the name of somebody who has left", () => {
    expect(lineOf({ kind: "from-tomorrow" }, "Something new")).toBe("Something new");
    expect(lineOf({ kind: "status", to: "resolved", by: "gone" }, "Lucía resolved it")).toBe("Lucía resolved it");
  });
});
