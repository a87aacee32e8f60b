/** Passwords and the links that set them: invitations, and "I forgot it". Nobody learns from an answer who has an account. */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import { describeError, fail } from "../../core/errors";
import type { Log } from "../../core/log";
import type { Origin } from "../../core/origin";
import type { Change, EventLog } from "../../events/log";
import type { Agent } from "../agents/agent.model";
import type { Handed } from "../agents/agent.schema";
import type { AgentService } from "../agents/agent.service";
import type { IssuedLink, LinkService } from "./link.service";
import type { GuardKey, LoginGuard } from "./login-guard";
import type { MailOutbox } from "./mail-outbox";
import { invitationMail, resetMail } from "./mail-text";
import type { Mailer } from "./mailer";
import type { Notices } from "./notices";
import type { SessionService } from "./session.service";

export interface PasswordService {
  /** Ends every session but the current one. Throws `auth.wrong-password`. */
  change(agent: Agent, passwords: { current: string; next: string }, session: string | null, origin: Origin): Promise<void>;
  /** Resolves at once, whether somebody has this e-mail or not; the mail is stored and sent behind. */
  forgot(email: string, origin: Origin): void;
  /** Sets the password by a link and ends every session. */
  reset(secret: string, password: string, origin: Origin): Promise<void>;
  /** Whom an invitation is for. */
  lookInvitation(secret: string): Promise<Agent>;
  /** The invited one is an agent now. */
  accept(secret: string, about: { name: string; password: string }, origin: Origin): Promise<Agent>;
  issueInvitation(agent: string, change: Change): Promise<IssuedLink>;
  /** Sends an invitation, or gives its link back where no mail is configured or it could not be sent. */
  handInvitation(agent: Agent, link: IssuedLink): Promise<Handed>;
  /** A link that an administrator hands over. */
  makeResetLink(agent: Agent, actor: Actor): Promise<Handed>;
  /** Sets a password without asking: for the administrator of the machine. A generated one when none is given. */
  force(email: string, password?: string): Promise<string>;
  /** Resolves when what was asked for is stored. */
  stop(): Promise<void>;
}

export interface PasswordDeps {
  agents: AgentService;
  links: LinkService;
  sessions: SessionService;
  guard: LoginGuard;
  /** Null: links are handed over by people. */
  mailer: Mailer | null;
  outbox: Pick<MailOutbox, "post">;
  notices: Notices;
  /** Where people open the app. */
  appUrl: () => string;
  audit: Auditor<ClientSession>;
  log: EventLog;
  logger: Log;
}

export const MACHINE = { kind: "system", id: "chasqui", name: "chasqui admin" } as const;

