import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { newId } from "../../src/core/id";
import { SearchFile } from "../../src/store/search/search-file";
import { SEARCH_KINDS, type SearchEntry, type SearchFound, type SearchRequest } from "../../src/store/search/search-message";
import { find } from "../../src/store/search/search-query";
import { parseTerms } from "../../src/store/search/search-terms";
import { tempDir } from "../helpers/temp-dir";

const EVERYTHING = { kind: "all", agent: "", teams: [] } as const;
const [ANA, BEN] = [newId(1), newId(2)];
const [TEAM, OTHER_TEAM] = [newId(3), newId(4)];
const start = Date.UTC(2026, 5, 1);

const ask = (file: SearchFile, words: string, more: Partial<SearchRequest> = {}): SearchFound =>
  find(file, { words, kinds: SEARCH_KINDS, reach: EVERYTHING, limit: 50, ...more });
const texts = (found: SearchFound) => found.hits.map(({ text }) => text);

let made = 0;
const entry = (text: string, more: Partial<SearchEntry> = {}): SearchEntry => ({
  kind: "message",
  id: newId(start + ++made * 1_000),
  conversation: "c1",
  contact: null,
  at: start + made * 1_000,
  channel: "100",
  direction: "inbound",
  author: null,
  labels: [],
  text,
  ...more,
});
const place = (id: string, more: object = {}) => ({
  conversation: {
    id,
    contact: `person-${id}`,
    name: `Person of ${id}`,
    channel: "100",
    assignedAgent: null,
    team: null,
    participants: [],
    labels: [],
    ...more,
  },
});

describe("what is found", () => {
  const dir = tempDir();
  const file = new SearchFile(join(dir.path, "search.db"));
  afterAll(() => {
    file.close();
    dir[Symbol.dispose]();
  });
  beforeAll(() => {
    file.apply(
      [
        place("c1"),
        { put: entry("¿Cuándo llega el CAFÉ molido? 👍🏽") },
        { put: entry("Mi número es +52 1 (55) 1234-5678, gracias") },
        { put: entry("Pedido P0012345 para ñandú") },
        { put: entry("El pingüino 😀😀 azul marino") },
        { put: entry("marino y azul, al revés") },
        { put: entry("Escriba a maria.perez@example.com") },
      ],
      1,
    );
  });

  test.each([
    ["cafe", ["¿Cuándo llega el CAFÉ molido? 👍🏽"]],
    ["CAF", ["¿Cuándo llega el CAFÉ molido? 👍🏽"]],
    ["cuando moli", ["¿Cuándo llega el CAFÉ molido? 👍🏽"]],
    ["nandu", ["Pedido P0012345 para ñandú"]],
    ["ñandú", ["Pedido P0012345 para ñandú"]],
    ["pinguino", ["El pingüino 😀😀 azul marino"]],
    ["👍", ["¿Cuándo llega el CAFÉ molido? 👍🏽"]],
    ["👍🏿", ["¿Cuándo llega el CAFÉ molido? 👍🏽"]],
    ["😀", ["El pingüino 😀😀 azul marino"]],
    ["azul marino", ["marino y azul, al revés", "El pingüino 😀😀 azul marino"]],
    ['"azul marino"', ["El pingüino 😀😀 azul marino"]],
    ['"azul mar"', []],
    ["“azul marino”", ["El pingüino 😀😀 azul marino"]],
    ["+52 55 1234", ["Mi número es +52 1 (55) 1234-5678, gracias"]],
    ["5512345678", ["Mi número es +52 1 (55) 1234-5678, gracias"]],
    ["12345678", ["Mi número es +52 1 (55) 1234-5678, gracias"]],
    ["55-1234", ["Mi número es +52 1 (55) 1234-5678, gracias"]],
    ["12345", ["Pedido P0012345 para ñandú", "Mi número es +52 1 (55) 1234-5678, gracias"]],
    ["p00123", ["Pedido P0012345 para ñandú"]],
    ["maria.p", ["Escriba a maria.perez@example.com"]],
    ["@maria.perez", ["Escriba a maria.perez@example.com"]],
    ["zebra", []],
    ["?!", []],
  ])("%s", (words, expected) => {
    expect(texts(ask(file, words))).toEqual(expected);
  });

  test("highlights are where the words are", () => {
    const marked = (words: string) =>
      ask(file, words).hits.map(({ text, highlights }) => highlights.map(({ start, end }) => text.slice(start, end)));
    expect(marked("cafe moli 👍")).toEqual([["CAFÉ", "moli", "👍"]]);
    expect(marked('"azul marino"')).toEqual([["azul marino"]]);
    expect(marked("551234")).toEqual([["52 1 (55) 1234-5678"]]);
  });

  test("nothing that can be typed is an error, and highlights always lie inside the text", () => {
    const word = fc.constantFrom(
      '"',
      "'",
      "(",
      ")",
      "*",
      "AND",
      "OR",
      "NEAR(",
      ":",
      "^",
      "-",
      "words:",
      "\0",
      "a",
      "cafe",
      "{",
      "}",
      "+",
      "52",
      "😀",
      "“",
      "\ud83d",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word).map((list) => list.join("")),
          fc.array(word).map((list) => list.join(" ")),
          fc.string({ unit: "binary" }),
        ),
        (typed) => {
          for (const { text, highlights } of ask(file, typed).hits)
            for (const { start, end } of highlights) expect(start >= 0 && start < end && end <= text.length).toBe(true);
        },
      ),
    );
    expect(ask(file, "x ".repeat(5_000)).hits).toEqual([]);
    expect(parseTerms("a b c ".repeat(100)).length).toBeLessThan(20);
  });

  test("a long text is shown around what was found", () => {
    const long = `${"antes ".repeat(200)}aguja${" después".repeat(200)}`;
    file.apply([{ put: entry(long) }], 2);
    const [hit] = ask(file, "aguja").hits;
    expect(hit!.text.length).toBeLessThan(260);
    expect(hit!.highlights.map(({ start, end }) => hit!.text.slice(start, end))).toEqual(["aguja"]);
  });
});

