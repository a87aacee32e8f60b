/**
 * Asks customers how it was when a conversation is resolved, by buttons and inside the 24 hours only. The score is recorded once; the
 * next message within a limit is the comment. Neither reopens the conversation nor is answered by anybody else.
 */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { boundaryId, newId } from "../../core/id";
import { languageOf } from "../../core/language";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { CsatView } from "../../events/automation-view";
import type { DurableData } from "../../events/catalog";
import type { Change } from "../../events/log";
import type { FeedPart } from "../automation-feed/automation-feed.service";
import type { Intercept } from "../consent-words/consent-word.service";
import type { Contact } from "../contacts/contact.model";
import type { ContactService } from "../contacts/contact.service";
import type { Conversation, ConversationCsat } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { DueTaskService } from "../due-tasks/due-task.service";
import type { MessageService, Outgoing } from "../messages/message.service";
import { type AutomaticMessageService, type LocalText, pickText } from "../messages/message-automatic.service";
import type { ReachService } from "../messages/reach.service";
import type { SettingsService } from "../settings/setting.service";
import type { Csat, CsatModel } from "./csat.model";
import type { CsatQuery } from "./csat.schema";
import { csatSettings, SCORES } from "./csat-settings";

export interface CsatService {
  /** Hears answers while they are stored. */
  readonly intercept: Intercept;
  /** Asks when a conversation is resolved. */
  readonly feed: FeedPart;
  /** The newest first, within the actor's reach. */
  list(query: CsatQuery, actor: Actor): Promise<Page<CsatView>>;
}

export interface CsatDeps {
  csats: CsatModel;
  settings: Pick<SettingsService, "get">;
  conversations: Pick<ConversationService, "findConversation" | "update">;
  contacts: Pick<ContactService, "getContact">;
  messages: Pick<MessageService, "addActivity">;
  automatic: AutomaticMessageService;
  tasks: DueTaskService;
  reach: Pick<ReachService, "within">;
  clock: Clock;
}

const EXPIRY = "csat-expiry";
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MOST_COMMENT = 2_000;
const BUTTON = /^csat:([0-9a-f]{24}):([1-5])$/;

