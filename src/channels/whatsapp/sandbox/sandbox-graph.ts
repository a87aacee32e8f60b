/**
 * A Graph API on this machine that speaks Meta's wire protocol, with fake phones behind it: it validates what it gets, answers in
 * Meta's shapes, and posts signed webhooks to our own door. Listens on loopback only.
 */
import { type Clock, systemClock } from "../../../core/clock";
import { describeError } from "../../../core/errors";
import type { Log } from "../../../core/log";
import { createAccountEndpoint } from "./account-endpoint";
import { type ChaosKnobs, createChaos } from "./chaos";
import type { SandboxCredentials } from "./credentials";
import { createGraphRouter } from "./graph-router";
import { createMediaEndpoint } from "./media-endpoint";
import { MediaStore } from "./media-store";
import { createMessageEndpoint } from "./message-endpoint";
import { Outbox } from "./outbox";
import { type NewPhone, PhoneBook, type PhoneChange } from "./phone-book";
import type { PhoneMessage } from "./phone-message.schema";
import { createPhoneSender, type SentFromPhone } from "./phone-sender";
import { createPricing } from "./pricing";
import { createRateLimit } from "./rate-limit";
import { openStateStore, type SandboxPhone, type ThreadMessage } from "./state-store";
import { createStatusFlow } from "./status-flow";
import { createTemplateEndpoint, finishReview, REVIEW_LABEL } from "./template-endpoint";
import { TemplateStore } from "./template-store";
import { createTokenEndpoint } from "./token-endpoint";
import { createUploadEndpoint } from "./upload-endpoint";
import { UploadStore } from "./upload-store";

export type { ChaosKnobs, ChaosSettings } from "./chaos";
export type { SandboxCredentials } from "./credentials";
export type { NewPhone, PhoneChange } from "./phone-book";
export type { PhoneMessage } from "./phone-message.schema";
export type { SentFromPhone } from "./phone-sender";
export type { SandboxPhone, ThreadMessage } from "./state-store";

export interface SandboxOptions {
  channel: SandboxCredentials;
  /** Where webhooks go; asked at every post, because our own port is known late. */
  webhookUrl: () => string;
  /** The sandbox's own file; ":memory:" keeps nothing. */
  statePath: string;
  log: Log;
  clock?: Clock;
  /** 0 = any free port. */
  port?: number;
  /** The longest pause before a webhook that was not taken is posted again; a minute when left out. */
  longestPauseMs?: number;
  /** Decides about shares of the chaos knobs. */
  random?: () => number;
}

export interface SandboxPhones {
  list(): SandboxPhone[];
  create(phone: NewPhone): SandboxPhone;
  /** Throws sandbox.phone-not-found. */
  get(id: string): SandboxPhone;
  /** The latest messages as the phone's owner sees them, oldest first. */
  thread(id: string, limit?: number): ThreadMessage[];
  /** Whether the phone shows "typing..." now. */
  isTyping(id: string): boolean;
  /** Posts a signed webhook. Resolves when it is answered with 200, or after 15 s with the state so far (the tries go on). */
  send(id: string, message: PhoneMessage): Promise<SentFromPhone>;
  setOnline(id: string, online: boolean): SandboxPhone;
  setReads(id: string, reads: boolean): SandboxPhone;
  setBlocked(id: string, blocked: boolean): SandboxPhone;
  subscribe(listener: (change: PhoneChange) => void): () => void;
}

export interface SandboxGraph {
  /** Base without version: the Graph URL of the channel. */
  readonly url: string;
  readonly business: SandboxCredentials;
  readonly phones: SandboxPhones;
  readonly chaos: ChaosKnobs;
  stop(): Promise<void>;
}

/** A document may have 100 MB, and the form around it a little more. */
const LARGEST_UPLOAD = 110 * 1024 * 1024;

export function startSandboxGraph(options: SandboxOptions): Promise<SandboxGraph> {
  const { channel, webhookUrl, statePath, log, clock = systemClock, port = 0, random = Math.random, longestPauseMs } = options;
  const store = openStateStore(statePath);
  const chaos = createChaos();
  const book = new PhoneBook(store, clock);
  let url = "";
  const media = new MediaStore(store, clock, () => url);
  const uploads = new UploadStore(store.uploads, clock, () => url);
  const templates = new TemplateStore(store, clock.now());
  const account = createAccountEndpoint({ credentials: channel, store, uploads, clock });
  let outbox: Outbox;
  const statuses = createStatusFlow({ outbox: () => outbox, phones: book, store, chaos, random, clock });
  outbox = new Outbox({
    credentials: channel,
    webhookUrl,
    store,
    chaos,
    random,
    log,
    clock,
    longestPauseMs,
    isSubscribed: account.isSubscribed,
    onDue: (row) => (row.label === REVIEW_LABEL ? finishReview(row, templates) : statuses.onDue(row)),
    onTaken: (row) => {
      if (row.label === "message" && row.messageId !== null && store.findMessage(row.messageId)?.ticks === "sent") {
        book.setTicks(row.messageId, "delivered");
      }
    },
  });
  const send = createPhoneSender({ credentials: channel, outbox: () => outbox, phones: book, media, chaos, clock });
  const messages = createMessageEndpoint({
    credentials: channel,
    phones: book,
    store,
    media,
    templates,
    account,
    chaos,
    statuses,
    priceOf: createPricing(store, clock),
    limitRate: createRateLimit(chaos, clock),
    random,
    clock,
  });
  const endpoints = [
    createTokenEndpoint({ credentials: channel, account, chaos, clock }),
    createTemplateEndpoint({ credentials: channel, templates, uploads, outbox: () => outbox, clock, baseUrl: () => url }),
    account.endpoint,
    createMediaEndpoint(channel, media),
    createUploadEndpoint(uploads),
  ];
  const handle = createGraphRouter({ credentials: channel, chaos, log, media, uploads, messages, endpoints });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    reusePort: false,
    idleTimeout: 0,
    maxRequestBodySize: LARGEST_UPLOAD,
    fetch: handle,
  });
  url = `http://127.0.0.1:${server.port}`;
  outbox.start();

  const phones: SandboxPhones = {
    list: book.list,
    create: (phone) => book.create(phone),
    get: (id) => book.get(id),
    thread: (id, limit) => book.thread(id, limit),
    isTyping: book.isTyping,
    send,
    setOnline: (id, online) => {
      const was = book.get(id).online;
      const phone = book.change(id, { online });
      if (online && !was) statuses.cameOnline(phone);
      if (!online && was) statuses.wentOffline(phone);
      return phone;
    },
    setReads: (id, reads) => {
      const was = book.get(id).reads;
      const phone = book.change(id, { reads });
      if (reads && !was) statuses.startsReading(phone);
      if (!reads && was) statuses.stopsReading(phone);
      return phone;
    },
    setBlocked: (id, blocked) => {
      const was = book.get(id).blocked;
      const phone = book.change(id, { blocked });
      if (!blocked && was && phone.online) statuses.cameOnline(phone);
      if (blocked && !was) statuses.wentOffline(phone);
      return phone;
    },
    subscribe: (listener) =>
      book.subscribe((change) => {
        try {
          listener(change);
        } catch (error) {
          // A listener's own defect must not stop a message on its way.
          log.error("a listener of the sandbox phones failed", { error: describeError(error) });
        }
      }),
  };

  return Promise.resolve({
    url,
    business: channel,
    phones,
    chaos,
    stop: async () => {
      await server.stop(true);
      await outbox.stop();
      book.stop();
      store.close();
    },
  });
}
