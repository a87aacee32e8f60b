import { expect, test } from "bun:test";
import { requestIdOf } from "../../src/core/request-id";

const requestWith = (id?: string) =>
  new Request("http://localhost/", id === undefined ? {} : { headers: { "x-request-id": id } });

test("a request keeps its id however often it is asked", () => {
  const request = requestWith();
  expect(requestIdOf(request)).toMatch(/^req_[0-9a-f]{24}$/);
  expect(requestIdOf(request)).toBe(requestIdOf(request));
  expect(requestIdOf(requestWith())).not.toBe(requestIdOf(request));
});

test("a harmless id of the caller is taken over", () => {
  expect(requestIdOf(requestWith("trace-0001_A"))).toBe("trace-0001_A");
});

test.each([
  ["too short", "abc"],
  ["too long", "a".repeat(81)],
  ["with quotes", 'abc"def"ghi'],
  ["with markup", "<script>alert(1)</script>"],
  ["with spaces", "abc def ghi"],
  ["empty", ""],
])("an id that is %s is replaced", (_, id) => {
  expect(requestIdOf(requestWith(id))).toMatch(/^req_/);
});
