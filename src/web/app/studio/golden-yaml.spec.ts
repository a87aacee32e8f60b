import { goldenYaml } from "./golden-yaml";

describe("a golden conversation from a trial", () => {
  it("names what was said before, the message and the outcome", () => {
    const history = [
      { role: "customer", text: "hola" },
      { role: "assistant", text: "Hola, ¿en qué ayudo?" },
    ] as const;
    expect(goldenYaml({ history, message: "¿precio?", outcome: "reply" })).toBe(
      'conversation:\n  - customer: "hola"\n  - assistant: "Hola, ¿en qué ayudo?"\nmessages:\n  - "¿precio?"\nexpect:\n  outcome: reply\n',
    );
  });

  it("keeps texts that look like YAML as texts, each on its line", () => {
    const yaml = goldenYaml({ history: [], message: 'a: "b"\n- c # d', outcome: "hand-off" });
    expect(yaml).toBe('messages:\n  - "a: \\"b\\"\\n- c # d"\nexpect:\n  outcome: hand-off\n');
  });

  it("expects nothing where the outcome is none that can be expected", () => {
    expect(goldenYaml({ history: [], message: "x", outcome: "failed" })).toContain("expect:\n  includes: []");
  });
});
