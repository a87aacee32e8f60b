/**
 * One question to the search index. Rows come newest first straight from the index of words and are read only until the page is
 * full; what cannot be asked of the words (who may see it, labels of conversations) is decided row by row, for a bounded number.
 */
import { agentMark, type EntryRow, labelMark, rowAt, type SearchFile } from "./search-file";
import { snippetOf } from "./search-highlight";
import type { SearchFound, SearchHit, SearchKind, SearchReach, SearchRequest } from "./search-message";
import { authorTag, channelTag, conversationTag, directionTag, kindTag, labelTag } from "./search-tags";
import { parseTerms, quoted, type Term } from "./search-terms";

/** So many rows are looked at for one page. What lies beyond is on the next one, which may be asked for also when this one is empty. */
const MOST_LOOKED_AT = 4_000;
/** Of so many conversations each is asked for by name; more of them are met soon enough among all rows. */
const MOST_NAMED = 300;
const LAST_ROW = Number.MAX_SAFE_INTEGER;
/** The index knows beginnings of words of up to so many letters; longer ones are looked up among the words themselves. */
const LONGEST_PREFIX = 4;
const MOST_ENDINGS = 40;

interface Row extends EntryRow {
  name: string | null;
  of: string | null;
  agent: string | null;
  team: string | null;
  participants: string | null;
  conversationLabels: string | null;
}

interface Part {
  rows: Row[];
  /** Everything above this row has been looked at. */
  downTo: number;
}

export function find(file: SearchFile, request: SearchRequest): SearchFound {
  const terms = parseTerms(request.words);
  if (terms.length === 0) return { hits: [], next: null };
  const parts = [said(file, request, terms), people(file, request, terms)].filter((part) => part !== null);
  const complete = Math.max(0, ...parts.map(({ downTo }) => downTo));
  const rows = parts
    .flatMap((part) => part.rows)
    .filter(({ row }) => row >= complete)
    .sort((a, b) => b.row - a.row);
  const shown = rows.slice(0, request.limit);
  const next = rows.length > request.limit ? (shown.at(-1)?.row ?? null) : complete > 0 ? complete : null;
  return { hits: shown.map((row) => toHit(row, terms)), next };
}

function said(file: SearchFile, request: SearchRequest, terms: readonly Term[]): Part | null {
  const kinds = request.kinds.filter((kind) => kind !== "contact");
  if (kinds.length === 0) return null;
  const tags: string[][] = kinds.length < 3 ? [kinds.map(kindTag)] : [];
  if (request.conversation) tags.push([conversationTag(request.conversation)]);
  if (request.channel) tags.push([channelTag(request.channel)]);
  if (request.direction) tags.push([directionTag(request.direction)]);
  if (request.agent) tags.push([authorTag(request.agent)]);
  const { contact, label, reach } = request;
  const sets = [
    ...(contact === undefined ? [] : [file.conversationsOf(contact, MOST_NAMED + 1)]),
    ...(label === undefined ? [] : [file.conversationsWith(labelMark(label), MOST_NAMED + 1)]),
    ...(reach.kind === "own" ? [file.conversationsWith(agentMark(reach.agent), MOST_NAMED + 1)] : []),
  ];
  for (const ids of sets) if (ids.length <= MOST_NAMED) tags.push((ids.length > 0 ? ids : ["none"]).map(conversationTag));
  return read(file, "said", terms, tags, request, (row) => {
    if (row.of === null || (contact !== undefined && row.of !== contact)) return false;
    if (label !== undefined && !(JSON.parse(row.conversationLabels ?? "[]") as string[]).includes(label)) return false;
    return mayReach(reach, row);
  });
}

/** People are not of a conversation, a number or a direction: asked for those there are none. */
function people(file: SearchFile, request: SearchRequest, terms: readonly Term[]): Part | null {
  const { kinds, conversation, channel, direction, agent, contact, label, reach } = request;
  if (!kinds.includes("contact") || conversation || channel || direction || agent) return null;
  return read(file, "people", terms, label ? [[labelTag(label)]] : [], request, (row) => {
    if (contact !== undefined && row.id !== contact) return false;
    return reach.kind === "all" || mayReachContact(file, reach, row.id);
  });
}

