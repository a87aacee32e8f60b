/** All contacts: found by words, filters and order; created, imported and exported. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { SegmentView } from "@server/features/segments/segment.schema";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Ticker } from "../ticker";
import { Avatar, tintOf } from "../ui/avatar";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { saveFile } from "../ui/save-file";
import { fullTime, listTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { Weave } from "../ui/weave";
import { type ContactFilters, ContactListStore } from "./contact-list-store";
import { FilterPanel } from "./filter-panel";
import { ImportDialog } from "./import-dialog";
import { NewContactDialog } from "./new-contact-dialog";
import { SegmentBar } from "./segment-bar";

const TYPING_MS = 250;

@Component({
  selector: "app-contacts-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailurePage, FilterPanel, Icon, ImportDialog, NewContactDialog, RouterLink, SegmentBar, Weave],
  providers: [ContactListStore],
  templateUrl: "./contacts-page.html",
})
export class ContactsPage {
  protected readonly t = inject(Words).t;
  protected readonly store = inject(ContactListStore);
  protected readonly directory = inject(Directory);
  readonly #words = inject(Words);
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #now = inject(Ticker).now;
  #typing: Cancelable | null = null;

  protected readonly hasPanel = signal(false);
  protected readonly dialog = signal<"new" | "import" | null>(null);
  protected readonly fullTime = fullTime;
  protected readonly tint = (name: string): string => `tint-${tintOf(name)}`;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());

  constructor() {
    void this.store.load();
  }

  protected search(q: string): void {
    this.#typing?.cancel();
    this.#typing = this.#clock.timer(TYPING_MS, () => void this.store.show({ q }));
  }

  protected filter(only: string): void {
    void this.store.show({ only: only as ContactFilters["only"] });
  }

  protected sort(sort: string): void {
    void this.store.show({ sort: sort as ContactFilters["sort"] });
  }

  protected choose(segment: SegmentView | null): void {
    void this.store.show({ segment, conditions: segment?.filter ?? {} });
  }

  protected async download(): Promise<void> {
    const query = this.store.exportQuery();
    if (!query) {
      this.#toasts.say(this.t("segments.exportHint"), "alert");
      return;
    }
    try {
      saveFile(await this.#api.loadFile(`/api/v2/exports/contacts?${query}`), "contacts.csv");
    } catch (error) {
      // Awaited: ApiFailure: the role may not export, or the server is away.
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert");
    }
  }

  protected open(id: string): void {
    this.dialog.set(null);
    void this.#router.navigate(["/contacts", id]);
  }

  protected finishImport(): void {
    this.dialog.set(null);
    void this.store.load();
  }
}