export function createCsatService(deps: CsatDeps): CsatService {
  const { csats, settings, conversations, contacts, messages, automatic, tasks, reach, clock } = deps;
  const now = () => new Date(clock.now());

  async function wasAskedLately(contact: string, { session }: Change): Promise<boolean> {
    const since = clock.now() - settings.get(csatSettings).everyDays * DAY_MS;
    const [last] = (await csats.find({ contact }, null, { session }).sort({ _id: -1 }).limit(1).lean()) as Csat[];
    return last !== undefined && last.askedAt.getTime() > since;
  }

  /** Whom it was about: whoever had it, else whoever resolved it. */
  const agentOf = ({ assignedAgent, resolvedBy }: Conversation) => assignedAgent ?? resolvedBy;

  async function ask(conversation: Conversation, contact: Contact, change: Change): Promise<void> {
    const { scale, questions, answerHours } = settings.get(csatSettings);
    const text = pickText(questions, conversation.channel, contact);
    const refusesAll = contact.optedOutAt && contact.optOutScope === "all";
    if (!text || refusesAll || conversation.inboundSeq === 0 || !automatic.maySpeak(conversation, contact)) return;
    if (await wasAskedLately(contact._id, change)) return;
    const csat: Csat = {
      _id: newId(clock.now()),
      conversation: conversation._id,
      contact: contact._id,
      channel: conversation.channel,
      agent: agentOf(conversation),
      team: conversation.team ?? null,
      state: "asked",
      scale,
      score: null,
      comment: null,
      askedAt: now(),
      answeredAt: null,
    };
    const content = (said: string) => questionOf(csat, said, contact);
    if (!(await automatic.say({ conversation, contact, text, content, sourceId: `csat:${csat._id}` }, change))) return;
    await csats.collection.insertOne(csat as never, { session: change.session });
    const until = new Date(clock.now() + answerHours * HOUR_MS);
    const marker: ConversationCsat = { id: csat._id, state: "asked", until, scale, score: null, comment: null };
    const { lastMessage, lastMessageAt } = conversation;
    await conversations.update(conversation._id, { csat: marker, lastMessage, lastMessageAt }, change);
    await tasks.put({ kind: EXPIRY, conversation: conversation._id, at: until, data: { id: csat._id } }, change.session);
  }

  tasks.handle(EXPIRY, async ({ data }, { session }) => {
    await csats.collection.updateOne({ _id: data.id as never, state: "asked" }, { $set: { state: "expired" } }, { session });
    return undefined;
  });

  /** Changes a survey if it is still as expected, and tells it. */
  async function move(id: string, expected: object, fields: Partial<Csat>, change: Change): Promise<Csat | null> {
    const after = (await csats.collection.findOneAndUpdate(
      { _id: id as never, ...expected },
      { $set: fields },
      { session: change.session, returnDocument: "after" },
    )) as unknown as Csat | null;
    if (after) change.emit("csat:received", { csat: toCsatView(after) });
    return after;
  }

  async function thank(
    texts: readonly LocalText[],
    { conversation, contact }: { conversation: Conversation; contact: Contact },
    part: string,
    change: Change,
  ): Promise<void> {
    const text = pickText(texts, conversation.channel, contact);
    const sourceId = `csat:${conversation.csat?.id}:${part}`;
    if (text) await automatic.say({ conversation, contact, text, sourceId }, change);
  }

  async function rate(id: string, score: number, place: Parameters<NonNullable<ReturnType<Intercept>>>[0], change: Change) {
    const { conversation, contact, message } = place;
    const { commentMinutes, commentQuestions, thanks } = settings.get(csatSettings);
    const expected = { contact: contact._id, state: "asked", scale: { $gte: score } };
    const csat = await move(id, expected, { state: "answered", score, answeredAt: now() }, change);
    // Pressed twice, or too late: the first answer stands.
    if (!csat) return;
    await tasks.remove({ kind: EXPIRY, conversation: csat.conversation }, change.session);
    await messages.addActivity(conversation, `The customer rates it ${score} of ${csat.scale}`, `csat:${message}`, change, {
      payload: { kind: "csat", csat: id, score, scale: csat.scale },
    });
    if (conversation.csat?.id !== id) return;
    const until = new Date(clock.now() + commentMinutes * 60_000);
    conversation.csat = { ...conversation.csat, state: commentMinutes > 0 ? "rated" : "over", score, until };
    await thank(commentMinutes > 0 ? commentQuestions : thanks, place, "rated", change);
  }

  async function comment(id: string, said: string, place: Parameters<NonNullable<ReturnType<Intercept>>>[0], change: Change) {
    const { conversation, message } = place;
    const text = said.slice(0, MOST_COMMENT);
    if (conversation.csat?.id === id) conversation.csat = { ...conversation.csat, state: "over", comment: text };
    if (!(await move(id, { state: "answered", comment: null }, { comment: text }, change))) return;
    await messages.addActivity(conversation, "The customer explains the rating", `csat:${message}`, change, {
      payload: { kind: "csat", csat: id, comment: text },
    });
    await thank(settings.get(csatSettings).thanks, place, "comment", change);
  }

  return {
    intercept({ type, text, payload, conversation }) {
      const [, id, score] = BUTTON.exec(String(payload.id ?? "")) ?? [];
      if (type === "interactive" && id && score) return (place, change) => rate(id, Number(score), place, change);
      const { csat, status } = conversation;
      if (!csat || type !== "text" || csat.until.getTime() < clock.now()) return null;
      // A person has taken it up again: what the customer says is for them.
      if (status !== "resolved") return null;
      const digit = /^[1-5]$/.test(text.trim()) ? Number(text.trim()) : 0;
      if (csat.state === "asked" && digit >= 1 && digit <= csat.scale)
        return (place, change) => rate(csat.id, digit, place, change);
      if (csat.state === "rated" && text.trim() !== "") return (place, change) => comment(csat.id, text.trim(), place, change);
      return null;
    },

    feed: {
      name: "customer satisfaction",
      events: ["conversation:updated"],
      wants({ data }) {
        if (!settings.get(csatSettings).isEnabled) return false;
        const { conversation, was } = data as DurableData<"conversation:updated">;
        return conversation.status === "resolved" && was?.status !== undefined;
      },
      async take({ data }, change) {
        const { id } = (data as DurableData<"conversation:updated">).conversation;
        const conversation = await conversations.findConversation(id, change.session);
        // The customer was faster, or somebody has thought better of it.
        if (conversation?.status !== "resolved") return;
        await ask(conversation, await contacts.getContact(conversation.contact, change.session), change);
      },
      taken: () => tasks.look(),
    },

    async list({ limit, cursor, from, to, score, ...filter }, actor) {
      const [last] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const conditions = [
        Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)),
        ...(score ? [{ score: Number(score) }] : []),
        ...(from ? [{ _id: { $gte: boundaryId(Date.parse(from)) } }] : []),
        ...(to ? [{ _id: { $lt: boundaryId(Date.parse(to)) } }] : []),
        ...(last ? [{ _id: { $lt: last as string } }] : []),
      ];
      const rows = (await csats
        .find({ $and: conditions })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean()) as Csat[];
      const page = toPage(
        rows,
        limit,
        (row) => row,
        (row) => [row._id],
      );
      return { ...page, items: (await reach.within(page.items, actor)).map(toCsatView) };
    },
  };
}

/** The question with its buttons. */
function questionOf({ _id, scale }: Csat, body: string, contact: Contact): Outgoing {
  const words = SCORES[languageOf(contact)];
  const choices = words[scale as 3 | 5].map((title, index) => ({ id: `csat:${_id}:${index + 1}`, title })).reverse();
  const interactive =
    scale === 3
      ? { kind: "buttons" as const, body, buttons: choices }
      : { kind: "list" as const, body, button: words.list, sections: [{ rows: choices }] };
  const content = { type: "interactive" as const, interactive };
  return { type: "interactive", text: body, payload: { ...interactive, csat: _id }, attachments: [], content };
}

const toCsatView = ({ _id, askedAt, answeredAt, ...csat }: Csat): CsatView => ({
  id: _id,
  ...csat,
  askedAt: askedAt.toISOString(),
  answeredAt: answeredAt?.toISOString() ?? null,
});
