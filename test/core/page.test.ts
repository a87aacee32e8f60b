import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/core/errors";
import { decodeCursor, encodeCursor, toPage } from "../../src/core/page";

const codeOf = (run: () => unknown): string | null => {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

test("a cursor carries the keys of a row and is safe in a URL", () => {
  const keys = [1_790_000_000_123, "019345f2c1a4000a5be1f00d"];
  const cursor = encodeCursor(keys);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(decodeCursor(cursor, ["number", "string"])).toEqual(keys);
});

const text = (value: string) => Buffer.from(value).toString("base64url");

test.each([
  ["nothing", ""],
  ["no base64", "!!!"],
  ["no JSON", text("[1,")],
  ["an object", text('{"0":1,"1":"a"}')],
  ["null", text("null")],
  ["too few keys", encodeCursor([1])],
  ["too many keys", encodeCursor([1, "a", "b"])],
  ["keys of another kind", encodeCursor(["a", 1])],
  ["an operator instead of a key", text('[1,{"$gt":""}]')],
  ["a key that is null", text('[null,"a"]')],
  ["a number that is no time", text('[1e300,"a"]')],
  ["a list as key", text('[[1],"a"]')],
])("a cursor that holds %s is refused", (_, cursor) => {
  expect(codeOf(() => decodeCursor(cursor, ["number", "string"]))).toBe("request.cursor");
});

describe("toPage", () => {
  const rows = [5, 4, 3].map((id) => ({ id, secret: "x" }));
  const item = ({ id }: { id: number }) => id;
  const keys = ({ id }: { id: number }) => [id];

  test("one row more than the limit: the page is cut and the cursor names the last row shown", () => {
    const { items, next } = toPage(rows, 2, item, keys);
    expect(items).toEqual([5, 4]);
    expect(decodeCursor(next ?? "", ["number"])).toEqual([4]);
  });

  test("as many rows as the limit, fewer, or none: the last page", () => {
    expect(toPage(rows, 3, item, keys)).toEqual({ items: [5, 4, 3], next: null });
    expect(toPage(rows, 9, item, keys).next).toBeNull();
    expect(toPage([], 9, item, keys)).toEqual({ items: [], next: null });
  });
});
