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
import { attributeController } from "../features/attributes/attribute.controller";
import type { AttributeService } from "../features/attributes/attribute.service";
import { type AuthControllerOptions, authController } from "../features/auth/auth.controller";
import type { AuthPlugin } from "../features/auth/auth.plugin";
import { channelController } from "../features/channels/channel.controller";
import type { ChannelService } from "../features/channels/channel.service";
import type { ChannelAccountService } from "../features/channels/channel-account.service";
import type { ChannelUpkeepService } from "../features/channels/channel-upkeep.service";
import { contactDuplicateController } from "../features/contact-duplicates/contact-duplicate.controller";
import type { ContactDuplicateService } from "../features/contact-duplicates/contact-duplicate.service";
import { contactMergeController } from "../features/contact-merges/contact-merge.controller";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import { contactNoteController } from "../features/contact-notes/contact-note.controller";
import type { ContactNoteService } from "../features/contact-notes/contact-note.service";
import { contactTimelineController } from "../features/contact-timeline/contact-timeline.controller";
import type { ContactTimelineService } from "../features/contact-timeline/contact-timeline.service";
import { type ContactServices, contactController } from "../features/contacts/contact.controller";
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
import { searchController } from "../features/search/search.controller";
import type { SearchService } from "../features/search/search.service";
import { segmentController } from "../features/segments/segment.controller";
import type { SegmentService } from "../features/segments/segment.service";
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
  session: AuthControllerOptions;
  webhook: WebhookDeps;
  services: {
    agents: AgentService;
    contactRooms: ContactServices;
    contactNotes: ContactNoteService;
    attributes: AttributeService;
    segments: SegmentService;
    duplicates: ContactDuplicateService;
    timeline: ContactTimelineService;
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
    search: SearchService;
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
        .use(agentController(auth, services.agents))
        .use(contactController(auth, services.contactRooms))
        .use(conversationController(auth, services.conversations))
        .use(messageController(auth, services.messages, services.sending))
        .use(channelController(auth, services))
        .use(templateController(auth, services.templates))
        .use(mediaController(auth, deps.media))
        .use(unresolvedController(auth, services.unresolved))
        .use(deadLetterController(auth, services.deadLetters))
        .use(contactMergeController(auth, services.contactMerges))
        .use(contactNoteController(auth, services.contactNotes))
        .use(contactTimelineController(auth, services.timeline))
        .use(contactDuplicateController(auth, services.duplicates))
        .use(attributeController(auth, services.attributes))
        .use(segmentController(auth, services.segments))
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
