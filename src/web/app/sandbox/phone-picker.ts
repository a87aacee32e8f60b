/** The phones that exist, a new one, and one more beside those that are seen. */
import { ChangeDetectionStrategy, Component, computed, inject, output, signal } from "@angular/core";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Avatar } from "../ui/avatar";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { MOST_PHONES } from "./phone-row";
import type { Phone } from "./phone-view";
import { SandboxStore } from "./sandbox-store";

/** A WhatsApp username made from a name; undefined when too little of it is left. */
export function usernameOf(name: string): string | undefined {
  const letters = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const username = letters
    .replace(/[^a-z0-9]+/g, ".")
    .replace(/^\.+|\.+$/g, "")
    .slice(0, 35);
  return username.length >= 3 ? username : undefined;
}

@Component({
  selector: "app-phone-picker",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailureNote, Icon, MenuButton],
  template: `
    <div class="phones" role="group" [attr.aria-label]="t('sandbox.phones')">
      @for (phone of store.phones(); track phone.id) {
        <button
          class="phone-chip"
          type="button"
          [class.phone-chip-open]="store.room() > 1 && store.row().open.includes(phone.id)"
          [attr.aria-pressed]="phone.id === store.phone()?.id"
          [title]="phone.name"
          (click)="chosen.emit(phone.id)"
        >
          <app-avatar [name]="phone.name" size="s" /><span class="clip" dir="auto">{{ shortName(phone) }}</span>
          @if (store.news().has(phone.id)) {
            <span class="phone-news"><span class="sr-only">{{ t("sandbox.newMessage") }}</span></span>
          }
        </button>
      }
      <button class="phone-chip phone-add" type="button" [attr.aria-label]="t('sandbox.newPhone')" [title]="t('sandbox.newPhone')" [attr.aria-expanded]="isOpen()" (click)="toggle()">
        <app-icon [name]="isOpen() ? 'close' : 'plus'" size="icon-m" />
      </button>
      @if (others().length > 0) {
        <app-menu-button look="phone-chip phone-add" icon="panel" iconSize="icon-m" [label]="t('sandbox.beside')" [items]="others()" (chosen)="beside.emit($event)" />
      }
    </div>
    @if (isOpen()) {
      <form class="phone-form" (submit)="create($event, name.value, withPhone.checked)">
        <div class="field">
          <label class="label" for="phone-name">{{ t("sandbox.nameOnWhatsApp") }}</label>
          <input class="input" id="phone-name" #name maxlength="80" autocomplete="off" required placeholder="Ana Flores" />
        </div>
        <label class="check"><input type="checkbox" #withPhone checked /> {{ t("sandbox.showsNumber") }}</label>
        <p class="hint">{{ t("sandbox.withoutNumber") }}</p>
        @if (failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <div class="flex gap-2">
          <button class="btn btn-primary" type="submit" [disabled]="isBusy()">{{ t("sandbox.createPhone") }}</button>
          <button class="btn" type="button" (click)="toggle()">{{ t("common.cancel") }}</button>
        </div>
      </form>
    }
  `,
})
export class PhonePicker {
  protected readonly store = inject(SandboxStore);
  protected readonly t = inject(Words).t;
  readonly chosen = output<string>();
  readonly beside = output<string>();
  /** Phones that could be put beside the others, while there is room. */
  protected readonly others = computed((): MenuItem[] => {
    const { open } = this.store.row();
    if (open.length >= Math.min(MOST_PHONES, this.store.room())) return [];
    return this.store
      .phones()
      .filter(({ id }) => !open.includes(id))
      .map(({ id, name }) => ({ id, text: name, icon: "phone" }));
  });

  protected readonly isOpen = signal(false);
  protected readonly isBusy = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);

  protected shortName(phone: Phone): string {
    return phone.name.split(" ")[0] || phone.name;
  }

  protected toggle(): void {
    this.isOpen.update((open) => !open);
    this.failure.set(null);
  }

  protected async create(event: Event, name: string, withPhone: boolean): Promise<void> {
    event.preventDefault();
    if (!name.trim() || this.isBusy()) return;
    this.isBusy.set(true);
    this.failure.set(null);
    try {
      const username = withPhone ? undefined : usernameOf(name);
      const phone = await this.store.create({ name: name.trim(), withPhone, ...(username ? { username } : {}) });
      this.isOpen.set(false);
      this.chosen.emit(phone.id);
    } catch (error) {
      // Awaited: ApiFailure, shown in the form; what was typed stays.
      this.failure.set(asFailure(error));
    } finally {
      this.isBusy.set(false);
    }
  }
}
