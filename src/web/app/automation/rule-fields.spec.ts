import { attributeFields, isTold, type RuleField, valueLook } from "./rule-fields";

const TEXT: RuleField = { name: "message.text", kind: "text", operators: ["equals", "contains"] };

describe("what conditions can look at", () => {
  it("is what the event tells something about", () => {
    expect(isTold("message.text", "message:received")).toBe(true);
    expect(isTold("message.text", "sla:warned")).toBe(false);
    expect(isTold("before.team", "conversation:assigned")).toBe(true);
    expect(isTold("before.team", "message:received")).toBe(false);
    expect(isTold("event.score", "csat:received")).toBe(true);
    expect(isTold("event.target", "sla:breached")).toBe(true);
    expect(isTold("contact.name", "silence:team")).toBe(true);
  });

  it("has the attributes, too, compared like other fields of their kind; kinds nobody knows are left out", () => {
    expect(
      attributeFields(
        [
          { key: "city", type: "text" },
          { key: "x", type: "new" },
        ],
        [TEXT],
      ),
    ).toEqual([{ name: "contact.attributes.city", kind: "text", operators: TEXT.operators }]);
  });

  it("asks for values as their kind wants them", () => {
    expect(valueLook(TEXT, "contains", false)).toBe("texts");
    expect(valueLook(TEXT, "unset", false)).toBe("none");
    expect(valueLook({ name: "conversation.team", kind: "choice" }, "equals", false)).toBe("choices");
    expect(valueLook({ name: "contact.createdAt", kind: "date" }, "within-days", false)).toBe("number");
    expect(valueLook({ name: "contact.createdAt", kind: "date" }, "before", false)).toBe("date");
    expect(valueLook({ name: "hours.open", kind: "boolean" }, "equals", false)).toBe("switch");
  });
});
