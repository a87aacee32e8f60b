/** The whole server on one screen: middlewares in order, then one line per feature. */
import { cors } from "@elysiajs/cors";
import { openapi } from "@elysiajs/openapi";
import { Elysia } from "elysia";
import type { SandboxGraph } from "../channels/whatsapp/sandbox/sandbox-graph";
import { createReceive, type WebhookDeps, webhookController } from "../channels/whatsapp/webhook";
import { Failure } from "../core/envelope";
import { fail } from "../core/errors";
import type { Log } from "../core/log";
import { type AgentServices, agentController } from "../features/agents/agent.controller";
import { apiKeyController } from "../features/api-keys/api-key.controller";
import type { ApiKeyService } from "../features/api-keys/api-key.service";
import { assignmentController } from "../features/assignment/assignment.controller";
import type { AssignmentService } from "../features/assignment/assignment.service";
import { auditController } from "../features/audit/audit.controller";
import type { AuditService } from "../features/audit/audit.service";
import { authController } from "../features/auth/auth.controller";
import { type AuthPlugin, identifyBy } from "../features/auth/auth.plugin";
import { type PasswordControllerOptions, passwordController } from "../features/auth/password.controller";
import { type SecondFactorControllerOptions, secondFactorController } from "../features/auth/second-factor.controller";
import { type SingleSignOnOptions, singleSignOnController } from "../features/auth/single-sign-on.controller";
import { bulkJobController } from "../features/bulk-jobs/bulk-job.controller";
import type { BulkJobService } from "../features/bulk-jobs/bulk-job.service";
import { cannedReplyController } from "../features/canned-replies/canned-reply.controller";
import type { CannedReplyService } from "../features/canned-replies/canned-reply.service";
import { channelController } from "../features/channels/channel.controller";
import type { ChannelService } from "../features/channels/channel.service";
import type { ChannelAccountService } from "../features/channels/channel-account.service";
import type { ChannelUpkeepService } from "../features/channels/channel-upkeep.service";
import type { WebhookDoorService } from "../features/channels/webhook-door.service";
import { conversationActionController } from "../features/conversation-actions/conversation-action.controller";
import type { ConversationActionService } from "../features/conversation-actions/conversation-action.service";
import { conversationController } from "../features/conversations/conversation.controller";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { ConversationListService } from "../features/conversations/conversation-list.service";
import { dataProtectionController } from "../features/data-protection/data-protection.controller";
import type { DataProtectionService } from "../features/data-protection/data-protection.service";
import { deadLetterController } from "../features/dead-letters/dead-letter.controller";
import type { DeadLetterService } from "../features/dead-letters/dead-letter.service";
import { draftController } from "../features/drafts/draft.controller";
import type { DraftService } from "../features/drafts/draft.service";
import type { IdempotencyService } from "../features/idempotency-keys/idempotency-key.service";
import { importController } from "../features/imports/import.controller";
import { knowledgeFileController } from "../features/knowledge/knowledge.controller";
import { labelController } from "../features/labels/label.controller";
import type { LabelService } from "../features/labels/label.service";
import { type MediaServices, mediaController } from "../features/media/media.controller";
import { messageController } from "../features/messages/message.controller";
import type { MessageService } from "../features/messages/message.service";
import type { MessageEditService } from "../features/messages/message-edit.service";
import type { MessageSendService } from "../features/messages/message-send.service";
import type { MessageThreadService } from "../features/messages/message-thread.service";
import { unresolvedController } from "../features/messages/message-unresolved.controller";
import type { UnresolvedService } from "../features/messages/message-unresolved.service";
import type { ReachService } from "../features/messages/reach.service";
import { presenceController } from "../features/presence/presence.controller";
import type { PresenceService } from "../features/presence/presence.service";
import { pushController } from "../features/push/push.controller";
import type { PushService } from "../features/push/push.service";
import { readPositionController } from "../features/read-positions/read-position.controller";
import type { ReadPositionService } from "../features/read-positions/read-position.service";
import { retentionController } from "../features/retention/retention.controller";
import type { RetentionService } from "../features/retention/retention.service";
import { roleController } from "../features/roles/role.controller";
import type { RoleService } from "../features/roles/role.service";
import { scheduledMessageController } from "../features/scheduled-messages/scheduled-message.controller";
import type { ScheduledMessageService } from "../features/scheduled-messages/scheduled-message.service";
import { settingController } from "../features/settings/setting.controller";
import type { SettingsService } from "../features/settings/setting.service";
import { teamController } from "../features/teams/team.controller";
import type { TeamService } from "../features/teams/team.service";
import { templateController } from "../features/templates/template.controller";
import type { TemplateService } from "../features/templates/template.service";
import { viewController } from "../features/views/view.controller";
import type { ViewService } from "../features/views/view.service";
import { type AssistantServices, assistantRoutes } from "./assistant-routes";
import { type AutomationServices, automationRoutes } from "./automation-routes";
import { LARGEST_BYTES } from "./body-limit";
import { type CustomerServices, customerRoutes } from "./customer-routes";
import type { Edge } from "./edge";
import { guarded, toFailure } from "./errors";
import { healthController, type Readiness } from "./health";
import { type Handle, idempotent } from "./idempotency";
import { readJsonBody } from "./json-body";
import type { Live } from "./live";
import type { Places } from "./live-access";
import { completeDocument, type DescribedRoute, type OpenApiDocument } from "./openapi-document";
import { sandboxRoutes } from "./sandbox-routes";
import type { StaticFiles } from "./static";

