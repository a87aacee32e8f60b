/** The rooms that deal with people: who they are, what they may do, and how they get in. */
import type { ClientSession } from "mongoose";
import type { Config } from "./config/env";
import type { Actor } from "./core/actor";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import { fail } from "./core/errors";
import type { Log } from "./core/log";
import { BUILT_IN_ROLES } from "./core/permissions";
import type { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import type { EventLog } from "./events/log";
import { createNews } from "./events/news";
import type { AgentModel } from "./features/agents/agent.model";
import { createAgentService } from "./features/agents/agent.service";
import { createAgentAdminService } from "./features/agents/agent-admin.service";
import { createAgentIdentityService } from "./features/agents/agent-identity.service";
import { createAgentLifeService } from "./features/agents/agent-life.service";
import type { ApiKeyModel } from "./features/api-keys/api-key.model";
import { createApiKeyService } from "./features/api-keys/api-key.service";
import { ACCESS_EVENTS, createAccessService } from "./features/auth/access.service";
import type { AccessLinkModel } from "./features/auth/access-link.model";
import { authPlugin } from "./features/auth/auth.plugin";
import { createAuthService } from "./features/auth/auth.service";
import { createLinkService } from "./features/auth/link.service";
import type { LoginAttemptModel } from "./features/auth/login-attempt.model";
import { createLoginGuard } from "./features/auth/login-guard";
import type { MailModel } from "./features/auth/mail.model";
import { createMailOutbox } from "./features/auth/mail-outbox";
import { createMailer } from "./features/auth/mailer";
import { createNotices } from "./features/auth/notices";
import { createPasswordService, MACHINE } from "./features/auth/password.service";
import type { RefreshTokenModel } from "./features/auth/refresh-token.model";
import type { SecondFactorModel } from "./features/auth/second-factor.model";
import { createSecondFactorService } from "./features/auth/second-factor.service";
import type { SessionModel } from "./features/auth/session.model";
import { createSessionService } from "./features/auth/session.service";
import { createProvider } from "./features/auth/single-sign-on";
import type { CredentialBox } from "./features/channels/credential-box";
import type { ConversationService } from "./features/conversations/conversation.service";
import type { ReadPositionService } from "./features/read-positions/read-position.service";
import type { RoleModel } from "./features/roles/role.model";
import { createRoleService } from "./features/roles/role.service";
import type { TeamModel } from "./features/teams/team.model";
import { createTeamService } from "./features/teams/team.service";

/** Rules of signing in that people may set. */
export interface SignInPolicy {
  secondFactorRoles: readonly string[];
  sessionLimits: { perAgent: number; days: number };
  passwordMinimum: number;
}

const POLICY: SignInPolicy = { secondFactorRoles: [], sessionLimits: { perAgent: 20, days: 90 }, passwordMinimum: 12 };

export interface PeopleDeps {
  config: Config;
  edge?: { admit(id: string, request: Request): void };
  accessSecret: string;
  models: {
    events: EventModel;
    agents: AgentModel;
    roles: RoleModel;
    teams: TeamModel;
    sessions: SessionModel;
    refreshTokens: RefreshTokenModel;
    loginAttempts: LoginAttemptModel;
    accessLinks: AccessLinkModel;
    secondFactors: SecondFactorModel;
    mails: MailModel;
    apiKeys: ApiKeyModel;
  };
  conversations: Pick<ConversationService, "releaseOfAgent" | "releaseOfTeam">;
  positions: Pick<ReadPositionService, "forgetAgent">;
  box: CredentialBox;
  appUrl: () => string;
  /** What holds now; the defaults where nobody says. */
  policy?: () => SignInPolicy;
  audit?: Auditor<ClientSession>;
  eventLog: EventLog;
  bus: EventBus;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

/** The administrator of the machine may do everything. */
const machine: Actor = {
  ...MACHINE,
  role: "admin",
  permissions: new Set(BUILT_IN_ROLES.admin.permissions),
  reach: "all",
  teams: [],
  origin: { address: "local", userAgent: "chasqui admin", requestId: "" },
};

const silent: Auditor<ClientSession> = { record: async () => {} };

export type People = Awaited<ReturnType<typeof openPeople>>;

/** Opens the rooms and learns the roles. */
export async function openPeople(deps: PeopleDeps) {
  const { config, models, conversations, positions, eventLog, bus, isAlone, clock, log: logger } = deps;
  const { policy = () => POLICY, audit = silent } = deps;
  const news = createNews({ events: models.events, log: eventLog, bus, wanted: ACCESS_EVENTS, isAlone, clock, logger });
  const links = createLinkService({ links: models.accessLinks, clock });
  const mailer = config.mail ? createMailer(config.mail) : null;
  const outbox = createMailOutbox({ mails: models.mails, links, mailer, box: deps.box, clock, logger });
  const common = { audit, log: outbox.following(news.log), clock, logger };

  const agents = createAgentService({ agents: models.agents, passwordMinimum: () => policy().passwordMinimum, clock });
  const roles = createRoleService({ ...common, roles: models.roles, isInUse: agents.isRoleInUse, news });
  await roles.load();
  const teams = createTeamService({
    ...common,
    teams: models.teams,
    dismiss: agents.dismiss,
    release: conversations.releaseOfTeam,
  });
  const sessions = createSessionService({
    ...common,
    sessions: models.sessions,
    tokens: models.refreshTokens,
    refreshTtlSeconds: config.auth.refreshTtlSeconds,
    limits: () => policy().sessionLimits,
  });
  const apiKeys = createApiKeyService({ ...common, keys: models.apiKeys, agents, roles });
  const access = createAccessService({ agents, roles, sessions, keys: apiKeys, news, clock, isAlone });
  // After the roles: whoever is looked up anew is given the rights of now.
  access.start();
  news.start();

  const guard = createLoginGuard({ attempts: models.loginAttempts, clock });
  const notices = createNotices({ outbox, appUrl: deps.appUrl, clock });
  const passwords = createPasswordService({
    ...common,
    agents,
    links,
    sessions,
    guard,
    mailer,
    outbox,
    notices,
    appUrl: deps.appUrl,
  });
  const factor = createSecondFactorService({ factors: models.secondFactors, agents, box: deps.box, clock });
  const auth = createAuthService({
    ...common,
    agents,
    sessions,
    links,
    factor,
    guard,
    notices,
    secondFactorRoles: () => policy().secondFactorRoles,
  });

  const endSessions = (agent: string, change: Parameters<typeof apiKeys.revokeOf>[1]) => sessions.endAll(agent, { change });
  const life = createAgentLifeService({
    ...common,
    model: models.agents,
    agents,
    roles,
    teams,
    belongings: {
      endSessions,
      endKeys: apiKeys.revokeOf,
      async endLinks(agent, change) {
        await links.endAll(agent, ["invitation", "reset", "challenge", "enrolment"], change.session);
        await outbox.drop(agent, change);
      },
      async releaseConversations(agent, change) {
        await conversations.releaseOfAgent(agent, change);
        await positions.forgetAgent(agent, change);
      },
    },
    invitations: { issueInvitation: passwords.issueInvitation, hand: passwords.handInvitation },
  });
  const agentAdmin = createAgentAdminService({
    ...common,
    agents,
    life,
    makeResetLink: passwords.makeResetLink,
    endSessions,
    removeFactor: factor.remove,
    tellRemoved: (agent, change) => notices.tell(agent, "factor-removed", null, change),
  });

  async function getByEmail(email: string) {
    const agent = await agents.findByEmail(email);
    if (!agent) throw fail("agent.not-found", { message: `There is no agent with the e-mail ${email}.` });
    return agent;
  }

  const sso = config.singleSignOn;
  const singleSignOn = sso && {
    provider: createProvider(sso, { clock, log: logger }),
    identities: createAgentIdentityService({
      ...common,
      model: models.agents,
      agents,
      roles,
      life,
      anyoneMayJoin: sso.anyoneMayJoin,
      hasRoles: sso.roleClaim !== null,
      endLinks: (agent, { session }) => links.endAll(agent, ["invitation"], session),
    }),
  };

  const plugin = authPlugin({
    access,
    accessSecret: config.auth.accessSecret ?? deps.accessSecret,
    proxies: config.trustedProxies,
    edge: deps.edge,
  });
  const friends = new Set([...config.corsOrigins, ...(config.publicUrl ? [new URL(config.publicUrl).origin] : [])]);

  return {
    plugin,
    access,
    services: { agents, life, agentAdmin, roles, teams, apiKeys },
    /** For the routes of signing in. */
    session: {
      auth,
      sessions,
      passwords,
      factor,
      singleSignOn,
      guard,
      box: deps.box,
      appUrl: deps.appUrl,
      friends,
      accessTtlSeconds: config.auth.accessTtlSeconds,
      secureCookie: config.publicUrl?.startsWith("https://") ?? false,
      clock,
    },
    /** For commands on the same machine. */
    control: {
      passwords,
      async list() {
        const found = [];
        for (let cursor: string | undefined; ; ) {
          const page = await agents.listAgents({ limit: 100, ...(cursor ? { cursor } : {}) });
          found.push(...page.items);
          if (!page.next) return found;
          cursor = page.next;
        }
      },
      makeResetLink: async (email: string) => passwords.makeResetLink(await getByEmail(email), machine),
      invite: (request: { email: string; role: string }) => life.invite(request, machine),
      removeFactor: async (email: string) => agentAdmin.removeFactor((await getByEmail(email))._id, machine),
    },
    /** Mails leave from now on. */
    start: () => outbox.start(),
    async stop() {
      await passwords.stop();
      await outbox.stop();
      await news.stop();
      mailer?.close();
      access.stop();
      roles.stop();
    },
  };
}
