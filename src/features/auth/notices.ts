/** Tells people what has happened to their account, by mail, so that whoever did not do it themselves learns of it. */
import type { Clock } from "../../core/clock";
import type { Origin } from "../../core/origin";
import type { Change } from "../../events/log";
import type { Agent } from "../agents/agent.model";
import type { MailOutbox } from "./mail-outbox";
import { type NOTICES, noticeMail } from "./mail-text";
import { deviceOf } from "./user-agent";

export type Notice = keyof typeof NOTICES;

export interface Notices {
  /** With the commit of the change. `origin`: where it came from; null when an administrator did it. */
  tell(agent: Pick<Agent, "_id" | "email" | "name">, notice: Notice, origin: Origin | null, change: Change): Promise<void>;
}

export interface NoticesDeps {
  outbox: Pick<MailOutbox, "post">;
  /** Where people open the app. */
  appUrl: () => string;
  clock: Clock;
}

export function createNotices({ outbox, appUrl, clock }: NoticesDeps): Notices {
  return {
    async tell(agent, notice, origin, change) {
      const from = origin && { device: deviceOf(origin.userAgent), address: origin.address };
      const mail = noticeMail(notice, { name: agent.name, from, at: new Date(clock.now()), app: appUrl() });
      await outbox.post({ agent, kind: `notice:${notice}`, mail }, change);
    },
  };
}
