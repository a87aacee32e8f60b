/** Every sentence about a single field has a code, so that clients can say it in other languages. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FIELD_RULES, type FieldRule, ruleIn, sentenceOf } from "../../src/core/field-rule";

const SRC = join(import.meta.dir, "../../src");
/** Where requests are answered. */
const ROOMS = ["features", "http", "channels/whatsapp/compose"];
const QUOTED = "(\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`)";
/** The ways in which a sentence gets to a field: in a detail, as the last thing that is given to a refusal, as the problem of a value. */
const WAYS = [
  new RegExp(`\\bpath(?:: [^\\n]*?)?,\\s*message: ${QUOTED}`, "g"),
  new RegExp(`\\b(?:refuse|invalid)\\((?:[^;\\n]*,\\s*)?${QUOTED}\\)`, "g"),
];
const VALUES = new RegExp(`\\bproblem: ${QUOTED}`, "g");

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });

/** With something in the place of every value. */
const example = (quoted: string): string =>
  quoted
    .slice(1, -1)
    .replaceAll(/\$\{[^{}]*\}/g, "7")
    .replaceAll(/\\(.)/g, "$1");

/** Refusals there are about the whole request, and commands are answered in a terminal. */
const OTHERS = /conversation-action\.service\.ts$|\/control-[\w-]+\.ts$/;

const said = ROOMS.flatMap((room) => filesUnder(join(SRC, room)))
  .filter((path) => !OTHERS.test(path))
  .flatMap((path) => {
    const text = readFileSync(path, "utf8");
    const ways = path.includes("/attributes/") ? [...WAYS, VALUES] : WAYS;
    return ways.flatMap((way) => [...text.matchAll(way)].map((found) => ({ path, sentence: example(found[1] ?? "") })));
  });

describe("what is wrong with a field", () => {
  test("is said in sentences that are known by a code", () => {
    expect(said.length).toBeGreaterThan(80);
    const strange = said.filter(({ sentence }) => /[a-z]{2}/.test(sentence) && ruleIn(sentence) === null);
    expect(strange.map(({ path, sentence }) => `${path.slice(SRC.length)}: ${sentence}`)).toEqual([]);
  });

  test("no sentence is taken for another one", () => {
    const rules = Object.keys(FIELD_RULES) as FieldRule[];
    const values = new Proxy({}, { get: () => "7" }) as Record<string, string>;
    expect(rules.filter((rule) => ruleIn(sentenceOf(rule, values))?.rule !== rule)).toEqual([]);
  });

  test("the values are found again, whatever customers are called", () => {
    expect(ruleIn("must be at least 2 characters")).toEqual({ rule: "text.short", params: { least: "2" } });
    expect(ruleIn("names {{contact.mood}}, which is not known here")).toEqual({
      rule: "variable.unknown",
      params: { name: "contact.mood" },
    });
    expect(ruleIn('There is no label "a" appears twice".')).toEqual({ rule: "label.gone", params: { name: 'a" appears twice' } });
    expect(ruleIn("must be nice")).toBeNull();
    expect(ruleIn("")).toBeNull();
  });
});