function read(
  file: SearchFile,
  table: "said" | "people",
  terms: readonly Term[],
  tags: readonly (readonly string[])[],
  { before = LAST_ROW, from, to, limit }: SearchRequest,
  isWanted: (row: Row) => boolean,
): Part {
  const match = [
    ...terms.map((term) => toMatch(file, table, term)),
    ...tags.map((any) => `tags : (${any.map((tag) => `"${tag}"`).join(" OR ")})`),
  ].join(" AND ");
  const statement = file.statement(
    `SELECT entry.*, conversation.name, conversation.contact AS of, conversation.agent, conversation.team, conversation.participants,
     conversation.labels AS conversationLabels
     FROM ${table} JOIN entry ON entry.row = ${table}.rowid LEFT JOIN conversation ON conversation.id = entry.conversation
     WHERE ${table} MATCH ? AND ${table}.rowid < ? AND ${table}.rowid >= ? ORDER BY ${table}.rowid DESC`,
  );
  const rows: Row[] = [];
  let looked = 0;
  const upTo = to === undefined ? before : Math.min(before, rowAt(to));
  for (const row of statement.iterate(match, upTo, from === undefined ? 0 : rowAt(from)) as Iterable<Row>) {
    if (isWanted(row)) rows.push(row);
    if (rows.length > limit) return { rows, downTo: 0 };
    if (++looked >= MOST_LOOKED_AT) return { rows, downTo: row.row };
  }
  return { rows, downTo: 0 };
}

function toMatch(file: SearchFile, table: string, { words, isPrefix, numbers }: Term): string {
  const phrase = words.map(quoted).join(" + ");
  const ways = [
    isPrefix && words.length === 1 ? beginning(file, table, words[0]!) : `words : (${phrase}${isPrefix ? " *" : ""})`,
    ...numbers.map((digits) => `digits : (${quoted(digits)} *)`),
  ];
  return ways.length === 1 ? ways[0]! : `(${ways.join(" OR ")})`;
}

/**
 * A word that goes on. FTS5 joins all rows of a longer beginning before it gives the first, which takes long for a common word;
 * written out as the few words it can be, they are read only as far as they are needed.
 */
function beginning(file: SearchFile, table: string, word: string): string {
  const asPrefix = `words : (${quoted(word)} *)`;
  if ([...word].length <= LONGEST_PREFIX) return asPrefix;
  const endings: string[] = [];
  for (let at = word; ; ) {
    const next = file.get<{ term: string }>(
      `SELECT term FROM ${table}_words WHERE term >= ? AND term < ? LIMIT 1`,
      at,
      `${word}\u{10ffff}`,
    )?.term;
    if (next === undefined) break;
    endings.push(next);
    if (endings.length > MOST_ENDINGS) return asPrefix;
    at = `${next}\u0001`;
  }
  return endings.length === 0 ? asPrefix : `words : (${endings.map(quoted).join(" OR ")})`;
}

function mayReach({ kind, agent, teams }: SearchReach, row: Pick<Row, "agent" | "team" | "participants">): boolean {
  if (kind === "all" || row.agent === agent) return true;
  if ((JSON.parse(row.participants ?? "[]") as string[]).includes(agent)) return true;
  if (kind === "own") return false;
  return row.team === null ? row.agent === null : teams.includes(row.team);
}

/** People are known to those who may see a conversation with them; whoever has none yet, to everybody who sees a queue. */
function mayReachContact(file: SearchFile, reach: SearchReach, contact: string): boolean {
  const rows = file.all<Row>("SELECT agent, team, participants FROM conversation WHERE contact = ?", contact);
  return rows.length === 0 ? reach.kind === "team" : rows.some((row) => mayReach(reach, row));
}

const toHit = (row: Row, terms: readonly Term[]): SearchHit => {
  const { text, highlights } = snippetOf(row.text, terms);
  return {
    kind: row.kind as SearchKind,
    id: row.id,
    conversation: row.conversation,
    contact: row.of ?? row.contact,
    name: row.name ?? "",
    channel: row.channel,
    direction: row.direction,
    author: row.author,
    at: row.at,
    text,
    highlights,
  };
};
