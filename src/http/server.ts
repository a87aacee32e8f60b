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
import { auditController } from "../features/audit/audit.controller";
import type { AuditService } from "../features/audit/audit.service";
import { authController } from "../features/auth/auth.controller";
import { type AuthPlugin, identifyBy } from "../features/auth/auth.plugin";
import { type PasswordControllerOptions, passwordController } from "../features/auth/password.controller";
import { type SecondFactorControllerOptions, secondFactorController } from "../features/auth/second-factor.controller";
import { type SingleSignOnOptions, singleSignOnController } from "../features/auth/single-sign-on.controller";
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
import type { ReachService } from "../features/messages/reach.service";
import { roleController } from "../features/roles/role.controller";
import type { RoleService } from "../features/roles/role.service";
import { searchController } from "../features/search/search.controller";
import type { SearchService } from "../features/search/search.service";
import { settingController } from "../features/settings/setting.controller";
import type { SettingsService } from "../features/settings/setting.service";
import { teamController } from "../features/teams/team.controller";
import type { TeamService } from "../features/teams/team.service";
import { templateController } from "../features/templates/template.controller";
import type { TemplateService } from "../features/templates/template.service";
import { viewController } from "../features/views/view.controller";
import type { ViewService } from "../features/views/view.service";
import { LARGEST_BYTES, limitBody } from "./body-limit";
import { guarded, toFailure } from "./errors";
import { healthController, type Readiness } from "./health";
import { type Handle, idempotent } from "./idempotency";
import type { Live } from "./live";
import { sandboxRoutes } from "./sandbox-routes";
import type { StaticFiles } from "./static";

export interface ServerDeps {
  auth: AuthPlugin;
  session: PasswordControllerOptions & SecondFactorControllerOptions & SingleSignOnOptions;
  webhook: WebhookDeps;
  services: AgentServices & {
    roles: RoleService;
    teams: TeamService;
    apiKeys: ApiKeyService;
    reach: ReachService;
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
    search: SearchService;
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
  const { auth, services } = deps;
  const receive = createReceive(deps.webhook);
  // Meta's events come by the thousand and need nothing of what follows: they go past the middlewares.
  const routes = { "/api/v2/webhook": { POST: guarded(receive, deps) } };
  const once = idempotent({ ...deps, keys: deps.idempotency, identify: identifyBy(auth) });
  return new Elysia({ normalize: false, websocket, serve: { maxRequestBodySize: LARGEST_BYTES, idleTimeout: 60, routes } })
    .onError({ as: "global" }, ({ error, code, request, set }) => {
      const { status, headers, body } = toFailure(error, code, request, deps);
      set.status = status;
      Object.assign(set.headers, headers);
      return body;
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
        .use(webhookController(receive, deps.webhook.verifyTokens))
        .use(authController(auth, deps.session))
        .use(passwordController(auth, deps.session))
        .use(secondFactorController(auth, deps.session))
        .use(singleSignOnController(auth, deps.session))
        .use(agentController(auth, services))
        .use(teamController(auth, services.teams, services.life))
        .use(roleController(auth, services.roles))
        .use(apiKeyController(auth, services.apiKeys))
        .use(contactController(auth, services.contacts, services.reach))
        .use(conversationController(auth, services.conversations, services.lists))
        .use(conversationActionController(auth, services.actions))
        .use(bulkJobController(auth, services.jobs))
        .use(viewController(auth, services.views))
        .use(labelController(auth, services.labels, services.jobs.takeOffLabel))
        .use(messageController(auth, services.messages, services.sending, services.reach))
        .use(channelController(auth, services))
        .use(templateController(auth, services.templates))
        .use(mediaController(auth, deps.media))
        .use(unresolvedController(auth, services.unresolved))
        .use(deadLetterController(auth, services.deadLetters))
        .use(contactMergeController(auth, services.contactMerges))
        .use(settingController(auth, services.settings))
        .use(auditController(auth, services.audit))
        .use(searchController(auth, services.search))
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
