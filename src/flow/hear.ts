/**
 * Turns voice notes and pictures into words, as soon as their file is here: shown and searched with the message, read by the assistant.
 * A few tries, later and later, then it is left as it is. A turn waits for it a little while and no longer.
 */
import { AiError } from "../ai/ai-error";
import { costMicros, findPrice, soundNanos } from "../ai/cost";
import type { Heard, Hearing } from "../ai/hearing";
import type { MediaStorage } from "../channels/whatsapp/media-storage";
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import { backoffMs } from "../core/retry";
import type { EventBus } from "../events/bus";
import type { DurableData } from "../events/catalog";
import type { EventLog } from "../events/log";
import type { MessageView } from "../events/view";
import type { AiRunService } from "../features/ai-runs/ai-run.service";
import { type AiSpendService, spendOf } from "../features/ai-runs/ai-spend.service";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { MediaService } from "../features/media/media.service";
import type { Message } from "../features/messages/message.model";
import type { MessageService } from "../features/messages/message.service";
import type { HeardFile, HeardFileModel } from "./heard.model";
import type { TurnBudget } from "./turn-budget";

export interface HearSettings {
  transcribe: boolean;
  transcriptionModel: string;
  describe: boolean;
  waitSeconds: number;
}

export interface HearDeps {
  heard: HeardFileModel;
  hearing: () => Hearing | null;
  settings: () => HearSettings;
  /** The model that is asked about pictures; null: that of the connection. */
  model: () => string | null;
  files: Pick<MediaService, "getMedia">;
  storage: Pick<MediaStorage, "open">;
  messages: Pick<MessageService, "getMessage" | "revise">;
  conversations: Pick<ConversationService, "findConversation">;
  aiRuns: Pick<AiRunService, "record">;
  spends: Pick<AiSpendService, "book">;
  budget: Pick<TurnBudget, "reserve" | "settle" | "prices">;
  eventLog: EventLog;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

export interface Hear {
  start(): void;
  /** Waits until the files of these messages are words, or cannot be, for at most the time that is set. True: something has come. */
  ready(
    fragments: readonly Pick<Message, "_id" | "conversation" | "contact" | "attachments">[],
    signal: AbortSignal,
  ): Promise<boolean>;
  stop(): Promise<void>;
}

const AT_ONCE = 4;
const PAGE = 20;
const MOST_ATTEMPTS = 4;
/** WhatsApp takes sounds up to 16 MB; OpenAI up to 25. */
const MOST_BYTES = 16 * 1024 * 1024;
const PAUSES = { baseMs: 3_000, factor: 4, maxMs: 10 * 60_000 };
const SWEEP_MS = 30_000;
const DUPLICATE_KEY = 11_000;
/** A minute of a voice note, as WhatsApp records them. */
const BYTES_A_MINUTE = 120_000;
/** A picture as the models read it, and what is said about it. */
const PICTURE_TOKENS = 1_500;
const DESCRIPTION_TOKENS = 300;
/** Failures that another try does not mend. */
const FINAL: ReadonlySet<AiError["kind"]> = new Set(["bad-request", "refused-key", "model-retired"]);

type File = Pick<Message["attachments"][number], "type" | "media" | "fileDescription">;
const isSound = ({ type }: File) => type === "audio" || type === "voice";
const isPicture = ({ type }: File) => type === "image";
const wants = (file: File, { transcribe, describe }: HearSettings) =>
  (isSound(file) && transcribe) || (isPicture(file) && describe);

type Noted = Pick<MessageView, "id" | "conversation" | "contact"> & {
  attachments: readonly Pick<MessageView["attachments"][number], "type" | "fileDescription" | "media" | "error">[];
};

export function createHear(deps: HearDeps): Hear {
  const { heard, hearing, settings, files, storage, messages, conversations, aiRuns, budget, eventLog, bus, clock, log } = deps;
  const running = new Map<string, Promise<void>>();
  /** Who waits for a message's words; called when they have come or will not. */
  const waiting = new Map<string, Set<() => void>>();
  const abort = new AbortController();
  /** Alarms of the next tries; the sweep finds what they miss. */
  const retries = new Set<Timer>();
  let timer: Timer | null = null;
  let unsubscribe = () => {};

  /** Notes that a file is to become words; it is noted once. */
  async function note({ id, conversation, contact, attachments }: Noted): Promise<void> {
    const file = attachments.find((one) => one.media !== undefined && one.error === undefined && wants(one as File, settings()));
    if (!file?.media) return;
    const row: HeardFile = {
      _id: id,
      conversation,
      contact,
      media: file.media,
      kind: isSound(file as File) ? "transcript" : "description",
      dueAt: new Date(clock.now()),
      attempts: 0,
      error: null,
      createdAt: new Date(clock.now()),
    };
    try {
      await heard.collection.insertOne(row as never);
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return;
      throw error;
    }
    await look();
  }

  function release(message: string): void {
    for (const go of waiting.get(message) ?? []) go();
    waiting.delete(message);
  }

  async function look(): Promise<void> {
    if (abort.signal.aborted) return;
    const due = (await heard
      .find({ dueAt: { $lte: new Date(clock.now()) } })
      .sort({ dueAt: 1 })
      .limit(PAGE)
      .lean()) as HeardFile[];
    for (const row of due) {
      if (running.size >= AT_ONCE) break;
      if (running.has(row._id)) continue;
      const work = hearOne(row)
        .catch((error: unknown) => log.error("a file could not be heard: the store failed", { reason: describeError(error) }))
        .finally(() => {
          running.delete(row._id);
          void look().catch(() => {});
        });
      running.set(row._id, work);
    }
  }

  async function ask(row: HeardFile): Promise<Heard | null> {
    const provider = hearing();
    if (!provider) throw new AiError("unavailable", { detail: "There is no provider." });
    const media = await files.getMedia(row.media);
    const content = media.storageKey ? await storage.open(media.storageKey) : null;
    if (!content || content.size > MOST_BYTES) return null;
    const blob = new Blob([await content.arrayBuffer()], { type: media.mimeType ?? media.declaredType ?? "" });
    const estimates = [estimate(row.kind, content.size)];
    const about = { conversation: row.conversation, contact: row.contact };
    const verdict = await budget.reserve({ id: `heard:${row._id}:${row.attempts}`, ...about, estimates });
    if (verdict.choice === null) return null;
    try {
      const made =
        row.kind === "transcript"
          ? await provider.transcribe(blob, settings().transcriptionModel, abort.signal)
          : await provider.describe(blob, deps.model(), null, abort.signal);
      if (verdict.hold) await budget.settle(verdict.hold, made.run.costMicros, null);
      return made;
    } catch (error) {
      // AiError: what was refused costs nothing, what was cut off nobody knows.
      const run = error instanceof AiError ? error.run : undefined;
      const micros = run ? run.costMicros : 0;
      if (verdict.hold) await budget.settle(verdict.hold, micros, null);
      if (run && micros !== 0) await deps.spends.book(spendOf("hearing", run), null);
      throw error;
    }
  }

  /** Micro-dollars; 0 when the price is unknown. */
  function estimate(kind: HeardFile["kind"], bytes: number): number {
    const isSoundFile = kind === "transcript";
    const price = findPrice(isSoundFile ? settings().transcriptionModel : (deps.model() ?? ""), clock.now(), budget.prices());
    if (!price) return 0;
    if (isSoundFile) return Math.ceil((soundNanos(Math.ceil(bytes / BYTES_A_MINUTE) * 60, price) ?? 0) / 1_000);
    const nothing = { cached: 0, cacheWrite: 0, cacheWrite12h: 0, reasoning: 0 };
    return costMicros({ ...nothing, input: PICTURE_TOKENS, output: DESCRIPTION_TOKENS }, price);
  }

  async function hearOne(row: HeardFile): Promise<void> {
    try {
      const made = await ask(row);
      if (!made) return await end(row, "It is too large, gone, or over the budget.");
      await keep(row, made);
    } catch (error) {
      if (abort.signal.aborted) return;
      // AiError of the provider, or a message that was erased meanwhile.
      const attempts = row.attempts + 1;
      const isFinal = !(error instanceof AiError) || FINAL.has(error.kind) || attempts >= MOST_ATTEMPTS;
      log.warn(isFinal ? "a file stays without words" : "a file is heard later", {
        message: row._id,
        reason: describeError(error),
      });
      if (isFinal) await end(row, describeError(error));
      else {
        const pauseMs = backoffMs(attempts, PAUSES);
        const alarm = clock.timer(pauseMs, () => {
          retries.delete(alarm);
          void look().catch(() => {});
        });
        retries.add(alarm);
        await heard.updateOne(
          { _id: row._id },
          {
            $set: {
              attempts,
              error: describeError(error).slice(0, 300),
              dueAt: new Date(clock.now() + pauseMs),
            },
          },
        );
      }
    }
  }

  async function end({ _id }: HeardFile, error: string | null): Promise<void> {
    await heard.updateOne({ _id }, { $set: { error: error?.slice(0, 300) ?? null }, $unset: { dueAt: "" } });
    release(_id);
  }

  /** The words, the record of what they cost and the end of the work, in one transaction. */
  async function keep(row: HeardFile, { text, run }: Heard): Promise<void> {
    const conversation = await conversations.findConversation(row.conversation);
    await eventLog.change(async (change) => {
      const message = await messages.getMessage(row._id, change.session);
      const attachments = message.attachments.map((file) =>
        file.media === row.media ? { ...file, fileDescription: worded(file, text) } : file,
      );
      await messages.revise(message, { attachments }, change);
      if (conversation)
        await aiRuns.record(
          { turn: null, kind: "hearing", conversation, outcome: row.kind, run, input: {}, answer: text },
          change,
        );
      else await deps.spends.book(spendOf("hearing", run), change);
      await heard.collection.updateOne(
        { _id: row._id as never },
        { $set: { error: null }, $unset: { dueAt: "" } },
        { session: change.session },
      );
    });
    release(row._id);
  }

  /** A caption stays what the customer wrote; what was seen stands behind it. */
  const worded = (file: File, text: string): string =>
    isPicture(file) && file.fileDescription ? `${file.fileDescription}\n[${text}]` : text;

  function listen({ event, data }: { event: string; data: unknown }): void {
    if (event !== "message:new" && event !== "message:updated") return;
    const { message } = data as DurableData<"message:new">;
    if (message.direction !== "inbound" || message.attachments.length === 0) return;
    note(message).catch((error: unknown) => log.warn("a file could not be noted to be heard", { reason: describeError(error) }));
  }

  const sweep = () => {
    timer = clock.timer(SWEEP_MS, () => {
      void look()
        .catch((error: unknown) => log.warn("files to be heard could not be read", { reason: describeError(error) }))
        .finally(() => timer && sweep());
    });
  };

  return {
    start() {
      unsubscribe = bus.subscribe(listen);
      void look().catch(() => {});
      sweep();
    },

    async ready(fragments, signal) {
      const now = settings();
      if (now.waitSeconds === 0 || !hearing()) return false;
      const open = fragments.filter(({ attachments }) => attachments.some((file) => wants(file, now) && !isWorded(file)));
      if (open.length === 0) return false;
      const rows = (await heard.find({ _id: { $in: open.map(({ _id }) => _id) } }).lean()) as HeardFile[];
      // Whatever a crash has kept from being noted is noted now.
      for (const one of open) if (!rows.some(({ _id }) => _id === one._id)) await note({ ...one, id: one._id } as Noted);
      // Settled already: its words are there, or will not come.
      const pending = open.filter(
        ({ _id }) => rows.find((row) => row._id === _id)?.dueAt !== undefined || !rows.some((row) => row._id === _id),
      );
      await Promise.race([Promise.all(pending.map(({ _id }) => settled(_id))), pauseUntil(now.waitSeconds * 1_000, signal)]);
      for (const { _id } of pending) waiting.delete(_id);
      return true;
    },

    async stop() {
      unsubscribe();
      timer?.cancel();
      timer = null;
      for (const one of retries) one.cancel();
      abort.abort();
      await Promise.all(running.values());
    },
  };

  function settled(message: string): Promise<void> {
    return new Promise((resolve) => {
      const all = waiting.get(message) ?? new Set();
      waiting.set(message, all.add(resolve));
    });
  }

  function pauseUntil(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        late.cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const late = clock.timer(ms, end);
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
    });
  }
}

const isWorded = (file: File): boolean =>
  isPicture(file) ? (file.fileDescription ?? "").includes("[") : Boolean(file.fileDescription);

/** What a message says to the assistant: its text, or the words of its file. */
export const wordsOf = ({ content, attachments }: Pick<Message, "content" | "attachments">): string => {
  const [described] = attachments.flatMap(({ fileDescription }) => fileDescription ?? []);
  return described && described !== content ? described : content;
};
