import { expect, test } from "bun:test";
import { AppError, describeError, fail } from "../../src/core/errors";

test("a code brings its status, its sentence and whether trying again can help", () => {
  expect(fail("contact.not-found")).toMatchObject({
    name: "AppError",
    code: "contact.not-found",
    status: 404,
    message: "This contact does not exist.",
    retryable: false,
  });
  expect(fail("store.unavailable")).toMatchObject({ status: 503, retryable: true });
});

test("a case can be named more exactly, and carries its details, its cause and when to come back", () => {
  const cause = new Error("disk gone");
  const details = [{ path: "body.email", message: "is not an e-mail" }];
  const error = fail("request.invalid", { message: "Better words.", details, cause, retryAfter: 5 });
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ message: "Better words.", details, cause, retryAfter: 5 });
});

test("without a cause there is none", () => {
  expect("cause" in fail("internal")).toBe(false);
});

test("anything that can be thrown has a text", () => {
  expect(describeError(new Error("a"))).toBe("a");
  expect(describeError("b")).toBe("b");
  expect(describeError(undefined)).toBe("undefined");
});
