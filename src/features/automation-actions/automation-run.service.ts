/**
 * Carries out the actions of rules and macros, one after the other, in the order of their runs within a conversation. Each action is
 * noted with what it changes, or is repeatable under a key of its own: a crash between two actions repeats neither. Only a request to
 * another server can be asked twice, and says so by its id; a mail that may have left is never sent again.
 */
import type { ClientSession } from "mongoose";
import { type Actor, can, type FindActor } from "../../core/actor";
import { type Alarm, createAlarm } from "../../core/alarm";
import { withCause } from "../../core/cause";
import type { Clock } from "../../core/clock";
import { AppError, describeError, fail } from "../../core/errors";
import { boundaryId, newId, shortHash } from "../../core/id";
import type { Log } from "../../core/log";
import { decodeCursor, type Page, type PageRequest, toPage } from "../../core/page";
import type { Permission } from "../../core/permissions";
import { backoffMs } from "../../core/retry";
import type { Change, EventLog } from "../../events/log";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { MessageService } from "../messages/message.service";
import type { AutomationAction } from "./automation-action.schema";
import {
  createPerform,
  isOnConversation,
  isOutside,
  isWorthRetrying,
  type PerformDeps,
  type Performed,
} from "./automation-perform";
import type { AutomationRun, AutomationRunModel, Outcome } from "./automation-run.model";
import { type RunView, toRunView } from "./automation-run.schema";

export { referencesInActions } from "./action-reference";
export { AutomationAction, AutomationActions } from "./automation-action.schema";
export { RunView } from "./automation-run.schema";

export interface NewRun {
  /** The same key is run once. */
  key: string;
  kind: "rule" | "macro";
  source: string;
  name: string;
  conversation: Pick<Conversation, "_id" | "contact">;
  event?: string;
  seq?: number | null;
  message?: string | null;
  actor: Actor;
  /** Rules that have led here, this one included. */
  chain: readonly string[];
  actions: readonly AutomationAction[];
  /** It is noted and not carried out, and this is why. */
  skipped?: string;
}

export interface RunQuery extends PageRequest {
  source?: string | undefined;
  conversation?: string | undefined;
}

