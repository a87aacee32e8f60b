/** Every list of the inbox shows what it must, whatever index it is read from, and looks at little more than it shows. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Actor, reaches } from "../../../src/core/actor";
import { systemClock } from "../../../src/core/clock";
import { type Conversation, conversationModel } from "../../../src/features/conversations/conversation.model";
import { TABS, type Tab } from "../../../src/features/conversations/conversation-filter";
import {
  type ConversationFilter,
  type ConversationListService,
  createConversationListService,
} from "../../../src/features/conversations/conversation-list.service";
import { openTestStore, type TestStore } from "../../store/embedded-store";

const COUNT = 4_000;
const LIMIT = 20;
const NOW = Date.UTC(2026, 0, 20);
const id = (prefix: string, index: number) => prefix + index.toString(16).padStart(22, "0");
const TEAMS = [0, 1, 2, 3].map((index) => id("7e", index));
const AGENTS = Array.from({ length: 12 }, (_, index) => id("a9", index));

/** A mixture without chance: each property has a period of its own. */
function conversationAt(index: number): Conversation {
  const status = (["resolved", "closed", "resolved", "open", "assigned", "waiting", "resolved"] as const)[index % 7]!;
  const isPersons = status === "open" || status === "assigned";
  const at = new Date(NOW - ((index * 7_919) % COUNT) * 60_000);
  return {
    _id: id("c0", index),
    // One contact has at most one open talk, and several that are over.
    contact: id("cc", status === "resolved" || status === "closed" ? index % 500 : index),
    contactName: `Contact ${index}`,
    contactPhone: null,
    contactUsername: null,
    channel: index % 5 === 0 ? "1002" : "1001",
    source: "whatsapp",
    status,
    waitingFor: status === "waiting" ? (index % 3 === 0 ? "snooze" : "assistant") : null,
    priority: index % 11 === 0 ? "high" : "normal",
    isOpen: status !== "resolved" && status !== "closed",
    isAIEnabled: !isPersons,
    assignedAgent: status === "assigned" || index % 13 === 0 ? AGENTS[index % AGENTS.length]! : null,
    team: index % 3 === 0 ? TEAMS[index % TEAMS.length]! : null,
    participants: index % 53 === 0 ? [AGENTS[index % 5]!, AGENTS[7]!] : [],
    labels: index % 10 === 0 ? ["sales"] : [],
    windowExpiresAt: null,
    lastMessageAt: at,
    lastMessage: null,
    lastInboundWamid: null,
    unreadCount: index % 4 === 0 ? 2 : 0,
    inboundSeq: 1,
    answeredSeq: 1,
    epoch: 0,
    batch: null,
    summary: null,
    summaryUpTo: null,
    createdAt: at,
    updatedAt: at,
    resolvedAt: null,
    resolvedBy: null,
    ...(index % 11 === 0 ? { rank: 1 } : {}),
    ...(isPersons && index % 2 === 0 ? { waitingSince: new Date(at.getTime() - (index % 17) * 60_000) } : {}),
    ...(isPersons && index % 3 === 0 ? { isUnattended: true } : {}),
    ...(index % 97 === 0 ? { mentions: [AGENTS[1]!, AGENTS[index % AGENTS.length]!] } : {}),
  };
}

const isActive = ({ status, waitingFor }: Conversation) =>
  ["open", "assigned", "waiting"].includes(status) && waitingFor !== "snooze";
const inTab: Readonly<Record<Tab, (row: Conversation, me: string) => boolean>> = {
  mine: (row, me) => row.assignedAgent === me && isActive(row),
  unassigned: ({ status, waitingFor, assignedAgent }) => status === "open" && waitingFor === null && assignedAgent === null,
  all: isActive,
  mentions: ({ mentions }, me) => mentions?.includes(me) ?? false,
  waiting: ({ waitingSince }) => waitingSince !== undefined,
  unattended: ({ isUnattended }) => isUnattended === true,
};

