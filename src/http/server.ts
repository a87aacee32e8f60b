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
import { type AgentServices, agentController } from "../features/agents/agent.controller";
import { apiKeyController } from "../features/api-keys/api-key.controller";
import type { ApiKeyService } from "../features/api-keys/api-key.service";
import { authController } from "../features/auth/auth.controller";
import type { AuthPlugin } from "../features/auth/auth.plugin";
import { type PasswordControllerOptions, passwordController } from "../features/auth/password.controller";
import { type SecondFactorControllerOptions, secondFactorController } from "../features/auth/second-factor.controller";
import { channelController } from "../features/channels/channel.controller";
import type { ChannelService } from "../features/channels/channel.service";
import type { ChannelAccountService } from "../features/channels/channel-account.service";
import type { ChannelUpkeepService } from "../features/channels/channel-upkeep.service";
import { contactMergeController } from "../features/contact-merges/contact-merge.controller";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import { contactController } from "../features/contacts/contact.controller";
import type { ContactService } from "../features/contacts/contact.service";
import { conversationController } from "../features/conversations/conversation.controller";
import type { ConversationService } from "../features/conversations/conversation.service";
import { deadLetterController } from "../features/dead-letters/dead-letter.controller";
import type { DeadLetterService } from "../features/dead-letters/dead-letter.service";
import { type MediaServices, mediaController } from "../features/media/media.controller";
import { messageController } from "../features/messages/message.controller";
import type { MessageService } from "../features/messages/message.service";
import type { MessageSendService } from "../features/messages/message-send.service";
import { unresolvedController } from "../features/messages/message-unresolved.controller";
import type { UnresolvedService } from "../features/messages/message-unresolved.service";
import type { ReachService } from "../features/messages/reach.service";
import { roleController } from "../features/roles/role.controller";
import type { RoleService } from "../features/roles/role.service";
import { teamController } from "../features/teams/team.controller";
import type { TeamService } from "../features/teams/team.service";
import { templateController } from "../features/templates/template.controller";
import type { TemplateService } from "../features/templates/template.service";
import { LARGEST_BYTES, limitBody } from "./body-limit";
import { failureBody, logFailure, toAppError } from "./errors";
import { healthController, type Readiness } from "./health";
import type { Live } from "./live";
import { sandboxRoutes } from "./sandbox-routes";
import type { StaticFiles } from "./static";

export interface ServerDeps {
  auth: AuthPlugin;
  session: PasswordControllerOptions & SecondFactorControllerOptions;
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
  };
  media: MediaServices;
  live: Live;
  sandbox: SandboxGraph | null;
  readiness: Readiness;
  staticFiles: StaticFiles;
  isStoreUnavailable: (error: unknown) => boolean;
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
        .use(passwordController(auth, deps.session))
        .use(secondFactorController(auth, deps.session))
        .use(agentController(auth, services))
        .use(teamController(auth, services.teams, services.life))
        .use(roleController(auth, services.roles))
        .use(apiKeyController(auth, services.apiKeys))
        .use(contactController(auth, services.contacts, services.reach))
        .use(conversationController(auth, services.conversations))
        .use(messageController(auth, services.messages, services.sending, services.reach))
        .use(channelController(auth, services))
        .use(templateController(auth, services.templates))
        .use(mediaController(auth, deps.media))
        .use(unresolvedController(auth, services.unresolved))
        .use(deadLetterController(auth, services.deadLetters))
        .use(contactMergeController(auth, services.contactMerges))
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