export interface ServerDeps {
  auth: AuthPlugin;
  session: PasswordControllerOptions & SecondFactorControllerOptions & SingleSignOnOptions;
  webhook: WebhookDeps;
  services: AgentServices &
    CustomerServices &
    AssistantServices & {
      presence: PresenceService;
      assignment: AssignmentService;
      automation: AutomationServices;
      roles: RoleService;
      teams: TeamService;
      apiKeys: ApiKeyService;
      reach: ReachService;
      conversations: ConversationService;
      messages: MessageService;
      sending: MessageSendService;
      channels: ChannelService;
      accounts: ChannelAccountService;
      upkeep: ChannelUpkeepService;
      door: WebhookDoorService;
      templates: TemplateService;
      unresolved: UnresolvedService;
      deadLetters: DeadLetterService;
      audit: AuditService;
      settings: SettingsService;
      labels: LabelService;
      lists: ConversationListService;
      actions: ConversationActionService;
      jobs: BulkJobService;
      views: ViewService;
      threads: MessageThreadService;
      editing: MessageEditService;
      replies: CannedReplyService;
      drafts: DraftService;
      positions: ReadPositionService;
      push: PushService;
      scheduled: ScheduledMessageService;
      protection: DataProtectionService;
      retention: RetentionService;
    };
  media: MediaServices;
  live: Live;
  places: Places;
  sandbox: SandboxGraph | null;
  readiness: Readiness;
  staticFiles: StaticFiles;
  isStoreUnavailable: (error: unknown) => boolean;
  edge: Edge;
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

const DOCUMENT = "/api/v2/openapi.json";

export const createServer = (deps: ServerDeps) => {
  const { auth, services } = deps;
  const receive = createReceive(deps.webhook);
  // Meta's events come by the thousand and need nothing of what follows: they go past the middlewares.
  const routes = { "/api/v2/webhook": { POST: guarded(receive, deps) } };
  const once = idempotent({ ...deps, keys: deps.idempotency, identify: identifyBy(auth) });
  let described: readonly DescribedRoute[] = [];
  const app = new Elysia({ normalize: false, websocket, serve: { maxRequestBodySize: LARGEST_BYTES, idleTimeout: 60, routes } })
    .onError({ as: "global" }, ({ error, code, request, set }) => {
      const { status, headers, body } = toFailure(error, code, request, deps);
      set.status = status;
      Object.assign(set.headers, headers);
      return body;
    })
    .wrap((handle) => once(handle as unknown as Handle))
    .onRequest(({ request, server, set }) => deps.edge.enter({ request, server, set }))
    .use(cors({ origin: [...deps.corsOrigins], credentials: true, aot: true }))
    .model({ Failure })
    .use(healthController(deps.readiness))
    .group("/api/v2", (api) =>
      api
        .use(webhookController(receive, deps.webhook))
        .use(mediaController(auth, deps.media))
        .use(importController(auth, services.imports))
        .use(knowledgeFileController(auth, services))
        // Those above read their bodies themselves.
        .onParse(readJsonBody)
        .use(authController(auth, deps.session))
        .use(passwordController(auth, deps.session))
        .use(secondFactorController(auth, deps.session))
        .use(singleSignOnController(auth, deps.session))
        .use(agentController(auth, services))
        .use(presenceController(auth, services.presence))
        .use(pushController(auth, services.push))
        .use(teamController(auth, services.teams, services.life))
        .use(roleController(auth, services.roles))
        .use(apiKeyController(auth, services.apiKeys))
        .use(customerRoutes(auth, services))
        .use(automationRoutes(auth, services.automation))
        .use(conversationController(auth, services.conversations, services.lists))
        .use(conversationActionController(auth, services.actions))
        .use(assignmentController(auth, services.assignment))
        .use(bulkJobController(auth, services.jobs))
        .use(viewController(auth, services.views))
        .use(labelController(auth, services.labels, [services.jobs.takeOffLabel, services.contactLabels.takeOff]))
        .use(messageController(auth, services))
        .use(scheduledMessageController(auth, services.scheduled))
        .use(draftController(auth, services.drafts))
        .use(readPositionController(auth, services.positions))
        .use(cannedReplyController(auth, services.replies))
        .use(channelController(auth, services))
        .use(templateController(auth, services.templates))
        .use(unresolvedController(auth, services.unresolved, services.audit))
        .use(deadLetterController(auth, services.deadLetters, services.audit))
        .use(settingController(auth, services.settings))
        .use(assistantRoutes(auth, services))
        .use(auditController(auth, services.audit))
        .use(retentionController(auth, services.retention, services.audit))
        .use(dataProtectionController(auth, services.protection))
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
    })
    // Only the description comes after this.
    .onAfterHandle(({ path, responseValue }) =>
      path === DOCUMENT ? completeDocument(responseValue as OpenApiDocument, described) : undefined,
    )
    .use(
      openapi({
        path: "/docs",
        specPath: DOCUMENT,
        provider: null,
        // What ends like a file is a route here as well: figures as CSV.
        exclude: { paths: ["/*", DOCUMENT], staticFile: false },
        documentation: {
          info: { title: "Chasqui", version: deps.version, description: "A WhatsApp bot with CRM in one executable" },
          components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
          security: [{ bearer: [] }],
        },
      }),
    );

  described = app.routes as unknown as readonly DescribedRoute[];
  return app;
};

export type Api = ReturnType<typeof createServer>;
