import { expect, test } from "bun:test";
import { plainComments } from "../../src/tools/build/plain-comments";

test("accents in legal comments are taken off, so that the program stays plain ASCII", () => {
  expect(plainComments("//! (c) Héctor Molinero\nlet a = 1;")).toBe("//! (c) Hector Molinero\nlet a = 1;");
  expect(plainComments("/*! © 2020 José */ let a = 1;")).toBe("/*! ? 2020 Jose */ let a = 1;");
  expect(plainComments("/**\n * @license MIT, Łukasz\n */")).toBe("/**\n * @license MIT, ?ukasz\n */");
});

test("nothing else is touched", () => {
  expect(plainComments('const greeting = "¿Qué?"; // también')).toBeNull();
  expect(plainComments("//! plain")).toBeNull();
  expect(plainComments('//! José\nconst text = "José";')).toBe('//! Jose\nconst text = "José";');
});
