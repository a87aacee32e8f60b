/** Tabs, filters and counts of the inbox: each shows exactly what it says, in its order, and is found by an index. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { Actor } from "../../../src/core/actor";
import { reaches, SYSTEM } from "../../../src/core/actor";
import { systemClock } from "../../../src/core/clock";
import { newId } from "../../../src/core/id";
import { silentLog } from "../../../src/core/log";
import type { ConversationView } from "../../../src/events/view";
import { createContactAttributeService } from "../../../src/features/contacts/contact-attribute.service";
import type { ConversationAction } from "../../../src/features/conversation-actions/conversation-action.schema";
import { createConversationActionService } from "../../../src/features/conversation-actions/conversation-action.service";
import type { Conversation } from "../../../src/features/conversations/conversation.model";
import { createConversationService } from "../../../src/features/conversations/conversation.service";
import { type ConversationFilter, conditionsOf, TABS, type Tab } from "../../../src/features/conversations/conversation-filter";
import { createConversationListService } from "../../../src/features/conversations/conversation-list.service";
import { openRooms, type Rooms } from "../../helpers/rooms";

setDefaultTimeout(60_000);

const START = Date.now() - 3_600_000;
const LUCIA = newId();
const PEDRO = newId();
const SALES = newId();
const people: Record<string, string> = { [LUCIA]: "Lucia", [PEDRO]: "Pedro", [SALES]: "Sales" };

const actorOf = (id: string, reach: Actor["reach"] = "all", teams: string[] = []): Actor => ({
  ...SYSTEM,
  kind: "agent",
  id,
  name: people[id] ?? id,
  reach,
  teams,
});
const ACTORS = [actorOf(LUCIA), actorOf(PEDRO, "own"), actorOf(LUCIA, "team", [SALES]), actorOf(PEDRO, "team")];

function conversation(index: number, fields: Partial<Conversation> = {}): Conversation {
  // Four share a millisecond.
  const at = new Date(START + Math.floor(index / 4));
  return {
    _id: newId(),
    contact: newId(),
    contactName: `Customer ${index}`,
    contactPhone: null,
    contactUsername: null,
    channel: `channel-${index % 2}`,
    source: "whatsapp",
    status: "open",
    waitingFor: null,
    priority: "normal",
    isOpen: true,
    isAIEnabled: false,
    assignedAgent: null,
    team: null,
    participants: [],
    labels: [],
    windowExpiresAt: new Date(at.getTime() + 24 * 3_600_000),
    lastMessageAt: at,
    lastMessage: null,
    lastInboundWamid: null,
    unreadCount: index % 3,
    inboundSeq: 1,
    answeredSeq: 0,
    epoch: 0,
    batch: null,
    summary: null,
    summaryUpTo: null,
    createdAt: at,
    updatedAt: at,
    resolvedAt: null,
    resolvedBy: null,
    version: 0,
    ...fields,
  };
}

function openServices(rooms: Rooms) {
  const conversations = createConversationService({
    conversations: rooms.models.conversations,
    log: rooms.eventLog,
    clock: systemClock,
    assistantEnabled: () => false,
  });
  const lists = createConversationListService({
    conversations: rooms.models.conversations,
    attributes: createContactAttributeService(rooms.models),
    clock: systemClock,
  });
  const find = async (id: string) => (people[id] ? { id, name: people[id] } : null);
  const actions = createConversationActionService({
    conversations,
    // The thread is of no interest here.
    messages: { addActivity: async () => {} } as never,
    labels: { assertKnown: async () => {} },
    positions: { toNewest: async () => {}, backBeforeLast: async () => {}, merging: async () => async () => {} },
    findAgent: find,
    findTeam: find,
    eventLog: rooms.eventLog,
    bus: rooms.bus,
    clock: systemClock,
    log: silentLog,
  });
  const all = async () => (await rooms.models.conversations.find({}).lean()) as Conversation[];
  return { conversations, lists, actions, all };
}

/** What each tab means, said once more in another way. */
const inTab: Record<Tab, (one: Conversation, me: string) => boolean> = {
  mine: (one, me) => one.assignedAgent === me && isActive(one),
  unassigned: (one) => one.status === "open" && one.assignedAgent === null,
  all: (one) => isActive(one),
  mentions: (one, me) => (one.mentions ?? []).includes(me),
  waiting: (one) => one.waitingSince instanceof Date,
  unattended: (one) => one.isUnattended === true,
};
const isActive = ({ status, waitingFor }: Conversation) =>
  !["resolved", "closed"].includes(status) && !(status === "waiting" && waitingFor === "snooze");

