/**
 * The server explains its permissions and settings in English; the pages say it in the language of their reader. Whoever adds a
 * permission or a setting is told here which words are missing.
 */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ERROR_SENTENCES } from "../../../src/core/errors";
import { FIELD_RULES } from "../../../src/core/field-rule";
import { createTestApp, type TestApp } from "../../helpers/test-app";

interface Schema {
  description?: string;
  type?: string;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
}

interface Group {
  group: string;
  title: string;
  description: string;
  schema: Schema;
}

type Texts = Record<string, string>;

const WORDS = join(import.meta.dir, "../../../src/web/app/i18n");
/** Loaded by path: the pages have a compiler of their own. */
const texts = async (file: string, name: string): Promise<Texts> => (await import(join(WORDS, file)))[name];
const missing = (wanted: readonly string[], there: Texts): string[] => wanted.filter((key) => !there[key]?.trim());

/** Read in a terminal, in a log or by programs: never on a page. */
const NEVER_SHOWN = /^(config|data-dir|port|control|live|encryption-key)\.|^webhook\.bad|^store\.(?!unavailable|migrating)/;
const refusals = Object.entries(ERROR_SENTENCES).filter(([code]) => !NEVER_SHOWN.test(code));

describe("what the server explains", () => {
  let app: TestApp;
  let permissions: { name: string; description: string }[];
  let groups: Group[];

  beforeAll(async () => {
    app = await createTestApp();
    permissions = await app.api.data("/roles/permissions");
    groups = await app.api.data("/settings");
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const fields = () =>
    groups.flatMap(({ group, schema }) =>
      Object.entries(schema.properties ?? {}).map(([name, field]) => ({ group, name, field })),
    );
  /** What a group of fields consists of, also one that may be left empty. */
  const partsOf = ({ properties, anyOf = [] }: Schema) =>
    [properties ?? {}, ...anyOf.map((one) => one.properties ?? {})].flatMap((all) => Object.keys(all));
  /** The keys of every sentence the server has in English. */
  const explained = () => [
    ...Object.keys(FIELD_RULES).map((rule) => `broken.${rule}`),
    ...refusals.map(([code]) => `refused.${code}`),
    ...permissions.map(({ name }) => `may.${name}`),
    ...groups.map(({ group }) => `hint.${group}`),
    ...fields()
      .filter(({ field }) => field.description !== undefined)
      .map(({ group, name }) => `hint.${group}.${name}`),
  ];

  test("every permission and every group is explained in English", () => {
    expect(permissions.length).toBeGreaterThan(30);
    expect(permissions.filter(({ description }) => !description.trim())).toEqual([]);
    expect(groups.filter(({ title, description }) => !title.trim() || !description.trim())).toEqual([]);
  });

  test.each(["es", "pt"])("the same sentences, no fewer and none that is left over: %s", async (language) => {
    const said = await texts(`server/${language}.ts`, `${language}Server`);
    expect(missing(explained(), said)).toEqual([]);
    expect(missing(Object.keys(said), Object.fromEntries(explained().map((key) => [key, key])))).toEqual([]);
  });

  test("Spanish and Portuguese are not the English sentence, nor each other's", async () => {
    const [es, pt] = [await texts("server/es.ts", "esServer"), await texts("server/pt.ts", "ptServer")];
    const english = new Map<string, string | undefined>([
      ...Object.entries(FIELD_RULES).map(([rule, sentence]) => [`broken.${rule}`, sentence] as const),
      ...refusals.map(([code, sentence]) => [`refused.${code}`, sentence] as const),
      ...permissions.map(({ name, description }) => [`may.${name}`, description] as const),
      ...groups.map(({ group, description }) => [`hint.${group}`, description] as const),
      ...fields().map(({ group, name, field }) => [`hint.${group}.${name}`, field.description] as const),
    ]);
    expect(explained().filter((key) => es[key] === english.get(key) || pt[key] === english.get(key))).toEqual([]);
  });

  test.each(["en", "es", "pt"])("every field has a name of its own on its form: %s", async (language) => {
    const names = await texts(`more/${language}.ts`, `${language}More`);
    const wanted = [
      ...groups.map(({ group }) => `set.${group}`),
      ...fields().flatMap(({ group, name, field }) => [
        `set.${group}.${name}`,
        ...partsOf(field).map((part) => `set.${group}.${name}.${part}`),
      ]),
    ];
    expect(missing(wanted, names)).toEqual([]);
  });
});
