/** A few fields of a document, taken out and put back: everything else keeps its bytes and is never decoded. */
import { decodeSpans } from "./decode";
import { encode, encodeElements } from "./encode";
import { Doc, type Value } from "./value";

export class DocumentPart {
  readonly #source: Uint8Array;
  readonly #names: readonly string[];
  readonly #spans: readonly number[];
  /** The fields, to be changed in place. */
  readonly doc: Doc;

  constructor(source: Uint8Array, wanted: ReadonlySet<string>) {
    const { doc, spans } = decodeSpans(source, wanted);
    this.#source = source;
    this.#names = doc.keys.slice();
    this.#spans = spans;
    this.doc = doc;
  }

  /** The document with these fields instead: each in its old place, new ones at the end. */
  with(changed: Doc): Uint8Array {
    const parts: Uint8Array[] = [];
    let from = 4;
    this.#names.forEach((name, i) => {
      parts.push(this.#source.subarray(from, this.#spans[i * 2]!));
      from = this.#spans[i * 2 + 1]!;
      const value = changed.get(name);
      if (value !== undefined) parts.push(elementOf(name, value));
    });
    parts.push(this.#source.subarray(from, this.#source.length - 1));
    changed.keys.forEach((name, i) => {
      if (!this.#names.includes(name)) parts.push(elementOf(name, changed.values[i]!));
    });
    return encodeElements(parts);
  }
}

/** Type, name and value without the document around them. */
const elementOf = (name: string, value: Value): Uint8Array => encode(new Doc([name], [value])).subarray(4, -1);