const action: fc.Arbitrary<ConversationAction> = fc.oneof(
  fc.record({ do: fc.constant("assign" as const), agent: fc.constantFrom(LUCIA, PEDRO, null) }),
  fc.record({ do: fc.constant("transfer" as const), team: fc.constantFrom(SALES, null) }),
  fc.record({ do: fc.constant("status" as const), status: fc.constantFrom("open", "resolved", "closed") }),
  fc.record({ do: fc.constant("snooze" as const), until: fc.constantFrom(null, "2099-01-01T00:00:00.000Z") }),
  fc.record({ do: fc.constant("assistant" as const), on: fc.boolean() }),
  fc.record({ do: fc.constant("mute" as const), on: fc.boolean() }),
  fc.record({ do: fc.constant("label" as const), set: fc.constantFrom(["vip"], [], ["vip", "factura"]) }),
  fc.record({ do: fc.constant("priority" as const), priority: fc.constantFrom("low", "normal", "high", "urgent") }),
  fc.record({ do: fc.constant("follow" as const), agent: fc.constantFrom(LUCIA, PEDRO) }),
  fc.constantFrom({ do: "read" as const }, { do: "unread" as const }, { do: "take" as const }),
) as never;

test("after any series of deeds every count equals a recount, for everybody's reach", async () => {
  await using rooms = await openRooms();
  const { lists, actions, all } = openServices(rooms);
  const ids: string[] = [];
  for (let index = 0; index < 8; index++) {
    const one = conversation(index, index % 2 ? { mentions: [LUCIA], unseenMentions: [LUCIA] } : {});
    await rooms.models.conversations.collection.insertOne(one as never);
    ids.push(one._id);
  }
  const step = fc.tuple(fc.nat(ids.length - 1), action, fc.constantFrom(LUCIA, PEDRO));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const [at, deed, by] of steps) await actions.act(ids[at]!, [deed], actorOf(by)).catch(refusals);
      const stored = await all();
      for (const actor of ACTORS) {
        const visible = stored.filter((one) => reaches(actor, one));
        const counts = await lists.countTabs(actor);
        for (const tab of TABS) {
          const wanted = visible.filter((one) => inTab[tab](one, actor.id));
          const listed = await lists.list({ tab }, { limit: 100 }, actor);
          expect(listed.items.map(({ id }) => id).sort()).toEqual(wanted.map(({ _id }) => _id).sort());
          const unseen = visible.filter((one) => (one.unseenMentions ?? []).includes(actor.id));
          expect([tab, counts[tab]]).toEqual([tab, tab === "mentions" ? unseen.length : wanted.length]);
        }
      }
      for (const one of stored) {
        expect(one.isUnattended === true && !isActive(one)).toBe(false);
        expect(one.waitingSince instanceof Date && !isActive(one)).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});

/** `conversation.closed`: an action that does not fit is refused and changes nothing. */
const refusals = (error: { code?: string }) => {
  if (error.code !== "conversation.closed") throw error;
};

