/**
 * Actions on everything that matches, in the background. What matches is noted when it is asked for; then a few conversations at a
 * time are changed in one transaction with the progress, so that a crash neither skips one nor does one twice.
 */
import { type Actor, SYSTEM } from "../../core/actor";
import { type Alarm, createAlarm } from "../../core/alarm";
import type { Clock } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import { decodeCursor, type Page, type PageRequest, toPage } from "../../core/page";
import type { EventBus } from "../../events/bus";
import type { DurableData } from "../../events/catalog";
import type { Change, EventLog } from "../../events/log";
import type { JobView } from "../../events/view";
import type { ConversationAction } from "../conversation-actions/conversation-action.schema";
import { assertAllowed, type ConversationActionService, mayDo } from "../conversation-actions/conversation-action.service";
import { type ConversationService, reachable } from "../conversations/conversation.service";
import type { ConversationFilter } from "../conversations/conversation-filter";
import type { ConversationListService } from "../conversations/conversation-list.service";
import type { BulkChunk, BulkChunkModel, BulkJob, BulkJobModel } from "./bulk-job.model";

export interface BulkRequest {
  ids?: readonly string[] | undefined;
  filter?: ConversationFilter | undefined;
  actions: readonly ConversationAction[];
}

export interface BulkJobService {
  /** Stores the job and begins with it. */
  create(request: BulkRequest, actor: Actor): Promise<JobView>;
  /** A label is gone: it disappears from whatever carries it. */
  takeOffLabel(name: string, change: Change): Promise<JobView>;
  get(id: string, actor: Actor): Promise<JobView>;
  /** The actor's own, the newest first. */
  list(request: PageRequest, actor: Actor): Promise<Page<JobView>>;
  /** What has been done stays done. */
  cancel(id: string, actor: Actor): Promise<JobView>;
  /** Goes on with what an earlier run of the product has left. */
  start(): void;
  stop(): Promise<void>;
}

