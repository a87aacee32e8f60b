/** Teams: made and named, with their members, their load and queue, and their own way of being given conversations. */
import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Weave } from "../ui/weave";
import { Permissions } from "./permissions";
import { TeamCard } from "./team-card";
import { TeamDesk } from "./team-desk";

@Component({
  selector: "app-teams-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, RouterLink, TeamCard, Weave],
  providers: [TeamDesk],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("people.teams") }}</h1>
      <p class="card-text">{{ t("teams.text") }}</p>
      @if (mayManage()) {
        <section class="card">
          <h2>{{ t("people.newTeam") }}</h2>
          <form class="form-grid" (submit)="add($event)">
            <div class="form-row">
              <div class="field"><label class="label" for="team-name">{{ t("contact.name") }}</label><input class="input" id="team-name" name="name" required maxlength="100" pattern=".*\\S.*" autocomplete="off" dir="auto" /></div>
              <div class="field"><label class="label" for="team-description">{{ t("teams.description") }}</label><input class="input" id="team-description" name="description" maxlength="500" autocomplete="off" dir="auto" /></div>
              <button class="btn btn-primary" type="submit" [attr.aria-disabled]="deed.isBusy()">{{ t("common.add") }}</button>
            </div>
            @if (deed.failure(); as refused) {
              <app-failure-note [failure]="refused" />
            }
          </form>
        </section>
      }
      @for (team of teams(); track team.id) {
        <app-team-card [team]="team" />
      } @empty {
        <div class="empty team-none">
          <app-weave />
          <h2>{{ t("teams.none") }}</h2>
          <p>{{ t("teams.noneText") }}</p>
        </div>
      }
      @if (desk.waitingIn(null) > 0) {
        <p class="callout">{{ n("teams.waitingNoTeam", desk.waitingIn(null)) }}</p>
      }
      @if (mayRule()) {
        <p class="meta"><a routerLink="/settings/rules">{{ t("teams.toRules") }}</a></p>
      }
    </div>
  `,
})
export class TeamsRoom {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly n = this.#words.n;
  readonly #calls = inject(ApiClient).calls;
  readonly #directory = inject(Directory);
  readonly #permissions = inject(Permissions);
  protected readonly desk = inject(TeamDesk);
  protected readonly deed = new Deed();
  protected readonly mayManage = computed(() => this.#permissions.may("agents.manage"));
  protected readonly mayRule = computed(() => this.#permissions.may("automation.manage"));
  protected readonly teams = computed(() => [...this.#directory.teams()].sort((a, b) => a.name.localeCompare(b.name)));

  constructor() {
    inject(DestroyRef).onDestroy(() => this.desk.stop());
    void this.desk.watch();
  }

  protected async add(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const name = String(given.get("name") ?? "").trim();
    const description = String(given.get("description") ?? "").trim();
    if (!(await this.deed.run(() => dataOf(this.#calls.teams.post({ name, ...(description ? { description } : {}) }))))) return;
    form.reset();
    await this.#directory.load();
  }
}