export function createPasswordService(deps: PasswordDeps): PasswordService {
  const { agents, links, sessions, guard, mailer, appUrl, outbox, notices, audit, log, logger } = deps;
  const underway = new Set<Promise<void>>();

  /** Behind the sign #, so that no server and no log on the way reads the secret. */
  const linkTo = (page: string, secret: string) => `${appUrl()}/${page}#${secret}`;

  /** Whom a link is for. Throws `auth.bad-link`, also when they have gone at this moment. */
  async function holderOf(kind: "reset" | "invitation", secret: string): Promise<Agent> {
    const agent = await agents.findById(await links.look(kind, secret));
    if (!agent) throw fail("auth.bad-link");
    return agent;
  }

  async function set(agent: string, hash: string, change: Change, more: Partial<Agent> = {}): Promise<Agent> {
    await links.endAll(agent, ["reset", "challenge", "enrolment"], change.session);
    return agents.update(agent, { passwordHash: hash, ...more }, change);
  }

  const person = ({ _id, name }: Agent, origin: Origin) => ({ kind: "agent" as const, id: _id, name, origin });
  const target = ({ _id, name }: Agent) => ({ kind: "agent", id: _id, name });

  async function hand(agent: Agent, { secret, expiresAt }: IssuedLink, kind: "invitation" | "reset"): Promise<Handed> {
    const link = linkTo(kind === "invitation" ? "accept-invitation" : "reset-password", secret);
    const expires = expiresAt.toISOString();
    if (mailer) {
      const text = kind === "invitation" ? invitationMail : resetMail;
      try {
        await mailer.send({ to: agent.email, ...text({ name: agent.name, link, expiresAt }) });
        return { sent: true, link: null, expiresAt: expires };
      } catch (error) {
        // Whatever the mail server says: the one who asked gets the link instead.
        logger.warn("a mail could not be sent", { kind, agent: agent._id, reason: describeError(error) });
      }
    }
    return { sent: false, link, expiresAt: expires };
  }

  async function sendReset(email: string, origin: Origin): Promise<void> {
    const address = email.trim().toLowerCase();
    await guard.begin([{ kind: "reset", of: address }]);
    const agent = await agents.findByEmail(address);
    if (!agent?.isActive || agent.isInvited) return;
    if (!mailer) return logger.warn("somebody forgot their password, and no mail is configured", { agent: agent._id });
    await log.change(async (change) => {
      // Shut out since they were looked up.
      if (!(await agents.hold(agent, change))) return;
      const link = await links.issue("reset", agent._id, change.session);
      await audit.record(change, { actor: person(agent, origin), action: "password.forgot", target: target(agent) });
      const mail = resetMail({ name: agent.name, link: linkTo("reset-password", link.secret), expiresAt: link.expiresAt });
      await outbox.post({ agent, kind: "reset", mail, link }, change);
    });
  }

  /** Whoever has shown by a link who they are does not wait for what others have guessed. */
  const forgive = (agent: Agent) =>
    guard.succeed([
      { kind: "account", of: agent.email },
      { kind: "reset", of: agent.email },
    ]);

  return {
    async change(agent, { current, next }, session, origin) {
      const keys: GuardKey[] = [{ kind: "account", of: agent.email }];
      await guard.begin(keys);
      if (!(await agents.hasPassword(agent._id, current))) throw fail("auth.wrong-password");
      await guard.succeed(keys);
      const { hash } = await agents.hash(next, agent);
      await log.change(async (change) => {
        await set(agent._id, hash, change);
        await sessions.endAll(agent._id, { ...(session ? { except: session } : {}), change });
        await audit.record(change, { actor: person(agent, origin), action: "password.change", target: target(agent) });
        await notices.tell(agent, "password-changed", origin, change);
      });
    },

    forgot(email, origin) {
      const { address, userAgent, requestId } = origin;
      const sending = sendReset(email, { address, userAgent, requestId })
        // Too many requests for this e-mail, or the store is away: the answer was the same for all.
        .catch((error: unknown) => logger.info("a reset link was not sent", { reason: describeError(error) }))
        .finally(() => underway.delete(sending));
      underway.add(sending);
    },

    async reset(secret, password, origin) {
      const { hash } = await agents.hash(password, await holderOf("reset", secret));
      const agent = await log.change(async (change) => {
        const id = await links.use("reset", secret, change.session);
        const found = await agents.getAgent(id, change.session);
        if (!found.isActive || found.isInvited) throw fail("auth.bad-link");
        await set(id, hash, change);
        await sessions.endAll(id, { change });
        await audit.record(change, { actor: person(found, origin), action: "password.reset", target: target(found) });
        await notices.tell(found, "password-reset", origin, change);
        return found;
      });
      await forgive(agent);
    },

    async lookInvitation(secret) {
      return holderOf("invitation", secret);
    },

    async accept(secret, { name, password }, origin) {
      const { email } = await holderOf("invitation", secret);
      const { hash } = await agents.hash(password, { name, email });
      return log.change(async (change) => {
        const id = await links.use("invitation", secret, change.session);
        const invited = await agents.getAgent(id, change.session);
        if (!invited.isActive || !invited.isInvited) throw fail("auth.bad-link");
        await links.endAll(id, ["invitation"], change.session);
        const agent = await set(id, hash, change, { name: name.trim(), isInvited: false });
        await audit.record(change, { actor: person(agent, origin), action: "agent.accept", target: target(agent) });
        return agent;
      });
    },

    issueInvitation: (agent, change) => links.issue("invitation", agent, change.session),
    handInvitation: (agent, link) => hand(agent, link, "invitation"),

    async makeResetLink(agent, actor) {
      if (!agent.isActive || agent.isInvited) throw fail("agent.not-found");
      const link = await log.change(async (change) => {
        await links.endAll(agent._id, ["reset"], change.session);
        await audit.record(change, { actor, action: "password.link", target: target(agent) });
        return links.issue("reset", agent._id, change.session);
      });
      return hand(agent, link, "reset");
    },

    async force(email, given) {
      const agent = await agents.findByEmail(email);
      if (!agent) throw fail("agent.not-found", { message: `There is no agent with the e-mail ${email}.` });
      const { password, hash } = await agents.hash(given, agent);
      await log.change(async (change) => {
        await set(agent._id, hash, change);
        await sessions.endAll(agent._id, { change });
        await audit.record(change, { actor: MACHINE, action: "password.reset", target: target(agent) });
        await notices.tell(agent, "password-reset", null, change);
      });
      await forgive(agent);
      return password;
    },

    async stop() {
      await Promise.all(underway);
    },
  };
}
