/**
 * Handing out and erasing everything about a person. An erasure goes step by step, each in a transaction with its count, so a crash
 * in the middle costs nothing: the next start goes on. From its first step on the person is unknown: who writes again is somebody new.
 */
import type { MediaStorage } from "../../channels/whatsapp/media-storage";
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { EventLog } from "../../events/log";
import type { AuditPort, AuditService } from "../audit/audit.service";
import type { Contact } from "../contacts/contact.model";
import type { SearchService } from "../search/search.service";
import type { ErasureReceipt, ReceiptQuery } from "./data-protection.schema";
import type { PersonalDataModels } from "./erase-messages.service";
import type { Erasure, ErasureModel } from "./erasure.model";
import type { PersonalData, Subject } from "./personal-data";
import { storedPersonalData } from "./stored-personal-data";
import { type ZipFile, zip } from "./zip-stream";

export interface DataProtectionService {
  /** Begins to erase a person; asking again gives the erasure that runs. Throws contact.not-found. */
  erase(contact: string, actor: Actor): Promise<ErasureReceipt>;
  getReceipt(id: string): Promise<ErasureReceipt>;
  listReceipts(query: ReceiptQuery): Promise<Page<ErasureReceipt>>;
  /** Everything about a person as a ZIP archive. Throws contact.not-found. */
  export(contact: string, actor: Actor): Promise<AsyncGenerator<Uint8Array>>;
  /** Goes on with what a stopped or crashed process has left. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface DataProtectionDeps {
  erasures: ErasureModel;
  models: PersonalDataModels;
  storage: MediaStorage;
  search: Pick<SearchService, "eraseContact">;
  audit: AuditPort & Pick<AuditService, "read">;
  /** What other features keep about a person. */
  more?: readonly PersonalData[];
  log: EventLog;
  /** No other process works on these data: what a crashed predecessor held is free at once. */
  isAlone: boolean;
  clock: Clock;
  logger: Log;
}

const LEASE_MS = 60_000;
const LOOK_AGAIN_MS = 30_000;