export interface BulkJobDeps {
  jobs: BulkJobModel;
  chunks: BulkChunkModel;
  conversations: Pick<ConversationService, "findConversation">;
  lists: Pick<ConversationListService, "ids">;
  actions: Pick<ConversationActionService, "apply">;
  /** Somebody with the rights of now; null when they have none any more. */
  findActor: (who: Pick<Actor, "kind" | "id">) => Promise<Actor | null>;
  eventLog: EventLog;
  bus: EventBus;
  owner: string;
  /** No other process can be at work: what another one held was left by a crash. */
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

/** A transaction is the time for which a webhook may have to wait. */
const AT_ONCE = 10;
const CHUNK = 500;
const MOST_FAILURES = 20;
const LEASE_MS = 60_000;

export function createBulkJobService(deps: BulkJobDeps): BulkJobService {
  const { jobs, chunks, conversations, lists, actions, findActor, eventLog, bus, owner, isAlone, clock, log } = deps;
  let isStopped = false;
  let unsubscribe = () => {};

  async function update(id: string, filter: object, fields: object, { session, emit }: Change): Promise<BulkJob | null> {
    const after = (await jobs.collection.findOneAndUpdate({ _id: id as never, ...filter }, fields as never, {
      session,
      returnDocument: "after",
    })) as unknown as BulkJob | null;
    if (after) emit("job:updated", { job: toJobView(after) });
    return after;
  }

  const running = { pending: true };
  const end = (state: BulkJob["state"], problem: string | null = null) => ({
    $set: { state, problem, finishedAt: new Date(clock.now()), owner: null, leaseUntil: null },
    $unset: { pending: "" },
  });

  /** Notes what the job is about. Begun anew when it was interrupted: nothing has been changed by then. */
  async function prepare(job: BulkJob): Promise<void> {
    const actor = await actorNow(job);
    if (!actor)
      return void (await eventLog.change((change) => update(job._id, running, end("cancelled", refusalOf(job)), change)));
    await chunks.deleteMany({ job: job._id });
    const seen = new Set<string>();
    for await (const page of lists.ids(job.filter ?? {}, actor)) {
      if (isStopped) return;
      const ids = page.filter((id) => !seen.has(id));
      if (ids.length > 0) await chunks.create(chunkOf(job._id, seen.size, ids));
      for (const id of ids) seen.add(id);
    }
    await eventLog.change((change) => update(job._id, running, { $set: { state: "running", total: seen.size } }, change));
  }

  /** Whoever asked for it, with the rights of now; null when they may not do it any more: then it ends. */
  async function actorNow({ actor, actions: wanted }: BulkJob): Promise<Actor | null> {
    const found = await findActor({ kind: actor.kind, id: actor.id });
    return found && wanted.every((action) => mayDo(action, found)) ? found : null;
  }

  const chunkOf = (job: string, from: number, ids: string[]): BulkChunk => ({ _id: newId(clock.now()), job, from, ids });

  /** The next few conversations of a job. */
  async function nextOf({ _id, done, failed }: BulkJob): Promise<string[]> {
    const at = done + failed;
    const chunk = (await chunks
      .findOne({ job: _id, from: { $lte: at } })
      .sort({ from: -1 })
      .lean()) as BulkChunk | null;
    return chunk?.ids.slice(at - chunk.from, at - chunk.from + AT_ONCE) ?? [];
  }

  async function step(before: BulkJob): Promise<void> {
    const ids = await nextOf(before);
    const actor = await actorNow(before);
    await eventLog.change(async (change) => {
      const job = (await jobs.collection.findOne(
        { _id: before._id as never, pending: true },
        { session: change.session },
      )) as unknown as BulkJob | null;
      // Cancelled meanwhile, or another process was faster.
      if (!job || job.done + job.failed !== before.done + before.failed) return;
      if (ids.length === 0) return void (await update(job._id, running, end("done"), change));
      if (!actor) return void (await update(job._id, running, end("cancelled", refusalOf(job)), change));
      const failures: BulkJob["failures"] = [];
      for (const id of ids) {
        try {
          await actions.apply(
            reachable(await conversations.findConversation(id, change.session), actor),
            job.actions,
            actor,
            change,
          );
        } catch (error) {
          // AppError: this one cannot be changed in this way; the rules speak before anything is written.
          if (!(error instanceof AppError) || error.status >= 500) throw error;
          failures.push({ conversation: id, code: error.code, message: error.message });
        }
      }
      const kept = failures.slice(0, Math.max(0, MOST_FAILURES - job.failures.length));
      const moved = {
        $inc: { done: ids.length - failures.length, failed: failures.length },
        $push: { failures: { $each: kept } },
      };
      await update(job._id, running, moved, change);
    });
  }

  async function queue({ ids, filter, actions: wanted }: BulkRequest, actor: Actor, change: Change): Promise<JobView> {
    const { permissions, teams, ...who } = actor;
    const unique = ids ? [...new Set(ids)] : null;
    const job: BulkJob = {
      _id: newId(clock.now()),
      by: actor.id,
      actor: { ...who, teams: [...teams], permissions: [...permissions] },
      filter: unique ? null : (filter ?? {}),
      actions: [...wanted],
      state: unique ? "running" : "preparing",
      total: unique?.length ?? null,
      done: 0,
      failed: 0,
      failures: [],
      pending: true,
      leaseUntil: null,
      owner: null,
      createdAt: new Date(clock.now()),
      finishedAt: null,
    };
    await jobs.collection.insertOne(job as never, { session: change.session });
    for (let from = 0; unique && from < unique.length; from += CHUNK)
      await chunks.collection.insertOne(chunkOf(job._id, from, unique.slice(from, from + CHUNK)) as never, {
        session: change.session,
      });
    change.emit("job:updated", { job: toJobView(job) });
    return toJobView(job);
  }

  const get = async (id: string, actor: Actor): Promise<BulkJob> => {
    const job = (await jobs.findById(id).lean()) as BulkJob | null;
    if (!job || (job.by !== actor.id && actor.reach !== "all")) throw fail("job.not-found");
    return job;
  };

  /** Nobody else holds it. */
  const isFree = (job: BulkJob) =>
    isAlone || job.owner === null || job.owner === owner || (job.leaseUntil?.getTime() ?? 0) <= clock.now();

  /** One job at a time, the oldest first: two would only make each other slower. */
  const alarm: Alarm = createAlarm({
    name: "bulk actions",
    async soonest() {
      const first = (await jobs.findOne({ pending: true }).sort({ _id: 1 }).lean()) as BulkJob | null;
      if (!first) return null;
      return isFree(first) ? new Date(0) : first.leaseUntil;
    },
    async ring() {
      const first = (await jobs.findOne({ pending: true }).sort({ _id: 1 }).lean()) as BulkJob | null;
      if (!first || !isFree(first)) return;
      for (let job: BulkJob | null = first; job?.pending && !isStopped; ) {
        const lease = { owner, leaseUntil: new Date(clock.now() + LEASE_MS) };
        const held = await jobs.updateOne({ _id: job._id, pending: true, owner: job.owner }, { $set: lease });
        if (held.matchedCount === 0) return;
        await (job.state === "preparing" ? prepare(job) : step(job));
        job = (await jobs.findById(job._id).lean()) as BulkJob | null;
        if (!job?.pending) await chunks.deleteMany({ job: first._id });
      }
    },
    clock,
    log,
  });

  return {
    async create(request, actor) {
      for (const action of request.actions) assertAllowed(action, actor);
      return eventLog.change((change) => queue(request, actor, change));
    },

    takeOffLabel: (name, change) =>
      queue({ filter: { label: [name] }, actions: [{ do: "label", remove: [name] }] }, SYSTEM, change),

    get: async (id, actor) => toJobView(await get(id, actor)),

    async list({ limit, cursor }, actor) {
      const [id] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const rows = (await jobs
        .find({ by: actor.id, ...(id ? { _id: { $lt: id as string } } : {}) })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean()) as BulkJob[];
      return toPage(rows, limit, toJobView, (row) => [row._id]);
    },

    async cancel(id, actor) {
      await get(id, actor);
      const after = await eventLog.change((change) => update(id, running, end("cancelled"), change));
      if (!after) throw fail("job.over");
      return toJobView(after);
    },

    start() {
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event === "job:updated" && (data as DurableData<"job:updated">).job.finishedAt === null) alarm.look();
      });
      alarm.look();
    },
    async stop() {
      isStopped = true;
      unsubscribe();
      await alarm.stop();
    },
  };
}

const refusalOf = ({ actor }: BulkJob): string => `${actor.name} may not do this any more.`;

const toJobView = (job: BulkJob): JobView => ({
  id: job._id,
  by: job.by,
  state: job.state,
  total: job.total,
  done: job.done,
  failed: job.failed,
  failures: job.failures,
  problem: job.problem ?? null,
  createdAt: job.createdAt.toISOString(),
  finishedAt: job.finishedAt?.toISOString() ?? null,
});
