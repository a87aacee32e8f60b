/** Reads CSV as it comes: any delimiter, quotes with line breaks inside, UTF-8, UTF-16 or Windows' own encoding. Pure. */

export const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];
export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** A field that is longer was opened by a quote that nobody closed. */
const LONGEST_FIELD = 100_000;

export class CsvError extends Error {}

/** What the beginning of a file is written in. */
export function detectEncoding(sample: Uint8Array): Encoding {
  const [a, b, c] = sample;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  try {
    // The sample may end within a character: `stream` forgives that, and nothing else.
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return "utf-8";
  } catch {
    // Not UTF-8: spreadsheets of Windows write this.
    return "windows-1252";
  }
}

/** The one that cuts the first lines into the same number of fields, the more the better. */
export function detectDelimiter(text: string): Delimiter {
  let best: Delimiter = ",";
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const reader = new CsvReader(delimiter);
    let rows: string[][];
    try {
      rows = reader.push(text).slice(0, 20);
    } catch (error) {
      // A quote that is not closed under this reading.
      if (!(error instanceof CsvError)) throw error;
      continue;
    }
    const [first = reader.end()[0] ?? []] = rows;
    const even = rows.filter((row) => row.length === first.length).length;
    const score = (first.length - 1) * (even + 1);
    if (score > most) [best, most] = [delimiter, score];
  }
  return best;
}

/** Give it text piece by piece; it gives the rows that are complete. Empty lines are no rows. */
export class CsvReader {
  #row: string[] = [];
  #field = "";
  #isQuoted = false;
  /** A quote was just read inside quotes: the end of them, or the first half of a doubled one. */
  #maybeEnd = false;
  #afterReturn = false;
  #wasQuoted = false;

  constructor(readonly delimiter: Delimiter) {}

  push(text: string): string[][] {
    const rows: string[][] = [];
    // Runs of plain text are taken at once: a text that grows by single characters is a heap of small pieces.
    for (let at = 0; at < text.length; ) {
      if (this.#isQuoted && !this.#maybeEnd) {
        at = this.#takeQuoted(text, at);
        continue;
      }
      const char = text[at] as string;
      if (this.#maybeEnd) {
        this.#maybeEnd = false;
        if (char === '"') {
          this.#add('"');
          at++;
          continue;
        }
        this.#isQuoted = false;
      }
      const isRest = char === "\n" && this.#afterReturn;
      this.#afterReturn = char === "\r";
      if (isRest) at++;
      else if (char === '"' && this.#field === "" && !this.#wasQuoted) {
        this.#isQuoted = this.#wasQuoted = true;
        at++;
      } else if (char === this.delimiter) {
        this.#endField();
        at++;
      } else if (char === "\n" || char === "\r") {
        this.#endRow(rows);
        at++;
      } else {
        const end = this.#endOfRun(text, at);
        this.#add(text.slice(at, end));
        at = end;
      }
    }
    return rows;
  }

  /** What is left when the file has ended. */
  end(): string[][] {
    const rows: string[][] = [];
    if (this.#isQuoted && !this.#maybeEnd) throw new CsvError("The file ends inside quotes.");
    this.#isQuoted = this.#maybeEnd = false;
    this.#endRow(rows);
    return rows;
  }

  /** Up to the next quote, which ends them or is the first half of a doubled one. */
  #takeQuoted(text: string, from: number): number {
    const quote = text.indexOf('"', from);
    this.#add(text.slice(from, quote < 0 ? text.length : quote));
    this.#maybeEnd = quote >= 0;
    return quote < 0 ? text.length : quote + 1;
  }

  #endOfRun(text: string, from: number): number {
    let end = from + 1;
    while (end < text.length && text[end] !== this.delimiter && text[end] !== "\n" && text[end] !== "\r") end++;
    return end;
  }

  #add(run: string): void {
    if (this.#field.length + run.length > LONGEST_FIELD)
      throw new CsvError("A field is too long: perhaps a quote was not closed.");
    this.#field += run;
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#field = "";
    this.#wasQuoted = false;
  }

  #endRow(rows: string[][]): void {
    const isEmpty = this.#row.length === 0 && this.#field === "" && !this.#wasQuoted;
    if (!isEmpty) {
      this.#endField();
      rows.push(this.#row);
    }
    this.#row = [];
  }
}

/** The rows of a file, as many at a time as there are in a piece of it. */
export async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  { encoding, delimiter }: { encoding: Encoding; delimiter: Delimiter },
): AsyncGenerator<string[][]> {
  const decoder = new TextDecoder(encoding);
  const reader = new CsvReader(delimiter);
  for await (const chunk of chunks) yield reader.push(decoder.decode(chunk, { stream: true }));
  yield [...reader.push(decoder.decode()), ...reader.end()];
}
