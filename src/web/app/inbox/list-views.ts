/** Saved views: a filter and an order under a name, one's own or everybody's. */
import { ChangeDetectionStrategy, Component, computed, inject, signal, viewChild } from "@angular/core";
import type { ViewView } from "@server/features/views/view.schema";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Modal } from "../ui/modal";
import { Toasts } from "../ui/toasts";
import { ConversationListStore } from "./conversation-list-store";

@Component({
  selector: "app-list-views",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, MenuButton, Modal],
  template: `
    <app-menu-button icon="star" [label]="t('views.heading')" [items]="items()" (chosen)="choose($event)" />
    @if (isSaving()) {
      <app-modal [label]="t('views.save')" look="small-dialog" (closed)="isSaving.set(false)">
        <form class="dialog-form" (submit)="save($event, name.value)">
          <h2>{{ t("views.save") }}</h2>
          <div class="field">
            <label class="label" for="view-name">{{ t("views.name") }}</label>
            <input class="input" id="view-name" #name maxlength="80" required autocomplete="off" autofocus />
          </div>
          @if (failure(); as refused) {
            <app-failure-note [failure]="refused" />
          }
          <div class="dialog-ways">
            <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
            <button class="btn btn-primary" type="submit">{{ t("common.save") }}</button>
          </div>
        </form>
      </app-modal>
    }
  `,
})
export class ListViews {
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #store = inject(ConversationListStore);
  readonly #toasts = inject(Toasts);
  readonly #views = signal<readonly ViewView[]>([]);
  protected readonly modal = viewChild(Modal);
  protected readonly isSaving = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);

  readonly #current = computed(() => {
    const shown = JSON.stringify([this.#store.filter(), this.#store.sort() ?? "newest"]);
    return this.#views().find(({ filter, sort }) => JSON.stringify([filter, sort]) === shown);
  });
  protected readonly items = computed((): MenuItem[] => {
    const current = this.#current();
    return [
      ...this.#views().map(({ id, name, scope }) => ({
        id,
        text: name,
        icon: scope === "shared" ? "contacts" : "star",
        isOn: id === current?.id,
      })),
      ...(current
        ? [{ id: "remove", text: this.t("views.remove", { name: current.name }), icon: "trash" }]
        : [{ id: "save", text: this.t("views.save"), icon: "plus" }]),
    ];
  });

  constructor() {
    void this.#load();
  }

  protected choose(id: string): void {
    const view = this.#views().find((one) => one.id === id);
    if (view) this.#store.show(view.filter, view.sort === "newest" ? null : view.sort);
    else if (id === "save") this.isSaving.set(true);
    else void this.#remove();
  }

  protected async save(event: Event, name: string): Promise<void> {
    event.preventDefault();
    if (!name.trim()) return;
    this.failure.set(null);
    try {
      await this.#api.createView({ name: name.trim(), filter: this.#store.filter(), sort: this.#store.sort() ?? "newest" });
      this.modal()?.close();
      await this.#load();
    } catch (error) {
      // Awaited: ApiFailure, shown in the form.
      this.failure.set(asFailure(error));
    }
  }

  async #remove(): Promise<void> {
    const view = this.#current();
    if (!view) return;
    try {
      await this.#api.removeView(view.id);
      const { name, scope, filter, sort } = view;
      this.#toasts.sayUndoable(
        this.t("views.removed", { name }),
        () => void this.#api.createView({ name, scope, filter, sort }).then(() => this.#load()),
      );
    } catch (error) {
      // Awaited: ApiFailure: somebody else's shared view.
      this.#toasts.say(asFailure(error).message, "alert");
    }
    await this.#load();
  }

  async #load(): Promise<void> {
    // Awaited: ApiFailure; the list itself says when the server is away.
    const views = await this.#api.listViews().catch(() => null);
    if (views) this.#views.set(views);
  }
}
