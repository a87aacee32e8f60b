/** Every other group of settings, each a form made from its own schema. */
import { ChangeDetectionStrategy, Component, DestroyRef, inject, input, signal } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { FailureNote } from "../ui/failure-note";
import { type GroupState, SettingGroupForm } from "./setting-group-form";

/** Groups that have a room of their own. */
const ELSEWHERE: readonly string[] = ["assistant", "assistant-budgets", "assistant-hearing", "assistant-prices", "knowledge"];

@Component({
  selector: "app-rules-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SettingGroupForm],
  template: `
    <div class="stack">
      @if (isWhole()) {
        <h1 class="room-title">{{ t("rules.heading") }}</h1>
        <nav class="jumps" [attr.aria-label]="t('rules.jump')">
          @for (group of groups(); track group.group) {
            <button class="chip" type="button" (click)="jump(group.group)">{{ titleOf(group) }}</button>
          }
        </nav>
      }
      @if (failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="load()" />
      }
      @for (group of groups(); track group.group) {
        <app-setting-group-form [group]="group" (saved)="load()" />
      }
    </div>
  `,
})
export class RulesRoom {
  /** Only these groups; all but those of other rooms when left out. */
  readonly only = input([], {
    // The router says undefined for what the address does not name.
    transform: (names: readonly string[] | undefined): readonly string[] => names ?? [],
  });
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #settings = inject(ApiClient).calls.settings;
  protected readonly groups = signal<readonly GroupState[]>([]);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly isWhole = () => this.only().length === 0;

  constructor() {
    void this.load();
    inject(DestroyRef).onDestroy(inject(LiveConnection).on("settings:updated", () => void this.load()));
  }

  protected titleOf({ group, title }: GroupState): string {
    const key = `set.${group}`;
    return this.#words.has(key) ? this.t(key) : title;
  }

  /** To the group, with the focus: its fields come next. */
  protected jump(group: string): void {
    const form = document.getElementById(`set-${group}`);
    form?.scrollIntoView({ block: "start" });
    form?.focus({ preventScroll: true });
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      const all = (await dataOf(this.#settings.get())) as unknown as GroupState[];
      const only = this.only();
      const known = new Map(this.groups().map((group) => [group.group, group]));
      this.groups.set(
        all
          .filter(({ group }) => (only.length > 0 ? only.includes(group) : !ELSEWHERE.includes(group)))
          // A form that is being filled in goes on as long as nobody else has changed its group.
          .map((group) => (known.get(group.group)?.version === group.version ? (known.get(group.group) ?? group) : group)),
      );
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
    }
  }
}
