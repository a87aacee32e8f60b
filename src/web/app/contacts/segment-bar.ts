/** Segments: the saved conditions on contacts; chosen, saved, changed, shared and deleted. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import type { SegmentView } from "@server/features/segments/segment.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Toasts } from "../ui/toasts";
import { type ContactFilter, cleanFilter, countConditions, isSameFilter } from "./filter-parts";

const COUNT = numberFormat();

@Component({
  selector: "app-segment-bar",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, SureButton],
  templateUrl: "./segment-bar.html",
})
export class SegmentBar {
  /** The conditions as they are now. */
  readonly filter = input.required<ContactFilter>();
  readonly isOpen = input.required<boolean>();
  readonly chosen = output<SegmentView | null>();
  readonly opened = output();
  readonly cleared = output();

  protected readonly t = inject(Words).t;
  readonly #segments = inject(ApiClient).calls.segments;
  readonly #permissions = inject(Permissions);
  readonly #session = inject(Session);
  readonly #toasts = inject(Toasts);
  protected readonly deed = new Deed();
  protected readonly all = signal<readonly SegmentView[]>([]);
  readonly #currentId = signal("");
  protected readonly current = computed(() => this.all().find(({ id }) => id === this.#currentId()) ?? null);
  protected readonly isNaming = signal(false);
  protected readonly mayShare = computed(() => this.#permissions.may("views.manage"));
  /** One's own, and with the right to it those of everybody. */
  protected readonly mayChange = computed(() => {
    const one = this.current();
    return one !== null && (one.isShared ? this.mayShare() : one.owner === this.#session.agent()?.id);
  });
  protected readonly conditions = computed(() => countConditions(this.filter()));
  protected readonly isChanged = computed(() => {
    const one = this.current();
    return one ? !isSameFilter(one.filter, this.filter()) : this.conditions() > 0;
  });

  constructor() {
    void this.#load();
  }

  protected textOf = ({ name, count, isMore }: SegmentView): string => `${name} (${COUNT().format(count)}${isMore ? "+" : ""})`;

  protected choose(id: string): void {
    this.#currentId.set(id);
    this.isNaming.set(false);
    this.deed.failure.set(null);
    this.chosen.emit(this.current());
  }

  protected async create(event: Event): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const name = String(given.get("name") ?? "").trim();
    const isShared = given.get("shared") === "on";
    const filter = cleanFilter(this.filter());
    await this.#keep(async () => dataOf(this.#segments.post({ name, filter, ...(isShared ? { isShared } : {}) })));
  }

  protected async update(): Promise<void> {
    const one = this.current();
    if (one) await this.#keep(() => dataOf(this.#segments({ id: one.id }).patch({ filter: cleanFilter(this.filter()) })));
  }

  protected async share(isShared: boolean): Promise<void> {
    const one = this.current();
    if (one) await this.#keep(() => dataOf(this.#segments({ id: one.id }).patch({ isShared })));
  }

  protected async rename(event: Event): Promise<void> {
    event.preventDefault();
    const one = this.current();
    const name = String(new FormData(event.target as HTMLFormElement).get("name") ?? "").trim();
    if (one) await this.#keep(() => dataOf(this.#segments({ id: one.id }).patch({ name })));
  }

  protected async remove(): Promise<void> {
    const one = this.current();
    if (!one || !(await this.deed.run(() => dataOf(this.#segments({ id: one.id }).delete())))) return;
    this.choose("");
    await this.#load();
  }

  async #keep(work: () => Promise<SegmentView>): Promise<void> {
    let kept: SegmentView | null = null;
    const isDone = await this.deed.run(async () => {
      kept = await work();
      await this.#load();
    });
    if (!isDone || !kept) return;
    this.#currentId.set((kept as SegmentView).id);
    this.isNaming.set(false);
    this.chosen.emit(kept);
    this.#toasts.say(this.t("settings.saved"), "check-circle");
  }

  async #load(): Promise<void> {
    // Awaited: ApiFailure; the list of contacts says what is wrong.
    const all = await dataOf(this.#segments.get()).catch(() => null);
    if (all) this.all.set(all);
  }
}