export interface AutomationRunService {
  /** Notes a run, unless there is one of this key; gives its id. It begins after the commit and `look`. */
  queue(run: NewRun, session: ClientSession): Promise<string>;
  /** How many runs of rules have begun on this conversation since then, at most `limit`. */
  countSince(conversation: string, since: number, limit: number, source?: string, session?: ClientSession): Promise<number>;
  /** Carries a run out as far as it goes now, and gives what came of it. */
  finish(id: string): Promise<RunView>;
  list(query: RunQuery, actor: Actor): Promise<Page<RunView>>;
  get(id: string, actor: Actor): Promise<RunView>;
  look(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface AutomationRunDeps extends Omit<PerformDeps, "now" | "conversations"> {
  runs: AutomationRunModel;
  conversations: ConversationService;
  messages: Pick<MessageService, "addActivity">;
  eventLog: EventLog;
  /** A rule acts for the product; a macro for whoever has run it, with the rights of now. */
  findActor: FindActor;
  isStoreUnavailable: (error: unknown) => boolean;
  owner: string;
  /** No other process can be at work: what another one held was left by a crash. */
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

/** Conversations that are worked on at the same time: another server may take its time. */
const MOST_AT_ONCE = 8;
const LEASE_MS = 60_000;
const MOST_ATTEMPTS = 4;

export function createAutomationRunService(deps: AutomationRunDeps): AutomationRunService {
  const { runs, conversations, messages, eventLog, findActor, isStoreUnavailable, owner, isAlone, clock, log } = deps;
  const now = () => new Date(clock.now());
  const { change: changeConversation, perform } = createPerform({ ...deps, now: () => clock.now() });
  /** Conversations that are being worked on. */
  const active = new Map<string, Promise<void>>();
  let isStopped = false;

  const read = async (id: string) => (await runs.findById(id).lean()) as AutomationRun | null;

  /** Moves a run on by one action, if nobody has done so. */
  async function note(run: AutomationRun, outcome: Outcome, { session }: Pick<Change, "session">): Promise<void> {
    const { matchedCount } = await runs.collection.updateOne(
      { _id: run._id as never, next: run.next, dueAt: { $exists: true } },
      { $set: { calling: null, attempts: 0 }, $inc: { next: 1 }, $push: { outcomes: outcome } } as never,
      { session },
    );
    if (matchedCount === 0) throw new Overtaken("another process carries this run out");
  }

  const outcomeOf = (action: AutomationAction, { message, detail, skipped }: Performed): Outcome => ({
    do: action.do,
    state: skipped ? "skipped" : "done",
    detail: skipped ?? detail ?? null,
    message: message ?? null,
    at: now(),
  });

  async function step(run: AutomationRun): Promise<void> {
    const action = run.actions[run.next] as AutomationAction;
    const actor = run.actor.kind === "system" ? actorOf(run) : await findActor(run.actor);
    if (!actor) throw fail("auth.forbidden", { message: `${run.actor.name} may do nothing any more.` });
    const key = `run:${run._id}:${run.next}`;
    if (isOnConversation(action)) {
      await eventLog.change(async (change) => {
        await note(run, outcomeOf(action, {}), change);
        await changeConversation(run, action, actor, change);
      });
      return;
    }
    if (isOutside(action)) {
      if (run.calling === run.next && action.do === "mail") {
        const detail = "The process ended while the mail was being sent: it may have left.";
        return eventLog.change((change) => note(run, { ...outcomeOf(action, { detail }), state: "unknown" }, change));
      }
      await runs.updateOne({ _id: run._id, next: run.next }, { $set: { calling: run.next } });
    }
    const performed = await perform(run, action, actor, key);
    await eventLog.change((change) => note(run, outcomeOf(action, performed), change));
  }

  /** True when the run waits for another try. */
  async function stumble(run: AutomationRun, error: unknown): Promise<boolean> {
    const action = run.actions[run.next] as AutomationAction;
    const isOwnFault = !(error instanceof AppError) || error.status >= 500;
    if ((isWorthRetrying(error) || isOwnFault) && run.attempts + 1 < MOST_ATTEMPTS) {
      log.warn("an action failed and is tried again", { run: run._id, action: action.do, reason: describeError(error) });
      const dueAt = new Date(clock.now() + backoffMs(run.attempts + 1, { baseMs: 1_000, maxMs: 60_000 }));
      await runs.updateOne(
        { _id: run._id, next: run.next },
        { $set: { dueAt, calling: null, owner: null }, $inc: { attempts: 1 } },
      );
      return true;
    }
    if (!(error instanceof AppError)) log.error("an action failed", { run: run._id, action: action.do, error });
    const detail = error instanceof AppError ? error.message : "Something broke on our side.";
    const failed: Outcome = { do: action.do, state: "failed", detail, message: null, at: now() };
    await eventLog.change((change) => note(run, failed, change));
    return false;
  }

  async function close(run: AutomationRun): Promise<void> {
    const state = run.outcomes.some((one) => one.state === "failed" || one.state === "unknown") ? "failed" : "done";
    await eventLog.change(async (change) => {
      const { matchedCount } = await runs.collection.updateOne(
        { _id: run._id as never, dueAt: { $exists: true } },
        { $set: { state, finishedAt: now(), owner: null, leaseUntil: null }, $unset: { dueAt: "" } } as never,
        { session: change.session },
      );
      const conversation = matchedCount > 0 && (await conversations.findConversation(run.conversation, change.session));
      if (!conversation) return;
      const outcomes = run.outcomes.map(({ do: name, state }) => ({ do: name, state }));
      await messages.addActivity(conversation, lineOf(run), `run:${run._id}`, change, {
        payload: { kind: run.kind, run: run._id, source: run.source, name: run.name, event: run.event, outcomes },
        author: run.actor.kind === "agent" ? run.actor.id : null,
      });
    });
  }

  /** Takes the run for this process; null when it is over, or somebody else's. */
  async function claim(id: string): Promise<AutomationRun | null> {
    const free = isAlone ? {} : { $or: [{ owner: null }, { owner }, { leaseUntil: { $lte: now() } }] };
    return (await runs.collection.findOneAndUpdate(
      { _id: id as never, dueAt: { $exists: true }, ...free },
      { $set: { owner, leaseUntil: new Date(clock.now() + LEASE_MS) } },
      { returnDocument: "after" },
    )) as unknown as AutomationRun | null;
  }

  async function carryOut(id: string): Promise<void> {
    for (let run = await claim(id); run && !isStopped; run = await claim(id)) {
      const current = run;
      if (current.next >= current.actions.length) return withCause(current.chain, () => close(current));
      try {
        await withCause(current.chain, () => step(current));
      } catch (error) {
        // Of the store: all of it waits. An AppError: the rules of the product speak. Anything else is our own fault.
        if (isStoreUnavailable(error)) throw error;
        if (error instanceof Overtaken) return;
        if (await stumble(current, error)) return;
      }
    }
  }

  /** Works on a conversation until nothing of it is due. */
  function work(conversation: string, id: string): Promise<void> {
    const before = active.get(conversation) ?? Promise.resolve();
    const mine = before
      .then(() => carryOut(id))
      .catch((error) => {
        // The store is away: the run is still due, and is looked at again.
        log.error("a run could not be carried out and is looked at again", { run: id, reason: describeError(error) });
      })
      .finally(() => {
        if (active.get(conversation) === mine) active.delete(conversation);
        alarm.look();
      });
    active.set(conversation, mine);
    return mine;
  }

  const due = () => ({ dueAt: { $exists: true }, ...(active.size > 0 ? { conversation: { $nin: [...active.keys()] } } : {}) });

  const alarm: Alarm = createAlarm({
    name: "rules and macros",
    async soonest() {
      if (active.size >= MOST_AT_ONCE) return null;
      const [first] = (await runs.find(due()).sort({ dueAt: 1, _id: 1 }).limit(1).lean()) as AutomationRun[];
      return first?.dueAt ?? null;
    },
    async ring(at) {
      const found = (await runs
        .find({ ...due(), dueAt: { $exists: true, $lte: at } })
        .sort({ dueAt: 1, _id: 1 })
        .limit(50)
        .lean()) as AutomationRun[];
      for (const { _id, conversation } of found)
        if (!active.has(conversation) && active.size < MOST_AT_ONCE) void work(conversation, _id);
    },
    clock,
    log,
  });

  async function getVisible(id: string, actor: Actor): Promise<AutomationRun> {
    const run = await read(id);
    if (!run) throw fail("automation-run.not-found");
    await conversations.getReachable(run.conversation, actor);
    return run;
  }

  return {
    async queue({ key, conversation, actor, chain, actions, skipped, ...rest }, session) {
      const { permissions, origin: _, teams, ...who } = actor;
      const hashed = shortHash(key);
      const known = (await runs.collection.findOne({ key: hashed }, { session, projection: { _id: 1 } })) as {
        _id: unknown;
      } | null;
      if (known) return String(known._id);
      const at = now();
      const run: AutomationRun = {
        ...rest,
        _id: newId(clock.now()),
        key: hashed,
        conversation: conversation._id,
        contact: conversation.contact,
        event: rest.event ?? null,
        seq: rest.seq ?? null,
        message: rest.message ?? null,
        actor: { ...who, teams: [...teams], permissions: [...permissions] },
        chain: [...chain],
        actions: [...actions],
        next: 0,
        calling: null,
        attempts: 0,
        outcomes: skipped ? [{ do: actions[0]?.do ?? "note", state: "skipped", detail: skipped, message: null, at }] : [],
        state: skipped ? "skipped" : "pending",
        ...(skipped ? {} : { dueAt: at }),
        owner: null,
        leaseUntil: null,
        createdAt: at,
        finishedAt: skipped ? at : null,
      };
      await runs.collection.insertOne(run as never, { session });
      return run._id;
    },

    async countSince(conversation, since, limit, source, session) {
      const filter = { conversation, _id: { $gte: boundaryId(since) as never }, kind: "rule", ...(source ? { source } : {}) };
      return runs.collection.countDocuments({ ...filter, state: { $ne: "skipped" } }, { limit, ...(session ? { session } : {}) });
    },

    async finish(id) {
      const run = await read(id);
      if (!run) throw fail("automation-run.not-found");
      if (run.dueAt) await work(run.conversation, id);
      return toRunView((await read(id)) ?? run);
    },

    async list({ source, conversation, limit, cursor }, actor) {
      if (conversation) await conversations.getReachable(conversation, actor);
      else if (!can(actor, "automation.manage") || actor.reach !== "all")
        throw fail("auth.forbidden", {
          message: "Name a conversation: all runs are for those who manage automation and see every conversation.",
        });
      const [last] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const filter = {
        ...(source ? { source } : {}),
        ...(conversation ? { conversation } : {}),
        ...(last ? { _id: { $lt: last as string } } : {}),
      };
      const rows = (await runs
        .find(filter)
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean()) as AutomationRun[];
      return toPage(rows, limit, toRunView, (row) => [row._id]);
    },

    get: async (id, actor) => toRunView(await getVisible(id, actor)),
    look: () => alarm.look(),
    start: () => alarm.look(),
    async stop() {
      isStopped = true;
      await alarm.stop();
      await Promise.all(active.values());
    },
  };
}

class Overtaken extends Error {}

const actorOf = ({ actor }: AutomationRun): Actor => ({ ...actor, permissions: new Set(actor.permissions as Permission[]) });

/** What agents read in the thread. */
function lineOf({ kind, name, actor, outcomes }: AutomationRun): string {
  const words = outcomes.map(({ do: what, state, detail }) =>
    state === "done" ? what : `${what} ${state}${detail ? ` (${detail})` : ""}`,
  );
  return kind === "rule" ? `Rule "${name}": ${words.join(", ")}` : `${actor.name} ran "${name}": ${words.join(", ")}`;
}
