/** What agents read all day, as requests to the product and to the reference, each with the row that has to come first. */
import type { Random } from "../../commands/torture/random";
import { encodeCursor } from "../../core/page";
import { conversationDocument } from "../seed/seed-documents";
import { contactId, conversationId, messageId, orderOf, phoneOf, type SeedPlan, timeOf } from "../seed/seed-plan";

/** A page as the web app asks for it. */
const LIMIT = 50;

export interface Read {
  /** Path behind /api/v2. */
  path: string;
  /** Path of the reference; null: it has no such thing. */
  referencePath: string | null;
  /** Id of the first row, and how many there are; null: not known. */
  first: string;
  rows: number | null;
}

export interface ReadKind {
  name: string;
  next(random: Random): Read;
}

export function readKinds(plan: SeedPlan): ReadKind[] {
  const newestFirst = Array.from({ length: plan.conversations }, (_, index) => index).sort(
    (a, b) => plan.lastOf[b]! - plan.lastOf[a]!,
  );
  const open = newestFirst.filter((index) => conversationDocument(plan, index).status === "open");
  const threads = threadsOf(plan);
  const any = (random: Random, count: number) => Math.floor(random() * count);
  const busiest = plan.countOf.indexOf(plan.countOf.reduce((most, count) => Math.max(most, count), 0));

  const thread = (conversation: number, skipped: number): Read => {
    const left = plan.countOf[conversation]! - skipped;
    const at = (place: number) => messageId(plan, threads(conversation)[place]!);
    const before = skipped === 0 ? null : at(left);
    const id = conversationId(conversation);
    return {
      path: `/conversations/${id}/messages?limit=${LIMIT}${before ? `&cursor=${encodeCursor([before])}` : ""}`,
      referencePath: `/thread?id=${id}&limit=${LIMIT}${before ? `&before=${before}` : ""}`,
      first: at(left - 1),
      rows: Math.min(LIMIT, left),
    };
  };
  const kinds: ReadKind[] = [
    {
      name: "inbox, first page",
      next: () => ({
        path: `/conversations?limit=${LIMIT}`,
        referencePath: `/conversations?limit=${LIMIT}`,
        first: conversationId(newestFirst[0]!),
        rows: Math.min(LIMIT, plan.conversations),
      }),
    },
    {
      name: "inbox, open only",
      next: () => ({
        path: `/conversations?status=open&limit=${LIMIT}`,
        referencePath: `/conversations?status=open&limit=${LIMIT}`,
        first: conversationId(open[0]!),
        rows: Math.min(LIMIT, open.length),
      }),
    },
    {
      name: "inbox, any page",
      next: (random) => {
        const place = any(random, plan.conversations - 1);
        const last = newestFirst[place]!;
        const [at, id] = [timeOf(plan, plan.lastOf[last]!), conversationId(last)];
        return {
          path: `/conversations?limit=${LIMIT}&cursor=${encodeCursor([0, at, id])}`,
          referencePath: `/conversations?limit=${LIMIT}&at=${at}&before=${id}`,
          first: conversationId(newestFirst[place + 1]!),
          rows: Math.min(LIMIT, plan.conversations - 1 - place),
        };
      },
    },
    { name: "thread, newest page", next: (random) => thread(any(random, plan.conversations), 0) },
    { name: "busiest thread, any page", next: (random) => thread(busiest, any(random, plan.countOf[busiest]! - 1)) },
    {
      name: "one conversation",
      next: (random) => {
        const id = conversationId(any(random, plan.conversations));
        return { path: `/conversations/${id}`, referencePath: `/conversation?id=${id}`, first: id, rows: 1 };
      },
    },
    {
      name: "contact by number",
      next: (random) => {
        const conversation = any(random, plan.conversations);
        const number = phoneOf(conversation);
        return { path: `/contacts?identity=${number}`, referencePath: `/contact?id=${number}`, first: number, rows: 1 };
      },
    },
  ];
  const found = (words: string, first: string, rows: number | null, filter = ""): Read => ({
    path: `/search?q=${encodeURIComponent(words)}${filter}`,
    referencePath: null,
    first,
    rows,
  });
  kinds.push(
    {
      name: "search, one order",
      next: (random) => {
        const message = any(random, plan.messages);
        return found(orderOf(message), orderOf(message), null);
      },
    },
    { name: "search, common word", next: () => found("manta", "manta", null) },
    { name: "search, word of every message", next: () => found("pedido", "Pedido", Math.min(LIMIT, plan.messages)) },
    { name: "search, two letters", next: () => found("pe", "Pedido", Math.min(LIMIT, plan.messages)) },
    { name: "search, prefix of two words", next: () => found("manta az", "manta", null) },
    { name: "search, phrase", next: () => found('"manta azul"', "manta azul", null) },
    { name: "search, four words", next: () => found("pedido unidades manta azul", "manta", null) },
    {
      name: "search, end of a number",
      next: (random) => {
        const number = phoneOf(any(random, plan.conversations));
        return found(number.slice(-8), number, null);
      },
    },
    {
      name: "search, common word of one contact",
      next: (random) => {
        const conversation = any(random, plan.conversations);
        return found("pedido", conversationId(conversation), null, `&contact=${contactId(conversation)}`);
      },
    },
  );
  return kinds;
}

/** The messages of a conversation in the order of time, found once for each that is asked for. */
function threadsOf(plan: SeedPlan): (conversation: number) => readonly number[] {
  const starts = new Int32Array(plan.conversations + 1);
  for (let index = 0; index < plan.conversations; index++) starts[index + 1] = starts[index]! + plan.countOf[index]!;
  const sorted = new Int32Array(plan.messages);
  for (let message = 0; message < plan.messages; message++)
    sorted[starts[plan.conversationOf[message]!]! + plan.placeOf[message]!] = message;
  return (conversation) => sorted.subarray(starts[conversation], starts[conversation + 1]) as unknown as readonly number[];
}
