/** The whole server on one screen: middlewares in order, then one line per feature. */
import { cors } from "@elysiajs/cors";
import { openapi } from "@elysiajs/openapi";
import { Elysia } from "elysia";
import type { SandboxGraph } from "../channels/whatsapp/sandbox/sandbox-graph";
import { type WebhookDeps, webhookController } from "../channels/whatsapp/webhook";
import { Failure } from "../core/envelope";
import { fail } from "../core/errors";
import type { Log } from "../core/log";
import { requestIdOf } from "../core/request-id";
import { agentController } from "../features/agents/agent.controller";
import type { AgentService } from "../features/agents/agent.service";
import { auditController } from "../features/audit/audit.controller";
import type { AuditService } from "../features/audit/audit.service";
import { type AuthControllerOptions, authController } from "../features/auth/auth.controller";
import { type AuthPlugin, identifyBy } from "../features/auth/auth.plugin";
import { bulkJobController } from "../features/bulk-jobs/bulk-job.controller";
import type { BulkJobService } from "../features/bulk-jobs/bulk-job.service";
import { channelController } from "../features/channels/channel.controller";
import type { ChannelService } from "../features/channels/channel.service";
import type { ChannelAccountService } from "../features/channels/channel-account.service";
import type { ChannelUpkeepService } from "../features/channels/channel-upkeep.service";
import { contactMergeController } from "../features/contact-merges/contact-merge.controller";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import { contactController } from "../features/contacts/contact.controller";
import type { ContactService } from "../features/contacts/contact.service";
import { conversationActionController } from "../features/conversation-actions/conversation-action.controller";
import type { ConversationActionService } from "../features/conversation-actions/conversation-action.service";
import { conversationController } from "../features/conversations/conversation.controller";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { ConversationListService } from "../features/conversations/conversation-list.service";
import { deadLetterController } from "../features/dead-letters/dead-letter.controller";
import type { DeadLetterService } from "../features/dead-letters/dead-letter.service";
import type { IdempotencyService } from "../features/idempotency-keys/idempotency-key.service";
import { labelController } from "../features/labels/label.controller";
import type { LabelService } from "../features/labels/label.service";
import { type MediaServices, mediaController } from "../features/media/media.controller";
import { messageController } from "../features/messages/message.controller";
import type { MessageService } from "../features/messages/message.service";
import type { MessageSendService } from "../features/messages/message-send.service";
import { unresolvedController } from "../features/messages/message-unresolved.controller";
import type { UnresolvedService } from "../features/messages/message-unresolved.service";
import { settingController } from "../features/settings/setting.controller";
import type { SettingsService } from "../features/settings/setting.service";
import { templateController } from "../features/templates/template.controller";
import type { TemplateService } from "../features/templates/template.service";
import { viewController } from "../features/views/view.controller";
import type { ViewService } from "../features/views/view.service";
import { LARGEST_BYTES, limitBody } from "./body-limit";
import { failureBody, logFailure, toAppError } from "./errors";
import { healthController, type Readiness } from "./health";
import { type Handle, idempotent } from "./idempotency";
import type { Live } from "./live";
import { sandboxRoutes } from "./sandbox-routes";
import type { StaticFiles } from "./static";

export interface ServerDeps {
  auth: AuthPlugin;
  session: AuthControllerOptions;
  webhook: WebhookDeps;
  services: {
    agents: AgentService;
    contacts: ContactService;
    conversations: ConversationService;
    messages: MessageService;
    sending: MessageSendService;
    channels: ChannelService;
    accounts: ChannelAccountService;
    upkeep: ChannelUpkeepService;
    templates: TemplateService;
    contactMerges: ContactMergeService;
    unresolved: UnresolvedService;
    deadLetters: DeadLetterService;
    audit: AuditService;
    settings: SettingsService;
    labels: LabelService;
    lists: ConversationListService;
    actions: ConversationActionService;
    jobs: BulkJobService;
    views: ViewService;
  };
  media: MediaServices;
  live: Live;
  sandbox: SandboxGraph | null;
  readiness: Readiness;
  staticFiles: StaticFiles;
  isStoreUnavailable: (error: unknown) => boolean;
  idempotency: IdempotencyService;
  corsOrigins: readonly string[];
  version: string;
  log: Log;
}

const websocket = {
  maxPayloadLength: 64 * 1024,
  /** Dead after 60 s without a sign of life; Bun pings before that. */
  idleTimeout: 60,
  sendPings: true,
  /** A client that cannot keep up is closed; it resumes from its last sequence. */
  backpressureLimit: 1 << 20,
  closeOnBackpressureLimit: true,
  perMessageDeflate: false,
};

export const createServer = (deps: ServerDeps) => {
  const { auth, services, log } = deps;
  const once = idempotent({ ...deps, keys: deps.idempotency, identify: identifyBy(auth) });
  return new Elysia({ normalize: false, websocket, serve: { maxRequestBodySize: LARGEST_BYTES, idleTimeout: 60 } })
    .onError({ as: "global" }, ({ error, code, request, set }) => {
      const known = toAppError(error, code, deps);
      const requestId = requestIdOf(request);
      logFailure(log, known, { requestId, method: request.method, path: new URL(request.url).pathname });
      set.status = known.status;
      set.headers["x-request-id"] = requestId;
      if (known.retryAfter !== undefined) set.headers["retry-after"] = String(known.retryAfter);
      return failureBody(known, requestId);
    })
    .wrap((handle) => once(handle as unknown as Handle))
    .onRequest(({ request }) => limitBody(request))
    .use(cors({ origin: [...deps.corsOrigins], credentials: true, aot: true }))
    .use(
      openapi({
        path: "/docs",
        specPath: "/api/v2/openapi.json",
        provider: null,
        exclude: { paths: ["/*"] },
        documentation: {
          info: { title: "Chasqui", version: deps.version, description: "A WhatsApp bot with CRM in one executable" },
          components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
          security: [{ bearer: [] }],
        },
      }),
    )
    .model({ Failure })
    .use(healthController(deps.readiness))
    .group("/api/v2", (api) =>
      api
        .use(webhookController(deps.webhook))
        .use(authController(auth, deps.session))
        .use(agentController(auth, services.agents))
        .use(contactController(auth, services.contacts))
        .use(conversationController(auth, services.conversations, services.lists))
        .use(conversationActionController(auth, services.actions))
        .use(bulkJobController(auth, services.jobs))
        .use(viewController(auth, services.views))
        .use(labelController(auth, services.labels, services.jobs.takeOffLabel))
        .use(messageController(auth, services.messages, services.sending))
        .use(channelController(auth, services))
        .use(templateController(auth, services.templates))
        .use(mediaController(auth, deps.media))
        .use(unresolvedController(auth, services.unresolved))
        .use(deadLetterController(auth, services.deadLetters))
        .use(contactMergeController(auth, services.contactMerges))
        .use(settingController(auth, services.settings))
        .use(auditController(auth, services.audit))
        .use(sandboxRoutes(auth, deps.sandbox))
        .use(deps.live.plugin)
        .all("/*", () => {
          throw fail("route.not-found");
        }),
    )
    .all("/*", ({ request }) => {
      const page = deps.staticFiles(request);
      if (!page) throw fail("route.not-found");
      return page;
    });
};

export type Api = ReturnType<typeof createServer>;
