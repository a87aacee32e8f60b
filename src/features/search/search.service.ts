/**
 * Finding what was said and with whom. The index says where the words are; whether it may be seen, and what people are called now,
 * the store says.
 */
import { type Actor, can, reaches } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { wait } from "../../core/clock";
import { fail } from "../../core/errors";
import { decodeCursor, encodeCursor, type Page } from "../../core/page";
import type { EventBus } from "../../events/bus";
import type { EventLog } from "../../events/log";
import type { ContactModel } from "../contacts/contact.model";
import type { Conversation, ConversationModel } from "../conversations/conversation.model";
import { SEARCH_KINDS, type SearchHitView, type SearchQuery, type SearchStatusView } from "./search.schema";
import type { SearchFeed } from "./search-feed.service";
import type { SearchHit, SearchIndex } from "./search-port";

export interface SearchService {
  search(query: SearchQuery, actor: Actor): Promise<Page<SearchHitView>>;
  status(): Promise<SearchStatusView>;
  /** Takes everything about a contact out of the index; resolves when nothing of it can be found any more. */
  eraseContact(contact: string): Promise<void>;
}

export interface SearchDeps {
  index: SearchIndex;
  feed: SearchFeed;
  contacts: ContactModel;
  conversations: ConversationModel;
  bus: EventBus;
  log: EventLog;
  clock: Clock;
}

const LOOK_EVERY_MS = 20;

export function createSearchService({ index, feed, contacts, conversations, bus, log, clock }: SearchDeps): SearchService {
  /** Names as they are now, of contacts that are still there. */
  async function namesOf(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await contacts.find({ _id: { $in: [...ids] }, mergedInto: null }, { name: 1 }).lean();
    return new Map(rows.map(({ _id, name }) => [_id, name]));
  }

  /** The index may be a moment behind a conversation that has just been given to somebody else. */
  async function reachable(hits: readonly SearchHit[], actor: Actor): Promise<(hit: SearchHit) => boolean> {
    if (actor.reach === "all") return () => true;
    const ids = [...new Set(hits.flatMap(({ conversation }) => conversation ?? []))];
    if (ids.length === 0) return () => true;
    const rows = (await conversations.find({ _id: { $in: ids } }, { assignedAgent: 1, team: 1, participants: 1 }).lean()) as Pick<
      Conversation,
      "_id" | "assignedAgent" | "team" | "participants"
    >[];
    const allowed = new Set(rows.filter((row) => reaches(actor, row)).map(({ _id }) => _id));
    return ({ conversation }) => conversation === null || allowed.has(conversation);
  }

  return {
    async search({ q, kind, from, to, cursor, limit, ...filters }, actor) {
      const [before] = cursor ? (decodeCursor(cursor, ["number"]) as [number]) : [];
      const kinds = (kind ? [kind] : SEARCH_KINDS).filter((one) => one !== "contact" || can(actor, "contacts.read"));
      const found = await index.find({
        ...filters,
        words: q,
        kinds,
        from: timeOf(from),
        to: timeOf(to),
        reach: { kind: actor.reach, agent: actor.id, teams: actor.teams },
        limit,
        before,
      });
      const mayShow = await reachable(found.hits, actor);
      const names = await namesOf(found.hits.flatMap((hit) => (hit.kind === "contact" ? hit.id : (hit.contact ?? []))));
      const items = found.hits.filter((hit) => mayShow(hit) && (hit.kind !== "contact" || names.has(hit.id)));
      return {
        items: items.map((hit) => toHitView(hit, names)),
        next: found.next === null ? null : encodeCursor([found.next]),
      };
    },

    async status() {
      const { entries, position } = await index.size();
      return { entries, position, newest: bus.seq, rebuild: feed.progress };
    },

    async eraseContact(contact) {
      await log.change(async ({ emit }) => emit("contact:erased", { contact }));
      const told = bus.seq;
      for (;;) {
        const { position } = await index.size();
        if (position !== null && position >= told) return;
        await wait(clock, LOOK_EVERY_MS);
      }
    },
  };
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw fail("request.invalid", { message: `"${text.slice(0, 40)}" is not a time.` });
  return time;
}

const toHitView = (hit: SearchHit, names: ReadonlyMap<string, string>): SearchHitView => {
  const contact = hit.contact ?? hit.id;
  return {
    kind: hit.kind,
    id: hit.id,
    conversation: hit.conversation,
    contact: { id: contact, name: names.get(contact) ?? hit.name },
    channel: hit.channel,
    direction: hit.direction,
    author: hit.author,
    at: new Date(hit.at).toISOString(),
    text: hit.text,
    highlights: hit.highlights,
  };
};
