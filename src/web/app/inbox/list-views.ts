/** Saved views: a filter and an order under a name, one's own or everybody's. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { ViewView } from "@server/features/views/view.schema";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Toasts } from "../ui/toasts";
import { ConversationListStore } from "./conversation-list-store";
import { SaveViewDialog } from "./save-view-dialog";

@Component({
  selector: "app-list-views",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [MenuButton, SaveViewDialog],
  template: `
    <app-menu-button icon="star" [label]="t('views.heading')" [items]="items()" (chosen)="choose($event)" />
    @if (isSaving()) {
      @defer (on immediate) {
        <app-save-view-dialog (saved)="load()" (closed)="isSaving.set(false)" />
      }
    }
  `,
})
export class ListViews {
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #store = inject(ConversationListStore);
  readonly #toasts = inject(Toasts);
  readonly #views = signal<readonly ViewView[]>([]);
  protected readonly isSaving = signal(false);

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
    void this.load();
  }

  protected choose(id: string): void {
    const view = this.#views().find((one) => one.id === id);
    if (view) this.#store.show(view.filter, view.sort === "newest" ? null : view.sort);
    else if (id === "save") this.isSaving.set(true);
    else void this.#remove();
  }

  async #remove(): Promise<void> {
    const view = this.#current();
    if (!view) return;
    try {
      await this.#api.removeView(view.id);
      const { name, scope, filter, sort } = view;
      this.#toasts.sayUndoable(
        this.t("views.removed", { name }),
        () => void this.#api.createView({ name, scope, filter, sort }).then(() => this.load()),
      );
    } catch (error) {
      // Awaited: ApiFailure: somebody else's shared view.
      this.#toasts.say(asFailure(error).message, "alert");
    }
    await this.load();
  }

  protected async load(): Promise<void> {
    // Awaited: ApiFailure; the list itself says when the server is away.
    const views = await this.#api.listViews().catch(() => null);
    if (views) this.#views.set(views);
  }
}