describe("what changes", () => {
  const open = () => {
    const dir = tempDir();
    const path = join(dir.path, "search.db");
    let file = new SearchFile(path);
    return {
      get file() {
        return file;
      },
      path,
      open() {
        file = new SearchFile(path);
      },
      reopen() {
        file.close();
        file = new SearchFile(path);
      },
      [Symbol.dispose]() {
        file.close();
        dir[Symbol.dispose]();
      },
    };
  };

  test("edits replace, drops remove, repeating changes nothing, and the position is kept with it", () => {
    using world = open();
    const before = entry("una manta roja");
    world.file.apply([place("c1"), { put: before }], 7);
    world.file.apply([{ put: before }], 7);
    expect(texts(ask(world.file, "manta"))).toEqual(["una manta roja"]);
    world.file.apply([{ put: { ...before, text: "una silla roja" } }], 8);
    expect(texts(ask(world.file, "manta"))).toEqual([]);
    expect(texts(ask(world.file, "silla"))).toEqual(["una silla roja"]);
    world.reopen();
    expect(world.file.size).toEqual({ position: 8, entries: 1 });
    world.file.apply([{ drop: before }], 9);
    expect(ask(world.file, "roja").hits).toEqual([]);
    expect(world.file.size).toEqual({ position: 9, entries: 0 });
  });

  test("a batch that fails leaves neither rows nor position", () => {
    using world = open();
    const broken = { put: { ...entry("x"), text: null } } as never;
    expect(() => world.file.apply([place("c1"), { put: entry("manta") }, broken], 5)).toThrow();
    expect(world.file.size).toEqual({ position: null, entries: 0 });
  });

  test("what is erased is not in the file any more", () => {
    using world = open();
    const secret = "palabrasecretísima";
    world.file.apply([place("c1", { contact: "p1" }), { put: entry(`es ${secret}`) }, { put: entry("otra") }], 1);
    world.file.apply([{ put: entry("persona", { kind: "contact", id: "p1", conversation: null, contact: "p1" }) }], 2);
    world.file.apply([{ dropContact: "p1" }], 3);
    expect(world.file.size.entries).toBe(0);
    world.reopen();
    const bytes = readFileSync(world.path).toString("latin1");
    expect(bytes).not.toContain("palabrasecret");
  });

  test("moving a conversation to another person moves what was said in it", () => {
    using world = open();
    world.file.apply([place("c1", { contact: "p1" }), { put: entry("manta") }], 1);
    world.file.apply([place("c1", { contact: "p2", name: "Two" })], 2);
    expect(ask(world.file, "manta", { contact: "p1" }).hits).toEqual([]);
    expect(ask(world.file, "manta", { contact: "p2" }).hits).toMatchObject([{ contact: "p2", name: "Two" }]);
  });

  test("a damaged file, or one of another version, is replaced by an empty one", () => {
    using world = open();
    world.file.apply([place("c1"), { put: entry("manta") }], 1);
    world.file.database.run("PRAGMA user_version = 99");
    world.reopen();
    expect(world.file.size).toEqual({ position: null, entries: 0 });
    using broken = open();
    broken.file.close();
    writeFileSync(broken.path, "this is no database at all, but it is long enough to be read as one".repeat(100));
    broken.open();
    expect(broken.file.size).toEqual({ position: null, entries: 0 });
  });
});

