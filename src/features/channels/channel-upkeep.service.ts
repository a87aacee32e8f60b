/**
 * Looks after the numbers: is the token valid and complete, do webhooks arrive, is the number fit to send. Once a day for each
 * number, and whenever asked; tokens that expire are renewed in time (facts §3.5). When a check was is stored, so restarts repeat none.
 */
import type { Clock, Timer } from "../../core/clock";
import { AppError, describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { ChannelView } from "../../events/view";
import type { StoredChannel } from "./channel.model";
import { type ChannelService, numberFields } from "./channel.service";
import type { ConnectedChannel } from "./channel-line";
import { withAlert } from "./channel-notice";

export interface ChannelUpkeepService {
  /** Asks Meta about the number now, stores and tells what it says. Never throws for what Meta says: that is the answer. */
  check(id: string): Promise<ChannelView>;
  /** A send was refused for a reason that is about the number: people are alerted, and the number is looked at. */
  reportTrouble(phoneNumberId: string, reason: string): void;
  start(): void;
  stop(): Promise<void>;
}

export interface ChannelUpkeepDeps {
  channels: ChannelService;
  clock: Clock;
  log: Log;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first look waits until the start is over: nothing depends on it. */
const FIRST_LOOK_MS = 3_000;
const PAGE = 50;
/** Every message of a number in trouble is refused; once in a while is enough to tell it. */
const TROUBLE_AGAIN_MS = 60_000;
/** A renewed token lives 60 days: half of that leaves a month of daily tries. */
const RENEW_BEFORE_MS = 30 * DAY_MS;
const WARN_BEFORE_MS = 7 * DAY_MS;

export function createChannelUpkeep({ channels, clock, log }: ChannelUpkeepDeps): ChannelUpkeepService {
  let timer: Timer | null = null;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;
  const troubleAt = new Map<string, number>();

  async function look(stored: StoredChannel, connected: ConnectedChannel): Promise<void> {
    const { account, channel } = connected;
    const problems: string[] = [];
    const ask = async <T>(question: Promise<T>): Promise<T | null> => {
      try {
        return await question;
      } catch (error) {
        // graph.refused and graph.unavailable: what Meta says is what the check has found.
        if (!(error instanceof AppError)) throw error;
        if (!problems.includes(error.message)) problems.push(error.message);
        return null;
      }
    };
    const [number, token, isSubscribed] = await Promise.all([
      ask(account.getNumber(channel.phoneNumberId)),
      ask(account.checkToken()),
      ask(account.isSubscribed()),
    ]);
    if (token && !token.valid) problems.unshift("The access token is not valid. Enter a new one.");
    else if (token && token.missing.length > 0) problems.push(`The access token lacks ${token.missing.join(" and ")}.`);
    if (isSubscribed === false) problems.push("No app is subscribed to the business account: messages do not arrive.");
    const fields: Partial<StoredChannel> = {
      ...(number ? numberFields(number) : {}),
      ...(token
        ? {
            tokenIsValid: token.valid,
            tokenExpiresAt: token.expiresAt === null ? null : new Date(token.expiresAt),
            tokenMissing: token.missing,
          }
        : {}),
      ...(isSubscribed === null ? {} : { isSubscribed }),
      problem: problems.length > 0 ? problems.join(" ").slice(0, 500) : null,
      checkedAt: new Date(clock.now()),
    };
    await channels.update(stored._id, fields);
    if (token?.valid && token.expiresAt !== null) await renew(stored, connected, token.expiresAt, token.appId);
  }

  /** A token that ends soon is exchanged for one of 60 days; when that cannot be done, people are told in time. */
  async function renew(
    { _id, appId, alerts }: StoredChannel,
    { account, channel }: ConnectedChannel,
    expiresAt: number,
    tokenAppId: string | undefined,
  ): Promise<void> {
    const left = expiresAt - clock.now();
    if (left > RENEW_BEFORE_MS) return;
    let reason = "it comes from the environment";
    if (channel.source === "stored") {
      try {
        const app = { id: appId ?? tokenAppId ?? "", secret: channel.appSecret };
        const renewed = await account.renewToken(app);
        const tokenExpiresAt = renewed.expiresAt === null ? null : new Date(renewed.expiresAt);
        await channels.update(_id, { tokenExpiresAt }, { accessToken: renewed.accessToken });
        log.info("an access token was renewed", { channel: channel.phoneNumberId, expiresAt: tokenExpiresAt });
        return;
      } catch (error) {
        // graph.refused or graph.unavailable: tried again tomorrow, and told below when time runs short.
        if (!(error instanceof AppError)) throw error;
        reason = error.message;
        log.warn("an access token could not be renewed", { channel: channel.phoneNumberId, reason });
      }
    }
    if (left > WARN_BEFORE_MS) return;
    const days = Math.max(0, Math.floor(left / DAY_MS));
    const text = `The access token ends in ${days} day(s) and is not renewed by itself: ${reason}`;
    const added = { at: new Date(clock.now()), kind: "token-expiring", severity: "critical" as const, text };
    await channels.update(_id, { alerts: withAlert(alerts, added, { single: true }) });
    log.warn("an access token ends soon", { channel: channel.phoneNumberId, days });
  }

  async function alarm(connected: ConnectedChannel, reason: string): Promise<void> {
    const stored = await channels.getStored(connected.id);
    const text = `WhatsApp refuses to send: ${reason}`.slice(0, 500);
    const added = { at: new Date(clock.now()), kind: "sending-refused", severity: "critical" as const, text };
    await channels.update(stored._id, { alerts: withAlert(stored.alerts, added, { single: true }) });
    await look(await channels.getStored(stored._id), connected);
  }

  async function lookAtAll(): Promise<void> {
    const due = await channels.listUnchecked(new Date(clock.now() - DAY_MS), PAGE);
    for (const stored of due) {
      const connected = channels.find(stored.phoneNumberId);
      if (stopped) return;
      if (!connected) continue;
      try {
        await look(stored, connected);
      } catch (error) {
        // The store fails for now: looked at again within the hour.
        log.error("a number could not be checked", { channel: stored.phoneNumberId, reason: describeError(error) });
      }
    }
  }

  const again = (ms: number) => {
    timer = clock.timer(ms, () => {
      looking = lookAtAll()
        .catch((error: unknown) => log.error("the numbers could not be read", { reason: describeError(error) }))
        .finally(() => {
          if (!stopped) again(HOUR_MS);
        });
    });
  };

  return {
    async check(id) {
      const connected = await channels.getConnected(id);
      await look(await channels.getStored(id), connected);
      return channels.getChannel(id);
    },
    reportTrouble(phoneNumberId, reason) {
      const connected = channels.find(phoneNumberId);
      const last = troubleAt.get(phoneNumberId);
      const isTold = last !== undefined && clock.monotonic() - last < TROUBLE_AGAIN_MS;
      if (!connected || isTold || stopped) return;
      troubleAt.set(phoneNumberId, clock.monotonic());
      looking = Promise.allSettled([looking, alarm(connected, reason)]).then((results) => {
        // The store fails for now: the next refusal tells it again.
        for (const result of results)
          if (result.status === "rejected")
            log.error("trouble with a number could not be told", {
              channel: phoneNumberId,
              reason: describeError(result.reason),
            });
      });
    },
    start: () => again(FIRST_LOOK_MS),
    async stop() {
      stopped = true;
      timer?.cancel();
      await looking;
    },
  };
}