const FILTERS: readonly [ConversationFilter, (row: Conversation) => boolean][] = [
  [{}, () => true],
  [{ team: TEAMS[0]! }, ({ team }) => team === TEAMS[0]],
  [{ team: "none" }, ({ team }) => team === null],
  [{ agent: AGENTS[4]! }, ({ assignedAgent }) => assignedAgent === AGENTS[4]],
  [{ agent: "none" }, ({ assignedAgent }) => assignedAgent === null],
  [{ label: ["sales"] }, ({ labels }) => labels.includes("sales")],
  [{ priority: ["high"] }, ({ priority }) => priority === "high"],
  [{ unread: true }, ({ unreadCount }) => unreadCount > 0],
  [{ contact: id("cc", 3) }, ({ contact }) => contact === id("cc", 3)],
  [{ channel: ["1002"] }, ({ channel }) => channel === "1002"],
];

const actor = (reach: Actor["reach"], index: number): Actor => ({
  kind: "agent",
  id: AGENTS[index]!,
  name: "Agent",
  role: "agent",
  permissions: new Set(),
  reach,
  teams: [TEAMS[1]!, TEAMS[2]!],
});

describe("the lists of the inbox", () => {
  let store: TestStore;
  let lists: ConversationListService;
  const rows = Array.from({ length: COUNT }, (_, index) => conversationAt(index));

  beforeAll(async () => {
    store = await openTestStore({ failScansOver: 0 });
    const conversations = conversationModel(store.store.connection);
    await conversations.createIndexes();
    await conversations.collection.insertMany(rows as never[]);
    const attributes = { listIds: async () => [], among: async () => new Set<string>() };
    lists = createConversationListService({
      conversations,
      attributes: attributes as never,
      clock: { ...systemClock, now: () => NOW },
    });
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const wanted = (who: Actor, tab: Tab | undefined, fits: (row: Conversation) => boolean): string[] => {
    const time = (row: Conversation) => (tab === "waiting" ? -row.waitingSince!.getTime() : row.lastMessageAt.getTime());
    const upwards = tab === "waiting" ? 1 : -1;
    return rows
      .filter((row) => reaches(who, row) && fits(row) && (!tab || inTab[tab](row, who.id)))
      .sort((a, b) => time(b) - time(a) || (a._id < b._id ? -upwards : upwards))
      .map(({ _id }) => _id);
  };

  const people = { all: actor("all", 1), team: actor("team", 4), own: actor("own", 7) };
  for (const [reach, who] of Object.entries(people))
    for (const tab of [undefined, ...TABS])
      test(`${tab ?? "no tab"} of somebody who sees ${reach}`, async () => {
        for (const [filter, fits] of FILTERS) {
          const asked = tab ? { ...filter, tab } : filter;
          const expected = wanted(who, tab, fits);
          const first = await lists.list(asked, { limit: LIMIT }, who);
          expect({ asked, ids: first.items.map((item) => item.id) }).toEqual({ asked, ids: expected.slice(0, LIMIT) });
          expect(first.next !== null).toBe(expected.length > LIMIT);
          if (first.next) {
            const second = await lists.list(asked, { limit: LIMIT, cursor: first.next }, who);
            expect(second.items.map((item) => item.id)).toEqual(expected.slice(LIMIT, 2 * LIMIT));
          }
        }
      });

  test("those that are looked at all day read only what they show, for whoever sees a team too", async () => {
    for (const [reach, who] of Object.entries(people))
      for (const tab of [undefined, ...TABS]) {
        const before = store.engine.examined;
        await lists.list(tab ? { tab } : {}, { limit: LIMIT }, who);
        const list = `${reach}, ${tab ?? "no tab"}`;
        const examined = store.engine.examined - before;
        // Up to five parts of the reach, read ahead by a chunk each.
        expect({ list, isFew: examined <= 250, examined }).toMatchObject({ list, isFew: true });
      }
  });

  test("the talks of one contact are found by the contact", async () => {
    for (const who of Object.values(people)) {
      const before = store.engine.examined;
      await lists.list({ contact: id("cc", 3) }, { limit: LIMIT }, who);
      // Eight talks at most, looked at for each part of the reach.
      expect(store.engine.examined - before).toBeLessThanOrEqual(4 * 8);
    }
  });

  test("somebody who sees a team finds those that wait by the index of the team", async () => {
    const before = store.engine.examined;
    await lists.list({ tab: "waiting", team: TEAMS[1]! }, { limit: LIMIT }, people.team);
    expect(store.engine.examined - before).toBeLessThanOrEqual(120);
  });
});
