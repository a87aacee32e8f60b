/** Who else is here: colleagues who look at this conversation or write in it. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { locale } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Avatar } from "../ui/avatar";
import { Directory } from "./directory";
import { ThreadStore } from "./thread-store";

@Component({
  selector: "app-colleague-line",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar],
  template: `
    @if (line(); as text) {
      <div class="watch" role="status">
        <span class="watch-faces" aria-hidden="true">
          @for (name of faces(); track $index) {
            <app-avatar [name]="name" size="xs" />
          }
        </span>
        <span class="clip" dir="auto">{{ text }}</span>
      </div>
    }
  `,
})
export class ColleagueLine {
  readonly #words = inject(Words);
  readonly #store = inject(ThreadStore);
  readonly #directory = inject(Directory);
  readonly #typists = computed(() => this.#store.typists().map((id) => this.#directory.nameOf(id) ?? "?"));
  readonly #viewers = computed(() => this.#store.viewers().map((id) => this.#directory.nameOf(id) ?? "?"));
  protected readonly faces = computed(() => (this.#typists().length > 0 ? this.#typists() : this.#viewers()));

  protected readonly line = computed(() => {
    const names = (all: readonly string[]) => new Intl.ListFormat(locale(), { type: "conjunction" }).format(all);
    const typists = this.#typists();
    if (typists.length === 1) return this.#words.t("thread.isTyping", { name: typists[0] ?? "" });
    if (typists.length > 1) return this.#words.t("thread.areTyping", { names: names(typists) });
    const viewers = this.#viewers();
    return viewers.length > 0 ? this.#words.n("thread.isViewing", viewers.length, { names: names(viewers) }) : null;
  });
}
