/** The electrical cabinet: the only file where all wires meet. Opens everything in order and closes it in reverse. */
import { createHmac } from "node:crypto";
import { openAnswering } from "./app-answering";
import { openAssistant } from "./app-assistant";
import { openAutomation } from "./app-automation";
import { openCare } from "./app-care";
import { channelOf } from "./app-channel";
import { createComposer } from "./app-composer";
import { openTalk } from "./app-conversations";
import { openCustomers } from "./app-customers";
import { openData } from "./app-data";
import { openInbox } from "./app-inbox";
import { openKnowledge } from "./app-knowledge";
import { close, listen } from "./app-listen";
import { openCompany, openLive } from "./app-live";
import { openOutside } from "./app-outside";
import { openPeople } from "./app-people";
import { openProtection } from "./app-protection";
import { openPush } from "./app-push";
import { openSandbox } from "./app-sandbox";
import { createChannelSignatureCheck } from "./app-signature";
import { openWhatsApp } from "./app-whatsapp";
import { secretsOf } from "./channels/whatsapp/channel";
import type { ChaosSettings } from "./channels/whatsapp/sandbox/sandbox-graph";
import { isWindowOpen } from "./channels/whatsapp/window";
import type { Config } from "./config/env";
import { type Clock, systemClock } from "./core/clock";
import { createClosers } from "./core/closers";
import { newId } from "./core/id";
import { createLog, type Log } from "./core/log";
import { createEventLog } from "./events/log";
import { createAiRunService } from "./features/ai-runs/ai-run.service";
import type { Hours } from "./features/assignment/assignment-hand.service";
import { createConversationReach } from "./features/conversations/conversation-reach";
import { createMessageService } from "./features/messages/message.service";
import { createDeliveryService } from "./features/messages/message-delivery.service";
import { createUnresolvedService } from "./features/messages/message-unresolved.service";
import { createReachService } from "./features/messages/reach.service";
import { securitySettings } from "./features/settings/security-settings";
import { createFlow } from "./flow";
import { createFetchMedia } from "./flow/fetch-media";
import { type Control, startControl } from "./http/control";
import { createServer } from "./http/server";
import { createSimulate } from "./http/simulate";
import { createStaticFiles, webDirectory } from "./http/static";
import { isStoreUnavailable } from "./store/connect";
import { createDoor } from "./store/door";
import { version } from "./version";

export interface Overrides {
  clock?: Clock;
  log?: Log;
  /** Milliseconds the sandbox assistant takes to answer. */
  assistantLatencyMs?: number;
  /** For tests: a search without index over more documents than this fails. */
  failScansOver?: number;
  /** When the business is open; always when left out. */
  hours?: Hours;
  /** How the sandbox misbehaves from the start. */
  chaos?: Partial<ChaosSettings>;
}

export interface App {
  http: ReturnType<typeof createServer>;
  /** Listens and starts the workers. Gives the address and, at the very first start, the admin's password. */
  start(): Promise<Started>;
  /** Finishes or safely leaves every stage, within 30 s. Safe to call twice. */
  stop(): Promise<void>;
}

export interface Started {
  url: string;
  firstAdmin: { email: string; password: string | null } | null;
  storeKind: string;
  sandbox: boolean;
  assistant: string | null;
}

/** What is left of the 30 s once the sockets are closed. */
const FINISH_TURNS_MS = 15_000;
/** A file that is not here by then is loaded again after the start. */
const FINISH_FILES_MS = 2_000;

