import type { RuleView } from "@server/features/automation-rules/automation-rule.schema";
import { missingIn, tidy } from "./action-kinds";
import { blankRule, checksIn, conditionsOf, draftOf, isConditionEmpty, isSame, moved, nextKey, ruleOf } from "./rule-draft";

const RULE: RuleView = {
  id: "019345f2c1a4000a5be1f00d",
  name: "Reclamos",
  description: "",
  isEnabled: true,
  trigger: { event: "message:received" },
  conditions: {
    all: [
      { field: "message.text", is: "has-word", value: ["reclamo"] },
      {
        any: [
          { field: "contact.email", is: "unset" },
          { field: "conversation.unread", is: "above", value: 2 },
        ],
      },
    ],
  },
  actions: [{ do: "priority", priority: "urgent" }],
  stops: false,
  limit: { times: 10, minutes: 60 },
  order: 1,
  version: 3,
  createdAt: "2026-11-20T18:30:00.000Z",
  updatedAt: "2026-11-20T18:30:00.000Z",
};

describe("a rule that is being written", () => {
  it("says what is stored, and nothing more, until it is changed", () => {
    const { id: _, order: __, version: ___, createdAt: ____, updatedAt: _____, ...said } = RULE;
    expect(ruleOf(draftOf(RULE))).toEqual(said);
    expect(isSame(draftOf(RULE), draftOf(RULE))).toBe(true);
    expect(isSame(draftOf(RULE), { ...draftOf(RULE), stops: true })).toBe(false);
    expect(isSame(blankRule(), blankRule())).toBe(true);
  });

  it("names its comparisons in the order in which the server answers them", () => {
    expect(checksIn(draftOf(RULE).conditions).map(({ field }) => field)).toEqual([
      "message.text",
      "contact.email",
      "conversation.unread",
    ]);
  });

  it("sends no value where none is compared, no empty group, and never 'any of nothing'", () => {
    const check = { key: nextKey(), field: "contact.email", is: "unset" as const, value: "left over" };
    const group = { key: nextKey(), mode: "any" as const, checks: [] };
    expect(conditionsOf({ mode: "any", nodes: [check, group] })).toEqual({ any: [{ field: "contact.email", is: "unset" }] });
    expect(conditionsOf({ mode: "any", nodes: [group] })).toEqual({ all: [] });
  });

  it("knows which comparison has no value yet: no and nought are values", () => {
    const check = (value?: string | number | boolean | string[]) => ({
      field: "x",
      is: "equals" as const,
      ...(value === undefined ? {} : { value }),
    });
    expect([check(), check(""), check([])].map(isConditionEmpty)).toEqual([true, true, true]);
    expect([check(0), check(false), check("a")].map(isConditionEmpty)).toEqual([false, false, false]);
    expect(isConditionEmpty({ field: "x", is: "set" })).toBe(false);
  });

  it("moves a line by one place, and leaves the ends where they are", () => {
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  });
});

describe("an action that is being written", () => {
  it("is told what it lacks", () => {
    expect(missingIn({ do: "reply", text: "  " })).toBe("text");
    expect(missingIn({ do: "label", add: [], remove: [] })).toBe("label");
    expect(missingIn({ do: "label", remove: ["vip"] })).toBeNull();
    expect(missingIn({ do: "attribute", key: "city", value: "" })).toBe("attribute");
    expect(missingIn({ do: "attribute", key: "city", value: null })).toBeNull();
    expect(missingIn({ do: "webhook", url: "ftp://example.com" })).toBe("url");
    expect(missingIn({ do: "mail", to: "a@b.co", subject: "", text: "x" })).toBe("mail");
    expect(missingIn({ do: "send", message: { type: "template", template: { name: "pago", language: "es", body: [""] } } })).toBe(
      "values",
    );
    expect(
      missingIn({
        do: "send",
        message: {
          type: "interactive",
          interactive: { kind: "list", body: "?", button: "", sections: [{ rows: [{ id: "1", title: "Sí" }] }] },
        },
      }),
    ).toBe("choices");
    expect(missingIn({ do: "send", message: { type: "image", image: { link: "https://example.com/a.png" } } })).toBeNull();
  });

  it("leaves out lists and headers in which nothing is", () => {
    expect(tidy({ do: "label", add: ["vip"], remove: [] })).toEqual({ do: "label", add: ["vip"] });
    expect(tidy({ do: "webhook", url: " https://example.com ", headers: {} })).toEqual({
      do: "webhook",
      url: "https://example.com",
    });
  });
});
