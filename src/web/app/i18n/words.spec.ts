/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TestBed } from "@angular/core/testing";
import { TranslocoService } from "@jsverse/transloco";
import { ApiFailure } from "../api/api-failure";
import { en as enFirst } from "./en";
import { es as esFirst } from "./es";
import { browserLanguage, localeFor } from "./locale";
import { enMore } from "./more/en";
import { esMore } from "./more/es";
import { ptMore } from "./more/pt";
import { pt as ptFirst } from "./pt";
import { esServer } from "./server/es";
import { ptServer } from "./server/pt";
import { Words } from "./words";

const en = { ...enFirst, ...enMore };
const es = { ...esFirst, ...esMore };
const pt = { ...ptFirst, ...ptMore };
const holes = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "").sort();
const keys = Object.keys(en) as (keyof typeof en)[];

describe("words", () => {
  it("say the same in every language, with the same values in them", () => {
    for (const other of [es, pt]) {
      expect(Object.keys(other).sort()).toEqual([...keys].sort());
      expect(keys.filter((key) => other[key].trim() === "")).toEqual([]);
      expect(keys.filter((key) => holes(other[key]).join() !== holes(en[key]).join())).toEqual([]);
    }
  });

  it("of the server have names of their own", () => {
    expect([...Object.keys(esServer), ...Object.keys(ptServer)].filter((key) => key in en)).toEqual([]);
  });

  it("stand in one place: what is loaded later would change them", () => {
    expect(Object.keys(enMore).filter((key) => key in enFirst)).toEqual([]);
  });

  it("are all used", () => {
    const text = sourcesUnder(join(process.cwd(), "app")).join("\n");
    // `reports.file.${kind}` uses every key that can be made of it.
    const made = [...text.matchAll(/`([a-z][\w-]*\.(?:[\w.-]|\$\{[^`{}]*\})*)`/gi)]
      .map((match) => match[1] ?? "")
      .filter((one) => one.includes("${"))
      .map((one) => new RegExp(`^${one.replaceAll(".", "\\.").replace(/\$\{[^}]*\}/g, "[\\w.:-]+")}$`));
    // What is made in other ways.
    made.push(/^(failure|reports\.period|rule\.(events|kind|source|target))\./);
    const isMade = (key: string) => made.some((pattern) => pattern.test(key));
    const isUsed = (key: string) => text.includes(`"${key}"`) || text.includes(`'${key}'`);
    expect(
      keys.filter(
        (key) => !isMade(key) && !isMade(key.replace(/\.(one|other)$/, "")) && !isUsed(key.replace(/\.(one|other)$/, "")),
      ),
    ).toEqual([]);
  });

  it("come in pairs where they are counted", () => {
    const stems = keys.filter((key) => key.endsWith(".one")).map((key) => key.slice(0, -4));
    expect(stems.filter((stem) => !(`${stem}.other` in en))).toEqual([]);
    const { n } = TestBed.inject(Words);
    expect([n("list.unread", 1), n("list.unread", 1_200)]).toEqual(["1 unread message", "1,200 unread messages"]);
  });

  it("leave what customers are called as it is", () => {
    const { t } = TestBed.inject(Words);
    expect(t("thread.isTyping", { name: "{{name}} {{constructor.constructor('x')()}}" })).toBe(
      "{{name}} {{constructor.constructor('x')()}} is typing",
    );
  });

  it("say in Spanish what the server refuses, with its own words where they say more", async () => {
    TestBed.inject(TranslocoService).setTranslation({ ...es, ...esServer }, "es");
    const words = TestBed.inject(Words);
    await words.choose("es");
    try {
      const refusal = (isExact: boolean, path?: string) =>
        words.failure(
          new ApiFailure("The file is empty.", "media.refused", 422, null, path ? [{ path, message: "is empty" }] : [], isExact),
        );
      expect(refusal(false)).toBe("WhatsApp no aceptaría este archivo.");
      expect(refusal(true)).toBe("WhatsApp no aceptaría este archivo. (The file is empty.)");
      expect(refusal(true, "body.file")).toBe("WhatsApp no aceptaría este archivo.");
      expect(words.failure(new ApiFailure("Not yours.", "auth.forbidden", 403, null))).toBe(es["failure.auth.forbidden"]);
      expect(words.failure(new ApiFailure("Unheard of.", "no.such-code", 400, null))).toBe("Unheard of.");
    } finally {
      await words.choose("en");
    }
  });

  it("name a failure in the reader's language where there are words for it, else as the server did", () => {
    const { failure } = TestBed.inject(Words);
    expect(failure(new ApiFailure("Server's own.", "auth.forbidden", 403, null))).toBe(en["failure.auth.forbidden"]);
    expect(failure(new ApiFailure("Server's own.", "label.exists", 409, null))).toBe("Server's own.");
  });
});

describe("what the server says in English", () => {
  it("is said in the reader's language where there are words for it, else as the server did", async () => {
    const words = TestBed.inject(Words);
    TestBed.inject(TranslocoService).setTranslation({ "may.labels.manage": "Administrar etiquetas" }, "es");
    expect(words.server("may.labels.manage", "Manage labels")).toBe("Manage labels");
    await words.choose("es");
    expect(words.server("may.labels.manage", "Manage labels")).toBe("Administrar etiquetas");
    expect(words.server("may.new.one", "Something new")).toBe("Something new");
    await words.choose("en");
  });
});

describe("the language of a visitor", () => {
  it.each([
    [["es-PE", "en"], "es"],
    [["de-DE", "pt-BR"], "pt"],
    [["qu"], "en"],
    [[], "en"],
  ] as const)("%s", (preferred, expected) => expect(browserLanguage(preferred)).toBe(expected));

  it("takes the region from the browser when it speaks the language", () => {
    expect(localeFor("es", ["en-GB", "es-PE"])).toBe("es-PE");
    expect(localeFor("pt", ["en-GB"])).toBe("pt-BR");
  });
});

function sourcesUnder(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === "i18n" ? [] : sourcesUnder(path);
    return /\.(ts|html)$/.test(entry.name) && !entry.name.endsWith(".spec.ts") ? [readFileSync(path, "utf8")] : [];
  });
}