describe("who finds what, and on which page", () => {
  const dir = tempDir();
  const file = new SearchFile(join(dir.path, "search.db"));
  const places = [
    place("free"),
    place("ana", { assignedAgent: ANA, labels: ["vip"] }),
    place("ben", { assignedAgent: BEN }),
    place("follow", { assignedAgent: BEN, participants: [ANA] }),
    place("team", { team: TEAM, assignedAgent: BEN }),
    place("other", { team: OTHER_TEAM }),
  ];
  beforeAll(() => {
    file.apply(places, 1);
    file.apply(
      places.flatMap(({ conversation: { id } }) => [
        { put: entry(`manta ${id}`, { conversation: id, direction: "inbound" }) },
        {
          put: entry(`manta nota ${id}`, { conversation: id, kind: "note", direction: "outbound", author: ANA, channel: "200" }),
        },
        {
          put: entry(`manta ${id} Quispe`, {
            kind: "contact",
            id: `person-${id}`,
            conversation: null,
            contact: `person-${id}`,
            labels: ["vip"],
            channel: null,
            direction: null,
          }),
        },
      ]),
      2,
    );
  });
  afterAll(() => {
    file.close();
    dir[Symbol.dispose]();
  });
  const conversationsOf = (more: Partial<SearchRequest>) =>
    [...new Set(ask(file, "manta", { kinds: ["message"], ...more }).hits.map(({ conversation }) => conversation))].sort();

  test.each([
    ["all", ["ana", "ben", "follow", "free", "other", "team"]],
    ["team", ["ana", "follow", "free", "team"]],
    ["own", ["ana", "follow"]],
  ] as const)("reach %s", (kind, expected) => {
    const reach = { kind, agent: ANA, teams: [TEAM] };
    expect(conversationsOf({ reach })).toEqual([...expected]);
    const people = ask(file, "quispe", { kinds: ["contact"], reach }).hits.map(({ id }) => id.slice(7));
    expect(people.sort()).toEqual([...expected]);
  });

  test("filters", () => {
    expect(conversationsOf({ conversation: "ben" })).toEqual(["ben"]);
    expect(conversationsOf({ contact: "person-ben" })).toEqual(["ben"]);
    expect(conversationsOf({ contact: "nobody" })).toEqual([]);
    expect(conversationsOf({ label: "vip" })).toEqual(["ana"]);
    expect(conversationsOf({ direction: "outbound" })).toEqual([]);
    expect(ask(file, "manta", { agent: ANA }).hits.every(({ kind }) => kind === "note")).toBe(true);
    expect(ask(file, "manta", { channel: "200" }).hits).toHaveLength(6);
    expect(ask(file, "manta", { kinds: ["contact"], label: "vip" }).hits).toHaveLength(6);
    const all = ask(file, "manta").hits;
    const [newest, oldest] = [all[0]!.at, all.at(-1)!.at];
    expect(ask(file, "manta", { from: newest }).hits).toHaveLength(1);
    expect(ask(file, "manta", { to: oldest }).hits).toHaveLength(0);
    expect(ask(file, "manta", { from: oldest, to: newest }).hits).toHaveLength(all.length - 1);
  });

  test("pages follow each other without a gap, the newest first, while entries come and go", () => {
    const whole = ask(file, "manta", { limit: 100 }).hits.map(({ kind, id }) => kind + id);
    const paged: string[] = [];
    for (let before: number | undefined; ; ) {
      const { hits, next } = ask(file, "manta", { limit: 4, before });
      paged.push(...hits.map(({ kind, id }) => kind + id));
      file.apply([{ put: entry("manta de después", { id: newId(), at: start + 9_000_000 + paged.length }) }], 3);
      if (next === null) break;
      before = next;
    }
    expect(paged).toEqual(whole);
  });

  test("what is filtered row by row is looked for in pieces and found in the end", () => {
    const many = Array.from({ length: 9_000 }, (_, index) => ({
      put: entry("repetida", { id: newId(), conversation: "ben", at: start + 10_000_000 + index * 10 }),
    }));
    file.apply([{ put: entry("repetida aquí", { conversation: "free", at: start + 9_500_000 }) }, ...many], 4);
    const reach = { kind: "team", agent: ANA, teams: [] } as const;
    let pages = 0;
    for (let before: number | undefined; ; pages++) {
      const { hits, next } = ask(file, "repetida", { reach, before });
      if (hits.length > 0) {
        expect(texts({ hits, next })).toEqual(["repetida aquí"]);
        break;
      }
      expect(next).not.toBeNull();
      before = next!;
    }
    expect(pages).toBeGreaterThan(0);
  });
});
