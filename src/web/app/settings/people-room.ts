/** Colleagues: invited, given a role and teams, shut out and let in again. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { AgentView, RoleView } from "@server/events/view";
import type { Handed } from "@server/features/agents/agent.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Session } from "../session/session";
import { Avatar } from "../ui/avatar";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { SureButton } from "../ui/sure-button";
import { Toasts } from "../ui/toasts";
import { Permissions } from "./permissions";

@Component({
  selector: "app-people-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailureNote, MenuButton, RouterLink, SureButton],
  templateUrl: "./people-room.html",
})
export class PeopleRoom {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #calls = inject(ApiClient).calls;
  protected readonly directory = inject(Directory);
  readonly #session = inject(Session);
  readonly #toasts = inject(Toasts);
  readonly #permissions = inject(Permissions);
  protected readonly roles = signal<readonly RoleView[]>([]);
  /** A link that no mail has carried: shown once, to be handed over. */
  protected readonly link = signal<string | null>(null);
  protected readonly deed = new Deed();
  protected readonly mayManage = computed(() => this.#permissions.may("agents.manage"));
  protected readonly people = computed(() => [...this.directory.agents()].sort((a, b) => a.name.localeCompare(b.name)));
  protected readonly isMe = (agent: AgentView) => agent.id === this.#session.agent()?.id;

  constructor() {
    void this.#load();
  }

  protected roleTitle(name: string): string {
    const key = `role.${name}`;
    if (this.#words.has(key)) return this.t(key);
    return this.roles().find((role) => role.name === name)?.title ?? name;
  }

  protected teamItems(agent: AgentView): MenuItem[] {
    return this.directory.teams().map(({ id, name }) => ({ id, text: name, isOn: agent.teams.includes(id) }));
  }

  protected async invite(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const name = String(given.get("name") ?? "").trim();
    const body = { email: String(given.get("email")).trim(), role: String(given.get("role")), ...(name ? { name } : {}) };
    const isDone = await this.deed.run(async () => this.#hand((await dataOf(this.#calls.agents.post(body))).invitation));
    if (!isDone) return;
    form.reset();
    await this.directory.load();
  }

  protected async setRole(agent: AgentView, role: string): Promise<void> {
    await this.#change(() => dataOf(this.#calls.agents({ id: agent.id }).patch({ role })));
  }

  protected async toggleTeam(agent: AgentView, team: string): Promise<void> {
    const teams = agent.teams.includes(team) ? agent.teams.filter((one) => one !== team) : [...agent.teams, team];
    await this.#change(() => dataOf(this.#calls.agents({ id: agent.id }).patch({ teams })));
  }

  protected async setActive(agent: AgentView, isActive: boolean): Promise<void> {
    const at = this.#calls.agents({ id: agent.id });
    await this.#change(() => dataOf(isActive ? at.activate.post() : at.deactivate.post()));
  }

  protected async inviteAgain(agent: AgentView): Promise<void> {
    await this.deed.run(async () => this.#hand(await dataOf(this.#calls.agents({ id: agent.id }).invitation.post())));
  }

  protected async withdraw(agent: AgentView): Promise<void> {
    await this.#change(() => dataOf(this.#calls.agents({ id: agent.id }).invitation.delete()));
  }

  protected async passwordLink(agent: AgentView): Promise<void> {
    await this.deed.run(async () => this.#hand(await dataOf(this.#calls.agents({ id: agent.id })["password-link"].post())));
  }

  #hand({ sent, link }: Handed): void {
    this.link.set(link);
    if (sent) this.#toasts.say(this.t("people.mailed"), "check-circle");
  }

  async #change(work: () => Promise<unknown>): Promise<void> {
    await this.deed.run(work);
    await this.directory.load();
  }

  async #load(): Promise<void> {
    // Awaited: ApiFailure; roles then keep their bare names.
    const roles = await dataOf(this.#calls.roles.get()).catch(() => null);
    if (roles) this.roles.set(roles);
  }
}