export function createDataProtectionService(deps: DataProtectionDeps): DataProtectionService {
  const { erasures, models, storage, search, audit, more = [], log, isAlone, clock, logger } = deps;
  const { contacts, conversations, media } = models;
  // Contacts go last: as long as they are there the rest can be found.
  const kinds = [...more, ...storedPersonalData(models)];
  let isStopping = false;
  let working: Promise<void> | null = null;
  let timer: { cancel(): void } | null = null;

  async function subjectOf(id: string): Promise<Subject> {
    const contact = (await contacts.findById(id).lean()) as Contact | null;
    if (!contact) throw fail("contact.not-found");
    const root = contact.mergedInto ?? contact._id;
    const people = [root];
    // A merged contact may itself have absorbed others.
    for (let at = 0; at < people.length; at++) {
      const found = await contacts.find({ mergedInto: people[at] as string }, { _id: 1 }).lean();
      people.push(...found.map(({ _id }) => _id).filter((one) => !people.includes(one)));
    }
    const talks = await conversations.find({ contact: { $in: people } }, { _id: 1 }).lean();
    return { contacts: people, conversations: talks.map(({ _id }) => _id) };
  }

  async function finish(erasure: Erasure): Promise<void> {
    // It may have been written to since the erasure was asked for.
    const talks = await conversations.find({ contact: { $in: erasure.contacts } }, { _id: 1 }).lean();
    const subject: Subject = {
      contacts: erasure.contacts,
      conversations: [...new Set([...erasure.conversations, ...talks.map(({ _id }) => _id)])],
    };
    await erasures.updateOne({ _id: erasure._id }, { $set: { conversations: subject.conversations } });
    for (const kind of kinds) while (await removePiece(erasure, kind, subject)) if (isStopping) return;
    for (const contact of erasure.contacts) await search.eraseContact(contact);
    await log.change(async (change) => {
      await audit.record(change, {
        actor: erasure.requestedBy as never,
        action: "contact.erased",
        target: { kind: "contact", id: erasure.contact },
        after: { receipt: erasure._id },
      });
      await erasures.collection.updateOne(
        { _id: erasure._id as never },
        { $set: { state: "done", finishedAt: new Date(clock.now()), files: [] } },
        { session: change.session },
      );
    });
  }

  /** One piece with its count and the names of its files in one transaction; then the files. False: nothing was left. */
  async function removePiece({ _id }: Erasure, kind: PersonalData, subject: Subject): Promise<boolean> {
    const count = await log.change(async ({ session }) => {
      const removed = await kind.erase(subject, session);
      await erasures.collection.updateOne(
        { _id: _id as never },
        {
          $inc: { [`counts.${kind.kind}`]: removed.count },
          $set: { leaseUntil: new Date(clock.now() + LEASE_MS) },
          $addToSet: { files: { $each: [...(removed.files ?? [])] } },
        } as never,
        { session },
      );
      return removed.count;
    });
    await removeFiles(_id);
    return count > 0;
  }

  /** Content is stored once whoever sent it: a file goes when no document names it any more. */
  async function removeFiles(id: string): Promise<void> {
    const { files = [] } = (await erasures.findById(id, { files: 1 }).lean()) ?? {};
    for (const key of files) {
      const isUsed = await media.exists({ $or: [{ storageKey: key }, { thumbnailKey: key }] });
      if (!isUsed) await storage.remove(key);
      await erasures.collection.updateOne({ _id: id as never }, {
        $pull: { files: key },
        ...(isUsed ? {} : { $inc: { "counts.files": 1 } }),
      } as never);
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      const now = clock.now();
      const claimed = (await erasures
        .findOneAndUpdate(
          { state: "running", leaseUntil: { $lt: new Date(now) } },
          { $set: { leaseUntil: new Date(now + LEASE_MS) } },
          { returnDocument: "after" },
        )
        .lean()) as Erasure | null;
      if (!claimed || isStopping) return;
      await finish(claimed);
    }
  }

  function wake(): void {
    working ??= work()
      // The store is away: it is tried again with the next look.
      .catch((error: unknown) => logger.warn("an erasure was interrupted", { reason: describeError(error) }))
      .finally(() => {
        working = null;
      });
  }

  function lookAgain(): void {
    timer = clock.timer(LOOK_AGAIN_MS, () => {
      wake();
      lookAgain();
    });
  }

  return {
    async erase(contact, actor) {
      const running = (await erasures.findOne({ contact, state: "running" }).lean()) as Erasure | null;
      if (running) return toReceipt(running);
      const subject = await subjectOf(contact);
      const now = new Date(clock.now());
      const erasure: Erasure = {
        _id: newId(now.getTime()),
        contact: subject.contacts[0] ?? contact,
        contacts: [...subject.contacts],
        conversations: [...subject.conversations],
        state: "running",
        counts: {},
        files: [],
        requestedBy: { kind: actor.kind, id: actor.id, name: actor.name },
        requestedAt: now,
        finishedAt: null,
        leaseUntil: new Date(0),
      };
      await log.change(async (change) => {
        const { session } = change;
        await erasures.collection.insertOne(erasure as never, { session });
        const ids = [...subject.contacts] as never[];
        // From here on nobody is found by the person's keys, and nothing more is sent or answered.
        await contacts.collection.updateMany({ _id: { $in: ids } }, { $unset: { identityKeys: "" } }, { session });
        await conversations.collection.updateMany(
          { contact: { $in: ids } },
          { $set: { isOpen: false, status: "closed", isAIEnabled: false, batch: null }, $inc: { epoch: 1 } } as never,
          { session },
        );
        await audit.record(change, { actor, action: "contact.erase", target: { kind: "contact", id: contact } });
      });
      wake();
      return toReceipt(erasure);
    },

    async getReceipt(id) {
      const erasure = (await erasures.findById(id).lean()) as Erasure | null;
      if (!erasure) throw fail("erasure.not-found");
      return toReceipt(erasure);
    },

    async listReceipts({ limit, cursor }) {
      const [last] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const rows = await erasures
        .find(last ? { _id: { $lt: last as string } } : {})
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as Erasure[], limit, toReceipt, ({ _id }) => [_id]);
    },

    async export(contact, actor) {
      const subject = await subjectOf(contact);
      await audit.record(null, { actor, action: "contact.export", target: { kind: "contact", id: contact } });
      return zip(filesOf(subject));
    },

    async start() {
      if (isAlone) await erasures.updateMany({ state: "running" }, { $set: { leaseUntil: new Date(0) } });
      wake();
      lookAgain();
    },

    async stop() {
      isStopping = true;
      timer?.cancel();
      await working;
    },
  };

  async function* filesOf(subject: Subject): AsyncGenerator<ZipFile> {
    for (const { kind, read } of kinds) if (read) yield { name: `${kind}.jsonl`, content: lines(read(subject)) };
    yield { name: "audit.jsonl", content: lines(audit.read({ target: subject.contacts[0] as string })) };
    for await (const rows of storedPersonalData(models)[0]?.read?.(subject) ?? []) {
      for (const { _id, attachments } of rows as { _id: string; attachments: { media?: string }[] }[]) {
        for (const { media: id } of attachments) {
          const file = id ? await media.findById(id).lean() : null;
          const content = file?.storageKey ? await storage.open(file.storageKey) : null;
          if (file && content) yield { name: `files/${_id}-${plainName(file.filename ?? file.type)}`, content: content.stream() };
        }
      }
    }
  }
}

async function* lines(pieces: AsyncGenerator<object[]>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(piece.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

/** A name that stays in its folder wherever the archive is unpacked. */
const plainName = (name: string): string =>
  name
    .replace(/[^\w.-]+/g, "_")
    .replace(/^\.+/, "_")
    .slice(-100);

const toReceipt = ({ _id, contact, state, counts, requestedBy, requestedAt, finishedAt }: Erasure): ErasureReceipt => ({
  id: _id,
  contact,
  state,
  removed: counts,
  requestedBy,
  requestedAt: requestedAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});
