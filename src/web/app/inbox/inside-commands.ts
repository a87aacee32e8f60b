/** What the command bar offers inside of `snooze`, `assign` and `macro`, for one conversation. Loaded when it is first looked at. */
import { inject } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import type { MacroView } from "@server/features/macros/macro.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { ACTION_ICONS, kindOfAction } from "../automation/action-kinds";
import { AutomationChoices } from "../automation/automation-choices";
import { AutomationText, knownOf } from "../automation/automation-text";
import { MacroRunner } from "../automation/macro-runner";
import { Clock } from "../clock";
import { isMonthFirst } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import type { Command } from "../shell/commands";
import { nearMoment } from "../ui/time-text";
import { ConversationDeeds } from "./conversation-deeds";
import { Directory } from "./directory";
import { snoozeChoices } from "./snooze-times";
import { momentIn } from "./snooze-words";

export class InsideCommands {
  readonly #calls = inject(ApiClient).calls;
  readonly #clock = inject(Clock);
  readonly #deeds = inject(ConversationDeeds);
  readonly #directory = inject(Directory);
  readonly #session = inject(Session);
  readonly #choices = inject(AutomationChoices);
  readonly #text = inject(AutomationText);
  readonly #runner = inject(MacroRunner);
  readonly #words = inject(Words);
  /** Asked for anew each time the bar goes inside. */
  #macros: Promise<readonly MacroView[]> | null = null;

  /** The moment that is typed, before the ones that people ask for. */
  snoozes(one: ConversationView, typed: string): Command[] {
    const now = this.#clock.now();
    const meant = momentIn(typed, now, isMonthFirst());
    const command = (id: string, text: string, until: Date | null, isMade = false): Command => ({
      id: `snooze-${id}`,
      group: "conversation",
      icon: "snooze",
      word: "deed.snooze",
      text,
      ...(until
        ? { preview: [{ icon: "snooze", text: this.#words.t("snooze.comesBack", { time: nearMoment(until.getTime(), now) }) }] }
        : {}),
      isMade,
      run: () => void this.#deeds.snooze(one, until),
    });
    return [
      ...(meant ? [command("typed", nearMoment(meant.getTime(), now), meant, true)] : []),
      ...snoozeChoices(now).map(({ id, word, until }) => command(id, this.#words.t(word), until)),
    ];
  }

  people(one: ConversationView): Command[] {
    const me = this.#session.agent()?.id;
    const command = (id: string, text: string, icon: string, agent: string | null): Command => ({
      id: `assign-${id}`,
      group: "conversation",
      icon,
      word: "deed.assign",
      text,
      run: () => void this.#deeds.assign(one, agent),
    });
    return [
      ...this.#directory
        .agents()
        .filter(({ status, id }) => status === "active" && id !== one.assignedAgent)
        .map(({ id, name }) => command(id, id === me ? this.#words.t("deed.me", { name }) : name, "person", id)),
      ...(one.assignedAgent ? [command("nobody", this.#words.t("deed.nobody"), "x-circle", null)] : []),
    ];
  }

  /** With what each of them will do. Throws ApiFailure. */
  async macros(one: ConversationView): Promise<Command[]> {
    this.#macros ??= dataOf(this.#calls.macros.get());
    const [macros] = await Promise.all([
      this.#macros.finally(() => {
        this.#macros = null;
      }),
      this.#choices.loadNames(),
    ]);
    const known = knownOf(one.contact.name, this.#session.agent()?.name ?? "");
    return macros.map((macro) => ({
      id: `macro-${macro.id}`,
      group: "conversation" as const,
      icon: "automation",
      word: "command.macro" as const,
      text: macro.name,
      preview: macro.actions.map((action) => ({
        icon: ACTION_ICONS[kindOfAction(action)],
        text: this.#text.action(action, known),
      })),
      run: () => void this.#runner.run(macro, [one.id]),
    }));
  }
}