describe("two thousand conversations", () => {
  const SIZE = 2_000;
  const me = actorOf(LUCIA);
  let rooms: Rooms;
  let services: ReturnType<typeof openServices>;
  beforeAll(async () => {
    rooms = await openRooms();
    services = openServices(rooms);
    const states: Partial<Conversation>[] = [
      { status: "resolved", resolvedAt: new Date() },
      { status: "open", isUnattended: true, waitingSince: new Date(START + 5) },
      { status: "assigned", assignedAgent: LUCIA, team: SALES },
      { status: "waiting", waitingFor: "assistant", isAIEnabled: true },
      { status: "waiting", waitingFor: "snooze" },
      { status: "closed", isOpen: false },
      { status: "assigned", assignedAgent: PEDRO, participants: [LUCIA] },
    ];
    const rows = Array.from({ length: SIZE }, (_, index) =>
      conversation(index, {
        ...states[index % states.length],
        ...(index % 40 === 0 ? { priority: "urgent", rank: 2 } : {}),
        ...(index % 25 === 0 ? { labels: ["vip"] } : {}),
        ...(index % 50 === 0 ? { mentions: [LUCIA], unseenMentions: [LUCIA] } : {}),
      }),
    );
    await rooms.models.conversations.collection.insertMany(rows as never[]);
  });
  afterAll(() => rooms[Symbol.asyncDispose]());

  const filters: [string, ConversationFilter, ((one: Conversation) => boolean)?][] = [
    ...TABS.map(
      (tab) =>
        [tab, { tab }, (one: Conversation) => inTab[tab](one, LUCIA)] as [
          string,
          ConversationFilter,
          (one: Conversation) => boolean,
        ],
    ),
    ["nothing", {}, () => true],
    ["status", { status: ["resolved", "closed"] }, ({ status }) => status === "resolved" || status === "closed"],
    ["snoozed", { waitingFor: "snooze" }, ({ waitingFor }) => waitingFor === "snooze"],
    ["priority", { priority: ["urgent", "high"] }, ({ priority }) => priority === "urgent"],
    ["label", { label: ["vip"] }, ({ labels }) => labels.includes("vip")],
    ["label in a tab", { tab: "all", label: ["vip", "unheard"] }, (one) => isActive(one) && one.labels.includes("vip")],
    ["team", { team: SALES }, ({ team }) => team === SALES],
    ["agent", { agent: PEDRO, tab: "all" }, ({ assignedAgent }) => assignedAgent === PEDRO],
    ["me", { agent: "me" }, ({ assignedAgent }) => assignedAgent === LUCIA],
    ["number", { channel: ["channel-1"] }, ({ channel }) => channel === "channel-1"],
    ["bot", { handledBy: "bot" }, ({ isAIEnabled }) => isAIEnabled],
    ["person, unread", { handledBy: "person", unread: true }, (one) => !one.isAIEnabled && one.unreadCount > 0],
    ["window open", { windowOpen: true }, () => true],
    [
      "time",
      { since: new Date(START + 100).toISOString(), until: new Date(START + 200).toISOString() },
      ({ lastMessageAt }) => lastMessageAt >= new Date(START + 100) && lastMessageAt < new Date(START + 200),
    ],
  ];

  test.each(filters)(
    "%s: read page by page in its order, each once, while rows come and go",
    async (_, filter, matches = () => true) => {
      const wanted = (await services.all()).filter(matches).map(({ _id }) => _id);
      for (const sort of ["newest", "oldest", "created", "priority"] as const) {
        const seen: ConversationView[] = [];
        let cursor: string | undefined;
        do {
          const page = await services.lists.list(filter, { limit: 97, cursor, sort }, me);
          seen.push(...page.items);
          cursor = page.next ?? undefined;
        } while (cursor);
        expect(seen.map(({ id }) => id).sort()).toEqual([...wanted].sort());
        const keys = seen.map(({ id, lastMessageAt, priority }) =>
          sort === "created"
            ? id
            : `${sort === "priority" ? { low: 0, normal: 1, high: 2, urgent: 3 }[priority] : ""}${lastMessageAt}${id}`,
        );
        const sorted = [...keys].sort();
        expect(keys).toEqual(sort === "oldest" ? sorted : sorted.reverse());
      }
    },
  );

  test("the longest wait comes first", async () => {
    const { items } = await services.lists.list({ tab: "waiting" }, { limit: 100 }, me);
    const times = items.map(({ waitingSince }) => waitingSince);
    expect([...times].sort()).toEqual(times);
  });

  test.each(filters)("%s: an index finds it, in its order, and the first page looks at few", async (_, filter) => {
    const { collection } = rooms.models.conversations;
    const sort: Record<string, 1 | -1> = filter.tab === "waiting" ? { waitingSince: 1, _id: 1 } : { lastMessageAt: -1, _id: -1 };
    const conditions = conditionsOf(filter, me, Date.now());
    const plan = await collection
      .find((conditions.length > 0 ? { $and: conditions } : {}) as never)
      .sort(sort)
      .limit(51)
      .explain("executionStats");
    const text = JSON.stringify(plan);
    expect(text).toContain("IXSCAN");
    expect(text).not.toContain("COLLSCAN");
    expect(text).not.toMatch(/"stage":"SORT"/);
    expect((plan as { executionStats: { totalDocsExamined: number } }).executionStats.totalDocsExamined).toBeLessThan(500);
  });
});
