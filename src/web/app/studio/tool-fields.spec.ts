import { argsFrom, fieldsOf, headersFrom, type Parameter, toolFrom } from "./tool-fields";

const parameter = (name: string, type: Parameter["type"] = "text"): Parameter => ({
  ...{ name, type, description: "", isRequired: true, options: [] },
});

describe("the form of a tool", () => {
  it("sends a secret only when one was typed", () => {
    const fields = { ...fieldsOf(null), name: " order_status ", secretHeader: " authorization " };
    expect(toolFrom(fields)).toMatchObject({ name: "order_status", secretHeader: "authorization" });
    expect("secret" in toolFrom(fields)).toBe(false);
    expect(toolFrom({ ...fields, secret: "Bearer x" }).secret).toBe("Bearer x");
    expect(toolFrom({ ...fields, secretHeader: "" }).secretHeader).toBeNull();
  });

  it("reads headers line by line", () => {
    expect(headersFrom("accept: text/plain\n\n x-shop :  a: b \nbroken")).toEqual({
      accept: "text/plain",
      "x-shop": "a: b",
      broken: "",
    });
    expect(headersFrom("")).toEqual({});
  });

  it("makes arguments of a trial what their parameters are", () => {
    const given: Record<string, string> = { order: " 12 ", count: "3", gift: "true", note: "" };
    const parameters = [parameter("order"), parameter("count", "number"), parameter("gift", "boolean"), parameter("note")];
    expect(argsFrom(parameters, (name) => given[name] ?? "")).toEqual({ order: "12", count: 3, gift: true });
    expect(argsFrom([parameter("count", "number")], () => "many")).toEqual({ count: "many" });
  });
});
