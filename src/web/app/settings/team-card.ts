/** One team: what it is called, who is in it and how busy they are, and how it is given its conversations. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { AgentView, TeamView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import type { WordKey } from "../i18n/words";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Avatar } from "../ui/avatar";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { InlineField } from "../ui/inline-field";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { SureButton } from "../ui/sure-button";
import { Permissions } from "./permissions";
import { STRATEGIES, type Strategy, TeamDesk, type TeamWay } from "./team-desk";

const STRATEGY_WORDS: Readonly<Record<Strategy, WordKey>> = {
  manual: "set.choice.manual",
  "round-robin": "set.choice.round-robin",
  "least-busy": "set.choice.least-busy",
};

@Component({
  selector: "app-team-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailureNote, Icon, InlineField, MenuButton, SureButton],
  templateUrl: "./team-card.html",
})
export class TeamCard {
  readonly team = input.required<TeamView>();

  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly n = this.#words.n;
  readonly #calls = inject(ApiClient).calls;
  readonly #permissions = inject(Permissions);
  protected readonly directory = inject(Directory);
  protected readonly desk = inject(TeamDesk);
  protected readonly deed = new Deed();
  protected readonly wayDeed = new Deed();
  protected readonly strategies = STRATEGIES;
  protected readonly strategyWords = STRATEGY_WORDS;
  protected readonly mayManage = computed(() => this.#permissions.may("agents.manage"));
  protected readonly maySetWay = computed(() => this.#permissions.may("automation.manage"));
  readonly #people = computed(() =>
    this.directory
      .agents()
      .filter(({ status }) => status !== "inactive")
      .sort((a, b) => a.name.localeCompare(b.name)),
  );
  protected readonly members = computed(() => this.#people().filter(({ teams }) => teams.includes(this.team().id)));
  protected readonly others = computed((): MenuItem[] =>
    this.#people()
      .filter(({ teams }) => !teams.includes(this.team().id))
      .map(({ id, name }) => ({ id, text: name })),
  );
  protected readonly way = computed(() => this.desk.wayOf(this.team().id));
  protected readonly waiting = computed(() => this.desk.waitingIn(this.team().id));

  protected readonly rename = (name: string) => this.#patch({ name });
  protected readonly describe = (description: string) => this.#patch({ description });

  protected busyWords({ id }: AgentView): string {
    const one = this.desk.loadOf(id);
    if (!one) return "";
    return one.capacity === null
      ? this.n("teams.load", one.load)
      : this.t("teams.loadOf", { load: one.load, capacity: one.capacity });
  }

  protected async join(agent: string): Promise<void> {
    await this.#move(() => dataOf(this.#members(agent).put()));
  }

  protected async leave(agent: AgentView): Promise<void> {
    await this.#move(() => dataOf(this.#members(agent.id).delete()));
  }

  protected async remove(): Promise<void> {
    await this.#move(() => dataOf(this.#calls.teams({ id: this.team().id }).delete()));
  }

  protected async setStrategy(text: string): Promise<void> {
    const strategy = STRATEGIES.find((one) => one === text);
    const { team: _, ...known } = this.way() ?? { team: "" };
    await this.#setWay(strategy ? { ...known, strategy } : null);
  }

  protected async setSticky(isSticky: boolean): Promise<void> {
    const way = this.way();
    if (way) await this.#setWay({ ...withoutTeam(way), isSticky });
  }

  protected async setCapacity(text: string): Promise<void> {
    const way = this.way();
    if (!way) return;
    const { capacity: _, ...rest } = withoutTeam(way);
    await this.#setWay(text.trim() === "" ? rest : { ...rest, capacity: Number(text) });
  }

  #members(agent: string) {
    return this.#calls.teams({ id: this.team().id }).members({ agent });
  }

  async #patch(patch: { name?: string; description?: string }): Promise<void> {
    await dataOf(this.#calls.teams({ id: this.team().id }).patch(patch));
    await this.directory.load();
  }

  async #move(work: () => Promise<unknown>): Promise<void> {
    if (!(await this.deed.run(work))) return;
    await Promise.all([this.directory.load(), this.desk.look(), this.desk.loadWays()]);
  }

  async #setWay(way: Omit<TeamWay, "team"> | null): Promise<void> {
    await this.wayDeed.run(() => this.desk.setWay(this.team().id, way));
  }
}

function withoutTeam({ team: _, ...way }: TeamWay): Omit<TeamWay, "team"> {
  return way;
}
