/**
 * Mails that people wait for nobody to read: stored with what they tell, sent behind it, and again while the mail server is away, also
 * after a restart. Each is sent at least once; it is sent twice only when the process dies between the server's word and its own note.
 */
import { type Alarm, createAlarm } from "../../core/alarm";
import type { Clock } from "../../core/clock";
import { describeError } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import type { Change, EventLog } from "../../events/log";
import type { Agent } from "../agents/agent.model";
import type { CredentialBox } from "../channels/credential-box";
import type { IssuedLink, LinkService } from "./link.service";
import type { MailModel, WaitingMail } from "./mail.model";
import type { Mail, Mailer } from "./mailer";

export interface MailOutbox {
  /** Stores a mail with the change; nothing where no mail server is configured. */
  post(mail: PostedMail, change: Change): Promise<void>;
  /** The same log; a mail posted with one of its changes leaves as soon as that is over. */
  following(log: EventLog): EventLog;
  /** What waits for somebody who goes is not sent. */
  drop(agent: string, change: Change): Promise<void>;
  start(): void;
  /** Resolves when what is on its way has arrived or failed. */
  stop(): Promise<void>;
}

export interface PostedMail {
  agent: Pick<Agent, "_id" | "email">;
  kind: string;
  mail: Omit<Mail, "to">;
  /** The link in it. */
  link?: IssuedLink;
}

export interface MailOutboxDeps {
  mails: MailModel;
  links: Pick<LinkService, "hashOf" | "isGood">;
  /** Null: no mail server is configured. */
  mailer: Mailer | null;
  box: CredentialBox;
  clock: Clock;
  logger: Log;
}

const MINUTE_MS = 60_000;
/** Pauses before a mail is tried again; the last one goes on until the mail has expired. */
const AGAIN_MS = [15_000, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 20 * MINUTE_MS, 60 * MINUTE_MS] as const;
/** News of one's account is old after three days. */
const LIFE_MS = 3 * 24 * 60 * MINUTE_MS;
/** So long a mail belongs to who has taken it; longer than a mail server is waited for. */
const LEASE_MS = 2 * MINUTE_MS;

export const mailOwner = (id: string): string => `mail:${id}`;

export function createMailOutbox({ mails, links, mailer, box, clock, logger }: MailOutboxDeps): MailOutbox {
  /** The soonest that is due, for nobody else as long as the lease is. */
  const take = async (now: Date): Promise<WaitingMail | null> =>
    (await mails
      .findOneAndUpdate({ dueAt: { $lte: now } }, { $set: { dueAt: new Date(now.getTime() + LEASE_MS) } })
      .sort({ dueAt: 1 })
      .lean()) as WaitingMail | null;

  async function deliver(one: WaitingMail, by: Mailer): Promise<void> {
    const mail = box.open(one.sealed, mailOwner(one._id)) as Mail | null;
    const isWanted = one.link === null || (await links.isGood(one.link));
    if (!mail || !isWanted || one.expiresAt.getTime() <= clock.now()) return void (await mails.deleteOne({ _id: one._id }));
    try {
      await by.send(mail);
    } catch (error) {
      // Whatever the mail server says: it may say something else later.
      const dueAt = new Date(clock.now() + (AGAIN_MS[one.attempts] ?? AGAIN_MS[AGAIN_MS.length - 1] ?? MINUTE_MS));
      const isOver = dueAt >= one.expiresAt;
      const reason = describeError(error);
      logger.warn(isOver ? "a mail was given up" : "a mail could not be sent", { kind: one.kind, agent: one.agent, reason });
      if (isOver) await mails.deleteOne({ _id: one._id });
      else await mails.updateOne({ _id: one._id }, { $set: { dueAt }, $inc: { attempts: 1 } });
      return;
    }
    await mails.deleteOne({ _id: one._id });
  }

  const alarm: Alarm = createAlarm({
    name: "mails",
    async soonest() {
      if (!mailer) return null;
      const [first] = (await mails.find({}, { dueAt: 1 }).sort({ dueAt: 1 }).limit(1).lean()) as Pick<WaitingMail, "dueAt">[];
      return first?.dueAt ?? null;
    },
    async ring(now) {
      const one = mailer && (await take(now));
      if (one && mailer) await deliver(one, mailer);
    },
    clock,
    log: logger,
  });
  const posted = new WeakSet<Change>();
  let isStarted = false;

  return {
    async post({ agent, kind, mail, link }, change) {
      if (!mailer) return;
      const now = clock.now();
      const _id = newId(now);
      const one: WaitingMail = {
        _id,
        agent: agent._id,
        kind,
        sealed: box.lock({ to: agent.email, ...mail }, mailOwner(_id)),
        link: link ? links.hashOf(link.secret) : null,
        attempts: 0,
        dueAt: new Date(now),
        expiresAt: link?.expiresAt ?? new Date(now + LIFE_MS),
        createdAt: new Date(now),
      };
      await mails.collection.insertOne(one as never, { session: change.session });
      posted.add(change);
    },

    async drop(agent, { session }) {
      await mails.collection.deleteMany({ agent } as never, { session });
    },

    following: (log) => ({
      ...log,
      async change(fn) {
        let last: Change | null = null;
        const result = await log.change((change) => {
          last = change;
          return fn(change);
        });
        if (isStarted && last && posted.has(last)) alarm.look();
        return result;
      },
    }),

    start() {
      isStarted = true;
      alarm.look();
    },
    stop: () => alarm.stop(),
  };
}