export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const { clock = systemClock, log = createLog({ level: config.logLevel }) } = overrides;
  const { onStop, closeAll } = createClosers(log);
  try {
    return await build();
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function build(): Promise<App> {
    const { store, models, secrets } = await openData(config, { clock, log, failScansOver: overrides.failScansOver, onStop });
    const owner = newId(clock.now());
    const isAlone = store.kind === "embedded";
    const { neighbours, bus, foreign, ...company } = await openCompany({ config, models, owner, isAlone, clock, log });
    onStop(() => company.close());
    const places = createConversationReach(models.conversations);
    const eventLog = createEventLog({
      ...models,
      transaction: store.transaction,
      bus,
      belongings: places,
      clock,
      atOnce: store.kind === "embedded" ? 1 : 4,
      onCommitted: foreign?.committed,
    });
    await eventLog.start();
    const running = { eventLog, bus, owner, isAlone, clock, log };
    const { audit, settings, references, edge } = await openProtection({ ...running, config, models });
    onStop(() => settings.stop());

    // The sandbox posts to our own door, whose port is known once it is open.
    let ownUrl = "";
    const sandbox = config.sandbox ? await openSandbox({ config, secrets, ownUrl: () => ownUrl, clock, log }) : null;
    if (sandbox) onStop(() => sandbox.stop());
    if (overrides.chaos) sandbox?.chaos.set(overrides.chaos);
    const channel = config.whatsapp.configured || sandbox ? channelOf(config, secrets, sandbox?.url ?? "") : null;
    const ticketSecret = secrets.accessSecret;
    const whatsapp = await openWhatsApp({ ...running, config, own: channel, models, audit, ticketSecret });
    const { channels, files } = whatsapp;
    const assistance = await openAssistant({
      ...running,
      config,
      models,
      settings,
      box: whatsapp.box,
      audit,
      latencyMs: overrides.assistantLatencyMs,
    });
    onStop(() => assistance.stop());

    const { contacts, conversations, positions } = openTalk({
      ...running,
      models,
      places,
      assistantEnabled: () => assistance.assistant() !== null,
      readReceipt: whatsapp.readReceipt,
    });
    const people = await openPeople({
      ...running,
      config,
      edge,
      accessSecret: secrets.accessSecret,
      models,
      conversations,
      positions,
      box: whatsapp.box,
      appUrl: () => (config.publicUrl ?? ownUrl).replace(/\/$/, ""),
      policy: () => settings.get(securitySettings),
      audit,
    });
    onStop(() => people.stop());
    const { agents, teams } = people.services;
    const { findActor } = people.access;
    const reach = createReachService({ messages: models.messages, conversations: places });
    const aiRuns = createAiRunService({ runs: models.aiRuns, spends: assistance.spends, reach, clock });
    const knowledge = openKnowledge({ ...assistance, aiRuns, models, settings, reach, audit, eventLog, bus, clock, log });
    onStop(() => knowledge.stop());
    const compose = createComposer();
    const messages = createMessageService({ messages: models.messages, files, compose, isAlone, clock });
    const deliveries = createDeliveryService({ messages: models.messages, log: eventLog, clock });
    const unresolved = createUnresolvedService({
      messages: models.messages,
      conversations,
      reach,
      isWindowOpen,
      log: eventLog,
      clock,
    });

    const rooms = { agents, teams, contacts, conversations, positions, messages, reach };
    const inbox = openInbox({ ...running, findActor, audit, models, services: rooms, whatsapp });
    const { labels } = inbox.services;
    const customers = await openCustomers({ ...running, ...rooms, findActor, dataDir: config.dataDir, models, audit, labels });
    onStop(() => customers.close());
    const automation = await openAutomation({
      ...running,
      findActor,
      models,
      audit,
      references,
      config,
      services: rooms,
      inbox: inbox.services,
      customers: customers.services,
      channels,
      settings,
    });

    const safetyId = (contact: string) => createHmac("sha256", secrets.refreshSecret).update(contact).digest("hex");
    const answering = await openAnswering({
      ...running,
      ...rooms,
      models,
      settings,
      hours: automation.services.hours,
      channelName: (id) => channels.find(id)?.channel.name ?? null,
      files,
      storage: whatsapp.storage,
      attributes: customers.services.attributes,
      edits: customers.services.contactRooms.edits,
      inbox: inbox.services,
      findActor,
      box: whatsapp.box,
      assistance,
      knowledge: knowledge.forTurns,
      aiRuns,
      safetyId,
      audit,
    });
    onStop(() => answering.stop());

    const care = openCare({ ...running, models, whatsapp, search: customers.services.search, audit, settings });
    const { dataDir, allowedPrivateUrls } = config;
    const outside = await openOutside({ ...running, models, audit, dataDir, allowedPrivateUrls, box: whatsapp.box, version });
    onStop(() => outside.stop());

    const flow = createFlow({
      ...running,
      models,
      services: {
        contacts,
        conversations,
        messages,
        deliveries,
        unresolved,
        aiRuns,
        contactMerges: customers.services.contactMerges,
      },
      assistant: assistance.assistant,
      noticeListeners: whatsapp.noticeListeners,
      ...answering.forFlow,
      knowledge: knowledge.forTurns,
      budget: assistance.budget(aiRuns),
      holdingMessage: config.assistant.holdingMessage,
      intercept: automation.intercept,
      away: automation.away,
      findChannel: channels.find,
      onNumberInTrouble: whatsapp.upkeep.reportTrouble,
      safetyId,
      isStoreUnavailable,
      batch: config.batch,
      dedupTtlMs: config.dedupTtlMs,
      settleMs: config.settleMs,
    });

    const fetchMedia = createFetchMedia({ ...running, files, messages, channels });

    let isStopping = false;
    const { live, presence, assignment } = openLive({
      ...running,
      neighbours,
      config,
      models,
      people,
      inbox,
      services: { contacts, conversations, settings },
      hours: overrides.hours ?? automation.services.hours,
      places,
    });
    const push = openPush({
      ...running,
      models,
      services: { conversations, messages, presence },
      box: whatsapp.box,
      allowedPrivateUrls,
      publicUrl: config.publicUrl,
    });
    const http = createServer({
      auth: people.plugin,
      session: people.session,
      webhook: {
        signatureIsValid: createChannelSignatureCheck(channels.listConnected, clock),
        verifyTokens: () => channels.listConnected().flatMap((one) => secretsOf(one.channel, "verifyToken", clock.now())),
        accept: flow.accept,
        knocks: whatsapp.knocks,
        log,
        clock,
      },
      services: {
        ...whatsapp,
        audit,
        settings,
        ...people.services,
        presence,
        assignment,
        reach,
        conversations,
        messages,
        unresolved,
        deadLetters: flow.deadLetters,
        ...inbox.services,
        ...care.services,
        ...customers.services,
        ...outside.services,
        push,
        ...assistance.services,
        ...answering.services,
        ...knowledge.services,
        aiRuns,
        automation: automation.services,
      },
      media: { ...whatsapp, wake: fetchMedia.wake, reach, clock },
      live,
      places,
      sandbox,
      readiness: {
        ping: async () => {
          await store.ping();
          await flow.probeStore();
        },
        isStopping: () => isStopping,
      },
      staticFiles: createStaticFiles({ directory: webDirectory() }),
      isStoreUnavailable,
      edge,
      idempotency: inbox.idempotency,
      corsOrigins: config.corsOrigins,
      version,
      log,
    });
    if (sandbox)
      onStop(
        sandbox.phones.subscribe((change) =>
          bus.pass("phone:changed", { phone: change.kind === "phone" ? change.phone.id : change.phoneId, change }),
        ),
      );

    async function stopHttp(): Promise<void> {
      isStopping = true;
      await live.stop();
      await close(http, clock);
    }

    let control: Control | null = null;
    let stopping: Promise<void> | null = null;
    return {
      http,
      async start() {
        const server = listen(http, config);
        const host = config.host === "0.0.0.0" || config.host === "::" ? "127.0.0.1" : config.host;
        ownUrl = `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`;
        onStop(() => presence.stop());
        onStop(() => flow.stop(FINISH_TURNS_MS));
        onStop(() => fetchMedia.stop(FINISH_FILES_MS));
        onStop(() => inbox.stop());
        onStop(() => assignment.stop());
        onStop(() => automation.stop());
        onStop(() => whatsapp.stop());
        onStop(stopHttp);
        foreign?.start();
        await presence.start();
        await flow.start();
        await fetchMedia.start();
        people.start();
        inbox.start();
        assignment.start();
        automation.start();
        whatsapp.start();
        customers.start();
        outside.start();
        onStop(() => push.stop());
        push.start();
        knowledge.start();
        await answering.start();
        onStop(() => care.stop());
        await care.start();
        live.start(server, (request) => http.handle(request));
        const firstAdmin = await agents.ensureFirstAdmin(config.auth.adminEmail, config.auth.adminPassword);
        const assistant = assistance.assistant();
        control = startControl({
          dataDir: config.dataDir,
          people: people.control,
          rotateKey: care.rotateKey,
          simulate: createSimulate({ sandbox, bus, clock }),
          rebuildSearch: customers.rebuildSearch,
          rebuildReports: outside.rebuildReports,
          replay: answering.replayLines,
          database: store.engine && createDoor({ engine: store.engine, dataDir: config.dataDir, log }),
          version,
          log,
        });
        const opened = control;
        onStop(() => opened.stop());
        return {
          url: ownUrl,
          firstAdmin,
          storeKind: store.kind,
          sandbox: sandbox !== null,
          assistant: assistant && `${assistant.provider} · ${assistant.model}`,
        };
      },
      stop: () => (stopping ??= closeAll()),
    };
  }
}
