/**
 * Loads what customers attach, as soon as their message is stored: WhatsApp's addresses live five minutes, its ids seven days. Driven
 * by what is stored as due; a crash loses nothing, and a download that breaks goes on later, less and less often.
 */
import type { Clock, Timer } from "../core/clock";
import { AppError, describeError } from "../core/errors";
import type { Log } from "../core/log";
import { backoffMs } from "../core/retry";
import type { EventBus } from "../events/bus";
import type { DurableData } from "../events/catalog";
import type { EventLog } from "../events/log";
import type { ChannelService } from "../features/channels/channel.service";
import type { Media } from "../features/media/media.model";
import type { MediaService } from "../features/media/media.service";
import type { MessageService } from "../features/messages/message.service";

export interface FetchMediaDeps {
  files: MediaService;
  messages: MessageService;
  channels: Pick<ChannelService, "find">;
  eventLog: EventLog;
  bus: EventBus;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export interface FetchMedia {
  start(): Promise<void>;
  /** Something is due. Cheap to call often. */
  wake(): void;
  /** What runs may finish within `ms`; the rest stays stored. */
  stop(ms: number): Promise<void>;
}

/** More at once would keep a small line from answering customers. */
const AT_ONCE = 4;
const PAGE = 50;
/** Longer than a file of 100 MB takes on a slow line; only another process ever waits for it. */
const LEASE_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
/** WhatsApp's id of an inbound file lives this long; after that nothing can be loaded. */
const ID_LIVES_MS = 7 * DAY_MS;
const PAUSES = { baseMs: 5_000, factor: 3, maxMs: 3 * 3_600_000 };
const SWEEP_MS = 30_000;
const GONE: ReadonlySet<string> = new Set(["media.not-found", "message.not-found"]);

export function createFetchMedia({ files, messages, channels, eventLog, bus, isAlone, clock, log }: FetchMediaDeps): FetchMedia {
  const running = new Map<string, Promise<void>>();
  let looking: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let alarm: Timer | null = null;
  let unsubscribe = () => {};

  async function look(): Promise<void> {
    do {
      again = false;
      const due = await files.listDue(PAGE);
      const next = due.find(({ _id, dueAt }) => !running.has(_id) && (dueAt?.getTime() ?? 0) > clock.now());
      for (const { _id, dueAt } of due) {
        if (stopped || running.size >= AT_ONCE) break;
        if (!running.has(_id) && (dueAt?.getTime() ?? 0) <= clock.now()) begin(_id);
      }
      setAlarm(next?.dueAt?.getTime() ?? clock.now() + SWEEP_MS);
    } while (again && !stopped);
  }

  function begin(id: string): void {
    const work = load(id)
      .catch((error: unknown) =>
        log.error("a file is tried again: the store failed", { media: id, reason: describeError(error) }),
      )
      .finally(() => {
        running.delete(id);
        fetcher.wake();
      });
    running.set(id, work);
  }

  async function load(id: string): Promise<void> {
    const media = await files.claim(id, LEASE_MS);
    if (!media) return;
    const line = channels.find(media.channel ?? "")?.media;
    const facts = { media: id, messageId: media.message, channel: media.channel };
    const kept: (string | null)[] = [];
    if (!line || !(media.graphId || media.sourceUrl)) return later(media, "The number is not connected.");
    try {
      const loaded = await line.download({
        ...(media.graphId ? { mediaId: media.graphId } : { url: media.sourceUrl ?? "" }),
        ...(media.declaredType ? { mimeType: media.declaredType } : {}),
      });
      kept.push(loaded.key);
      const thumbnailKey = await files.addThumbnail(media.type, loaded.key);
      kept.push(thumbnailKey);
      await eventLog.change(async (change) => {
        const stored = await files.finish(media, loaded, thumbnailKey, change);
        await tell(stored, change);
      });
      log.info("a file was stored", { ...facts, bytes: loaded.size, type: loaded.mimeType });
    } catch (error) {
      // Erased while it was on its way: it was not ours to keep.
      if (error instanceof AppError && GONE.has(error.code)) return files.discard(kept);
      // media.refused and graph.refused are final; everything else may pass: a broken line, a full disk, a store that fails.
      const reason = describeError(error);
      const isFinal = error instanceof AppError && !error.retryable && !isNumberInTrouble(error);
      log.warn(isFinal ? "a file cannot be loaded" : "a file could not be loaded yet", { ...facts, reason, error });
      if (isFinal) await giveUp(media, reason);
      else await later(media, reason);
    }
  }

  async function later(media: Media, reason: string): Promise<void> {
    const at = clock.now() + backoffMs(media.attempts, PAUSES);
    if (at > media.createdAt.getTime() + ID_LIVES_MS) return giveUp(media, reason);
    await files.retryAt(media, new Date(at), reason);
  }

  async function giveUp(media: Media, reason: string): Promise<void> {
    await eventLog.change(async (change) => {
      await files.giveUp(media, reason, change);
      await tell({ ...media, state: "failed", error: reason }, change);
    });
  }

  /** The message shows its file, or why there is none. */
  async function tell(media: Media, change: Parameters<MessageService["revise"]>[2]): Promise<void> {
    if (!media.message) return;
    const message = await messages.getMessage(media.message, change.session);
    const attachments = message.attachments.map(({ error: earlier, ...one }) =>
      (one.mediaId ?? one.sourceUrl) === (media.graphId ?? media.sourceUrl)
        ? { ...one, ...files.shownInMessage(media) }
        : { ...one, ...(earlier === undefined ? {} : { error: earlier }) },
    );
    await messages.revise(message, { attachments }, change);
  }

  function setAlarm(at: number): void {
    alarm?.cancel();
    if (!stopped) alarm = clock.timer(Math.max(0, at - clock.now()), () => fetcher.wake());
  }

  const fetcher: FetchMedia = {
    wake() {
      again = true;
      if (looking || stopped) return;
      looking = look()
        .catch((error: unknown) => {
          // The store fails for now.
          log.error("files to load could not be read", { reason: describeError(error) });
          setAlarm(clock.now() + SWEEP_MS);
        })
        .finally(() => {
          looking = null;
          if (again && !stopped) fetcher.wake();
        });
    },
    async start() {
      if (isAlone) await files.seizeAll();
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event !== "message:new" && event !== "message:updated") return;
        const { message } = data as DurableData<"message:new">;
        if (message.attachments.some(({ url, error }) => url === null && !error)) fetcher.wake();
      });
      fetcher.wake();
    },
    async stop(ms) {
      stopped = true;
      unsubscribe();
      alarm?.cancel();
      const late = new Promise<void>((resolve) => clock.timer(ms, resolve));
      await Promise.race([Promise.all([looking, ...running.values()]), late]);
    },
  };
  return fetcher;
}

/** A token that has expired, an account that is locked: the file is there and can be loaded once people have mended it. */
const isNumberInTrouble = ({ cause }: AppError): boolean =>
  (cause as { channelProblem?: boolean } | undefined)?.channelProblem === true;
