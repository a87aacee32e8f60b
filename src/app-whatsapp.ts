/** The rooms that deal with WhatsApp itself: numbers, templates and files, on the lines of every connected number. */
import { join } from "node:path";
import { connectChannel } from "./app-channel";
import type { Channel } from "./channels/whatsapp/channel";
import { createKnocks } from "./channels/whatsapp/knocks";
import { bareType, checkExample, checkUpload, kindOfFile, serveAs, sniffType } from "./channels/whatsapp/media-rules";
import { createDirectoryStorage, createS3Storage, type MediaStorage } from "./channels/whatsapp/media-storage";
import { fillVariables, viewTemplate } from "./channels/whatsapp/template-view";
import { defaults } from "./config/defaults";
import { loadKeyRing } from "./config/encryption-key";
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import type { EventLog } from "./events/log";
import { createNews } from "./events/news";
import type { AuditPort } from "./features/audit/audit.service";
import type { ChannelModel } from "./features/channels/channel.model";
import { createChannelService } from "./features/channels/channel.service";
import { createChannelAccountService } from "./features/channels/channel-account.service";
import { createChannelUpkeep } from "./features/channels/channel-upkeep.service";
import { createCredentialBox } from "./features/channels/credential-box";
import { createWebhookDoor } from "./features/channels/webhook-door.service";
import type { MediaModel } from "./features/media/media.model";
import { createMediaService } from "./features/media/media.service";
import { createMediaExampleService } from "./features/media/media-example.service";
import { createTickets } from "./features/media/media-ticket";
import { createMediaUploadService } from "./features/media/media-upload.service";
import type { TemplateModel } from "./features/templates/template.model";
import { createTemplateService } from "./features/templates/template.service";
import { createTemplateSync } from "./features/templates/template-sync.service";
import type { NoticeListener } from "./flow/ingest-notices";

export interface WhatsAppDeps {
  config: Config;
  /** The number of the environment or the sandbox. */
  own: Channel | null;
  models: { events: EventModel; channels: ChannelModel; media: MediaModel; templates: TemplateModel };
  eventLog: EventLog;
  bus: EventBus;
  /** No other process changes the numbers. */
  isAlone: boolean;
  audit: AuditPort;
  /** Signs links to files. */
  ticketSecret: string;
  clock: Clock;
  log: Log;
}

export type WhatsAppRooms = Awaited<ReturnType<typeof openWhatsApp>>;

/** Opens the rooms and connects every number. Nothing is asked of WhatsApp before `start`. */
export async function openWhatsApp(deps: WhatsAppDeps) {
  const { config, own, models, eventLog, bus, isAlone, audit, ticketSecret, clock, log } = deps;
  const storage = await openStorage(config);
  const keys = loadKeyRing(config.dataDir, config);
  const box = createCredentialBox(keys);
  const channels = createChannelService({
    channels: models.channels,
    own,
    graphUrl: config.whatsapp.graphUrl ?? defaults.WHATSAPP_GRAPH_URL,
    graphVersion: config.whatsapp.graphVersion,
    box,
    connect: connectChannel({ storage, clock, log }),
    audit,
    log: eventLog,
    logger: log,
    clock,
  });
  await channels.load();
  // New numbers, and secrets that were replaced, hold in every process.
  const wanted = ["channel:updated", "channel:removed"] as const;
  const news = createNews({ events: models.events, log: eventLog, bus, wanted, isAlone, clock, logger: log });
  news.listen((told) => {
    if (told?.isOwn) return;
    const channel = told?.data.channel as string | { id: string } | undefined;
    return channels.refresh(channel === undefined ? null : typeof channel === "string" ? channel : channel.id);
  });
  const upkeep = createChannelUpkeep({ channels, clock, log });

  const files = createMediaService({ media: models.media, storage, serveAs, clock });
  const rules = { bareType, checkUpload, kindOfFile, serveAs, sniffType };
  const uploads = createMediaUploadService({ media: models.media, files, storage, rules, clock });
  const examples = createMediaExampleService({ files, storage, checkExample });
  const accounts = createChannelAccountService({ channels, examples });
  const tickets = createTickets(ticketSecret);

  const knocks = createKnocks(clock);
  const door = createWebhookDoor({ knocks, publicUrl: config.publicUrl });

  const reader = { viewTemplate, fillVariables };
  const templates = createTemplateService({
    templates: models.templates,
    channels,
    examples,
    reader,
    audit,
    log: eventLog,
    clock,
  });
  const templateSync = createTemplateSync({ templates, clock, log });

  const noticeListeners: NoticeListener[] = [
    channels.applyNotice,
    async (event, change) => {
      if (!(await templates.applyNotice(event, change))) templateSync.soon();
    },
  ];
  /** Blue ticks up to this message of the customer, where the number shows them. Best effort. */
  const readReceipt = (phoneNumberId: string, wamid: string) =>
    void channels.find(phoneNumberId)?.graph.markRead(wamid, { typing: false });

  return {
    keys,
    box,
    storage,
    channels,
    accounts,
    knocks,
    door,
    upkeep,
    files,
    uploads,
    tickets,
    templates,
    noticeListeners,
    readReceipt,
    start() {
      news.start();
      upkeep.start();
      templateSync.start();
    },
    async stop() {
      await Promise.all([news.stop(), upkeep.stop(), templateSync.stop()]);
    },
  };
}

function openStorage({ s3, dataDir }: Config): Promise<MediaStorage> {
  const directory = join(dataDir, "media");
  if (!s3) return createDirectoryStorage(directory);
  const { bucket, endpoint, region, accessKeyId, secretAccessKey } = s3;
  const client = new Bun.S3Client({
    bucket,
    accessKeyId,
    secretAccessKey,
    ...(endpoint ? { endpoint } : {}),
    ...(region ? { region } : {}),
  });
  return createS3Storage(client, directory);
}
