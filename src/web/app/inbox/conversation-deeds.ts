/** What agents do to conversations from the list, the header, the panel and the keyboard: done at once, told, and undone on request. */
import { inject, Service, signal } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import type { ConversationAction } from "@server/features/conversation-actions/conversation-action.schema";
import { ApiClient, type BulkTarget } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { nearMoment } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { ConversationListStore } from "./conversation-list-store";
import { Directory } from "./directory";
import { OTHER_MOMENT, snoozeChoices } from "./snooze-times";

const JOB_POLL_MS = 400;

@Service()
export class ConversationDeeds {
  readonly #api = inject(ApiClient);
  readonly #list = inject(ConversationListStore);
  readonly #directory = inject(Directory);
  readonly #session = inject(Session);
  readonly #toasts = inject(Toasts);
  readonly #words = inject(Words);
  readonly #clock = inject(Clock);

  /** For which one a moment is asked that no menu names. */
  readonly snoozeAsked = signal<ConversationView | null>(null);

  /** By a choice of the menu. */
  snoozeBy(one: ConversationView, choice: string): void {
    const until = snoozeChoices(this.#clock.now()).find(({ id }) => id === choice)?.until;
    if (choice === OTHER_MOMENT) this.snoozeAsked.set(one);
    else if (until !== undefined) void this.snooze(one, until);
  }

  async resolve(one: ConversationView): Promise<boolean> {
    return this.#undoably(one, [{ do: "status", status: "resolved" }], this.#words.t("deed.resolved"), [
      { do: "status", status: "open" },
    ]);
  }

  async reopen(one: ConversationView): Promise<boolean> {
    return this.#do(one.id, [{ do: "status", status: "open" }]);
  }

  async snooze(one: ConversationView, until: Date | null): Promise<boolean> {
    const text = until
      ? this.#words.t("deed.snoozed", { time: nearMoment(until.getTime(), this.#clock.now()) })
      : this.#words.t("deed.snoozedReply");
    return this.#undoably(one, [{ do: "snooze", until: until?.toISOString() ?? null }], text, [{ do: "status", status: "open" }]);
  }

  /** Gives it to somebody; null takes it away from whoever has it. */
  async assign(one: ConversationView, agent: string | null): Promise<boolean> {
    const isMe = agent === this.#session.agent()?.id;
    const text =
      agent === null
        ? this.#words.t("deed.unassigned")
        : this.#words.t("deed.assigned", { name: this.#directory.nameOf(agent) ?? "?" });
    return this.#undoably(one, [isMe ? { do: "take" } : { do: "assign", agent }], text, [
      { do: "assign", agent: one.assignedAgent },
    ]);
  }

  async markUnread(one: ConversationView): Promise<boolean> {
    return this.#do(one.id, [{ do: "unread" }]);
  }

  async label(one: ConversationView, name: string, on: boolean): Promise<boolean> {
    return this.#do(one.id, [on ? { do: "label", add: [name] } : { do: "label", remove: [name] }]);
  }

  async setPriority(one: ConversationView, priority: ConversationView["priority"]): Promise<boolean> {
    return this.#do(one.id, [{ do: "priority", priority }]);
  }

  async follow(one: ConversationView, agent: string, on: boolean): Promise<boolean> {
    return this.#do(one.id, [{ do: on ? "follow" : "unfollow", agent }]);
  }

  async mute(one: ConversationView, on: boolean): Promise<boolean> {
    return this.#do(one.id, [{ do: "mute", on }]);
  }

  /** Does the same to many and tells how it went. */
  async toMany(target: BulkTarget, actions: ConversationAction[]): Promise<void> {
    try {
      let job = await this.#api.actOnMany(target, actions);
      while (job.state === "preparing" || job.state === "running") {
        await new Promise<void>((go) => this.#clock.timer(JOB_POLL_MS, go));
        job = await this.#api.getJob(job.id);
      }
      const done = this.#words.n("bulk.done", job.done);
      const failed = job.failed > 0 ? ` ${this.#words.n("bulk.failed", job.failed)} ${job.failures[0]?.message ?? ""}` : "";
      this.#toasts.say(done + failed, job.failed > 0 ? "alert" : "check-circle");
    } catch (error) {
      // Awaited: ApiFailure.
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert");
    }
  }

  async #undoably(
    { id }: ConversationView,
    actions: ConversationAction[],
    text: string,
    back: ConversationAction[],
  ): Promise<boolean> {
    const isDone = await this.#do(id, actions);
    if (isDone) this.#toasts.sayUndoable(text, () => void this.#do(id, back));
    return isDone;
  }

  async #do(id: string, actions: ConversationAction[]): Promise<boolean> {
    try {
      await this.#list.act(id, actions);
      return true;
    } catch (error) {
      // Awaited: ApiFailure, told where the eye is: below.
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert");
      return false;
    }
  }
}
