/**
 * Imports of contacts: a file is taken whole, then worked through a few rows at a time, each piece in one transaction with how far it
 * has come. So it can be killed at any moment and goes on; between the pieces everything else gets its turn.
 */
import type { ClientSession } from "mongoose";
import { type Actor, assertSeesAll, can, type FindActor, SYSTEM } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import { type Clock, wait } from "../../core/clock";
import { AppError, describeError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import { createTidyMemory } from "../../core/memory";
import { decodeCursor, type Page, type PageRequest, toPage } from "../../core/page";
import type { ImportView } from "../../events/customer-view";
import type { Change, EventLog } from "../../events/log";
import type { AttributeService } from "../attributes/attribute.service";
import { csvLine } from "../exports/export.service";
import { CsvError, type Delimiter, detectDelimiter, detectEncoding, readRows } from "./csv-read";
import type { ContactImport, ContactImportModel } from "./import.model";
import type { NewImport } from "./import.schema";
import { toImportView } from "./import.view";
import { columnsOf, mappingProblem } from "./import-columns";
import type { ImportFiles } from "./import-file";
import { type ImportedContact, type RowRules, readContact } from "./import-row";
import type { WriteContacts, Written } from "./import-write";

export interface ImportService {
  /** Takes the file and begins. Throws `import.file` for one that cannot be read as contacts. */
  createImport(body: AsyncIterable<Uint8Array> | null, options: NewImport, actor: Actor): Promise<ImportView>;
  listImports(page: PageRequest, actor: Actor): Promise<Page<ImportView>>;
  getImport(id: string, actor: Actor): Promise<ImportView>;
  cancelImport(id: string, actor: Actor): Promise<ImportView>;
  /** The rows that could not be taken, with the reason of each. */
  reportOf(id: string, actor: Actor): Promise<Blob>;
  /** Goes on with what was cut short. */
  start(): void;
  stop(): Promise<void>;
}

export interface ImportDeps {
  imports: ContactImportModel;
  attributes: AttributeService;
  files: ImportFiles;
  write: WriteContacts;
  labelNames: () => Promise<string[]>;
  findActor: FindActor;
  audit: Auditor<ClientSession>;
  log: EventLog;
  logger: Log;
  clock: Clock;
}

const MOST_ROWS = 100_000;
/** So many rows share a transaction: few enough that nobody waits for it. */
const PIECE = 2;
/** Progress is told after so many pieces. */
const TELL_EVERY = 500;
/** Above this the garbage of the rows is taken away. */
const MOST_MEMORY_BYTES = 200_000_000;
const SHORTEST_PAUSE_MS = 5;
/** How long it rests after a piece, beside the time it has worked: the rest of the time belongs to the others. */
const RESTS_FOR = 3;
const AFTER_FAILURE_MS = 2_000;
const LOOK_EVERY_MS = 100;

export function createImportService(deps: ImportDeps): ImportService {
  const { imports, attributes, files, write, labelNames, findActor, audit, log, logger, clock } = deps;
  const tidyMemory = createTidyMemory(clock, MOST_MEMORY_BYTES);
  let isStopping = false;
  /** When the rights of who is importing were last looked at. */
  let lookedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function find(id: string, actor: Actor): Promise<ContactImport> {
    const found = (await imports.findById(id).lean()) as ContactImport | null;
    // One's own; an administrator has a look at all in the audit log.
    if (!found || found.by !== actor.id) throw fail("import.not-found");
    return found;
  }

  async function inspect(
    id: string,
    options: NewImport,
  ): Promise<Pick<ContactImport, "encoding" | "delimiter" | "columns" | "total">> {
    const sample = await files.sample(id);
    const encoding = options.encoding ?? detectEncoding(sample);
    const delimiter: Delimiter = options.delimiter ?? detectDelimiter(new TextDecoder(encoding).decode(sample));
    const set = await attributes.load();
    const mapping = readMapping(options.mapping);
    let total = -1;
    let columns: ContactImport["columns"] = [];
    try {
      for await (const rows of readRows(files.chunks(id), { encoding, delimiter })) {
        const [headers] = rows;
        if (total < 0 && headers) {
          const problem = mappingProblem(mapping, headers, new Set(set.definitions.keys()));
          if (problem) throw fail("import.file", { message: problem });
          columns = columnsOf(headers, [...set.definitions.values()], mapping);
        }
        total += rows.length;
        if (total > MOST_ROWS) throw fail("import.file", { message: `A file may have ${MOST_ROWS.toLocaleString("en")} rows.` });
      }
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      throw fail("import.file", { message: error.message });
    }
    if (total < 1) throw fail("import.file", { message: "The file has no rows behind its headers." });
    if (!columns.some(({ target }) => target === "phone" || target === "externalId"))
      throw fail("import.file", {
        message: "None of the columns is a phone number or an external id. Say which with `mapping`.",
      });
    return { encoding, delimiter, columns, total };
  }

  const rulesOf = async ({ columns, countryCode }: ContactImport): Promise<RowRules> => ({
    columns,
    countryCode,
    attributes: await attributes.load(),
    labels: new Set(await labelNames()),
  });

  async function work(job: ContactImport): Promise<void> {
    const rules = await rulesOf(job);
    // A try remembers nothing of what it has seen, so it begins anew.
    let state = job.isDryRun ? { ...job, done: 0, created: 0, updated: 0, skipped: 0, failed: 0, reportBytes: 0 } : job;
    const seen = new Set<string>();
    let at = -1;
    let piece: string[][] = [];
    let pieces = 0;
    for await (const rows of readRows(files.chunks(job._id), job))
      for (const row of rows) {
        if (++at === 0 || at <= state.done) continue;
        piece.push(row);
        if (piece.length < PIECE) continue;
        const next = await takePiece(state, piece, rules, seen, ++pieces % TELL_EVERY === 0);
        if (!next || isStopping) return;
        [state, piece] = [next, []];
      }
    const last = await takePiece(state, piece, rules, seen, false);
    if (last) await end(job._id, "done", null);
  }

  /** Null when somebody has cancelled it meanwhile. */
  async function takePiece(
    before: ContactImport,
    rows: readonly string[][],
    rules: RowRules,
    seen: Set<string>,
    isTold: boolean,
  ): Promise<ContactImport | null> {
    const begun = clock.monotonic();
    if (begun - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = begun;
      if (!(await mayGoOn(before))) {
        await withdraw(before);
        return null;
      }
    }
    const read = rows.map((cells) => readContact(cells, rules));
    let fresh = new Set<string>();
    const after = await log.change(async (change) => {
      const current = (await imports.collection.findOne({ _id: before._id as never }, { session: change.session })) as unknown;
      if ((current as ContactImport | null)?.pending !== true) return null;
      const tally = { created: 0, updated: 0, skipped: 0, failed: 0 };
      let report = before.reportBytes === 0 ? csvLine(["row", "problem", ...before.columns.map(({ header }) => header)]) : "";
      // A transaction may run more than once: only what was committed has been seen.
      fresh = new Set();
      const outcomes = await writePiece(read, before, { seen, fresh }, change);
      for (const [index, written] of outcomes.entries()) {
        if (typeof written === "string") tally[written]++;
        else {
          tally.failed++;
          report += csvLine([before.done + index + 1, written.problem, ...(rows[index] ?? [])]);
        }
      }
      const reportBytes = report === "" ? before.reportBytes : await files.report(before._id, before.reportBytes, report);
      const next: ContactImport = {
        ...before,
        done: before.done + rows.length,
        created: before.created + tally.created,
        updated: before.updated + tally.updated,
        skipped: before.skipped + tally.skipped,
        failed: before.failed + tally.failed,
        reportBytes,
      };
      const { done, created, updated, skipped, failed } = next;
      await imports.collection.updateOne(
        { _id: before._id as never },
        { $set: { done, created, updated, skipped, failed, reportBytes } },
        { session: change.session },
      );
      if (isTold) change.emit("import:updated", { import: toImportView(next) });
      return next;
    });
    for (const key of fresh) seen.add(key);
    await wait(clock, Math.max(SHORTEST_PAUSE_MS, (clock.monotonic() - begun) * RESTS_FOR));
    tidyMemory();
    return after;
  }

  /** Whether who began it may still do so: what they have asked for ends with their rights. */
  async function mayGoOn({ by, byKind = "agent" }: ContactImport): Promise<boolean> {
    const actor = await findActor({ kind: byKind, id: by });
    return actor !== null && can(actor, "contacts.import") && actor.reach === "all";
  }

  async function withdraw({ _id, actorName, filename }: ContactImport): Promise<void> {
    await end(_id, "cancelled", `${actorName} may not import contacts any more.`, (change) =>
      audit.record(change, { actor: SYSTEM, action: "contacts.import-end", target: { kind: "import", id: _id, name: filename } }),
    );
  }

  async function writePiece(
    read: readonly ReturnType<typeof readContact>[],
    job: ContactImport,
    { seen, fresh }: { seen: ReadonlySet<string>; fresh: Set<string> },
    change: Change,
  ): Promise<Written[]> {
    const good = read.flatMap((one) => ("problem" in one ? [] : [one.contact]));
    const rules = { by: job.by, import: job._id, isDryRun: job.isDryRun, onExisting: job.onExisting };
    const written = await write(good, rules, change);
    let next = 0;
    return read.map((one) => {
      if ("problem" in one) return one;
      const outcome = written[next++] as Written;
      if (!job.isDryRun) return outcome;
      // A try writes nothing, so it has to remember what the rows before would have made.
      const keys = keysOf(one.contact);
      const isAgain = keys.some((key) => seen.has(key) || fresh.has(key));
      for (const key of keys) fresh.add(key);
      return !isAgain || outcome !== "created" ? outcome : job.onExisting === "skip" ? "skipped" : "updated";
    });
  }

  async function end(
    id: string,
    state: ContactImport["state"],
    problem: string | null,
    also?: (change: Change) => Promise<void>,
  ): Promise<ContactImport | null> {
    return log.change(async (change) => {
      const { session, emit } = change;
      const after = (await imports.collection.findOneAndUpdate(
        { _id: id as never, pending: true },
        { $set: { state, problem, finishedAt: new Date(clock.now()) }, $unset: { pending: "" } },
        { session, returnDocument: "after" },
      )) as unknown as ContactImport | null;
      if (!after) return null;
      emit("import:updated", { import: toImportView(after) });
      await also?.(change);
      return after;
    });
  }

  function wake(): void {
    if (isStopping || running) return;
    running = workOff().finally(() => {
      running = null;
    });
  }

  async function workOff(): Promise<void> {
    while (!isStopping) {
      let job: ContactImport | null = null;
      try {
        const pending = (await imports.find({ pending: true }).sort({ _id: 1 }).limit(100).lean()) as ContactImport[];
        // Where several processes share the store, each has the files that were sent to it.
        for (const one of pending) if (!job && (await files.exists(one._id))) job = one;
        if (!job) return;
        await work(job);
      } catch (error) {
        if (isStopping) return;
        logger.warn("an import cannot go on at the moment", { import: job?._id, reason: describeError(error) });
        if (job && error instanceof CsvError) await end(job._id, "failed", error.message).catch(() => null);
        else await wait(clock, AFTER_FAILURE_MS);
      }
    }
  }

  return {
    async createImport(body, options, actor) {
      // It finds people by number, wherever their conversations are.
      assertSeesAll(actor);
      const id = newId(clock.now());
      await files.receive(id, body);
      try {
        const found = await inspect(id, options);
        const job: ContactImport = {
          _id: id,
          by: actor.id,
          byKind: actor.kind,
          actorName: actor.name,
          filename: options.filename ?? null,
          state: "running",
          isDryRun: options.dryRun ?? false,
          onExisting: options.onExisting ?? "update",
          countryCode: options.countryCode ?? null,
          ...found,
          done: 0,
          created: 0,
          updated: 0,
          skipped: 0,
          failed: 0,
          reportBytes: 0,
          problem: null,
          pending: true,
          createdAt: new Date(clock.now()),
          finishedAt: null,
        };
        await log.change(async (change) => {
          await imports.collection.insertOne(job as never, { session: change.session });
          const target = { kind: "import", id, name: job.filename };
          const rules = { isDryRun: job.isDryRun, onExisting: job.onExisting };
          await audit.record(change, { actor, action: "contacts.import", target, after: rules });
          change.emit("import:updated", { import: toImportView(job) });
        });
        wake();
        return toImportView(job);
      } catch (error) {
        // A file that is no list of contacts, or a store that does not answer: the client sends it again.
        files.remove(id);
        throw error;
      }
    },

    async listImports({ limit, cursor }, actor) {
      const [id] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const rows = await imports
        .find({ by: actor.id, ...(id ? { _id: { $lt: id as string } } : {}) })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as ContactImport[], limit, toImportView, ({ _id }) => [_id]);
    },

    getImport: async (id, actor) => toImportView(await find(id, actor)),

    async cancelImport(id, actor) {
      await find(id, actor);
      const after = await end(id, "cancelled", null);
      if (!after) throw fail("import.over");
      return toImportView(after);
    },

    async reportOf(id, actor) {
      const { reportBytes } = await find(id, actor);
      return files.reportOf(id, reportBytes);
    },

    start() {
      void tidy().finally(wake);
    },

    async stop() {
      isStopping = true;
      await running;
    },
  };

  /** Files of imports that never began, or that are no longer remembered. */
  async function tidy(): Promise<void> {
    try {
      for (const id of files.list()) if (!(await imports.exists({ _id: id }))) files.remove(id);
    } catch (error) {
      // The store does not answer: next time.
      logger.warn("old import files could not be removed", { reason: describeError(error) });
    }
  }
}

const keysOf = ({ waId, externalId }: ImportedContact) => [waId, externalId && `:${externalId}`].filter((key) => key !== null);

function readMapping(text: string | undefined): Record<string, string | null> {
  if (text === undefined) return {};
  const refuse = () =>
    fail("request.invalid", { details: [{ path: "query.mapping", message: "an object of column and field as JSON" }] });
  try {
    const mapping: unknown = JSON.parse(text);
    const isMapping = typeof mapping === "object" && mapping !== null && !Array.isArray(mapping);
    if (!isMapping || !Object.values(mapping).every((value) => value === null || typeof value === "string")) throw refuse();
    return mapping as Record<string, string | null>;
  } catch (error) {
    // Not JSON.
    throw error instanceof AppError ? error : refuse();
  }
}
