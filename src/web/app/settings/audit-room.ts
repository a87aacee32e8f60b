/** The audit log: who did what, from where, and what it changed; saved as a file on request. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { AuditEntryView } from "@server/features/audit/audit.schema";
import { pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { saveFile } from "../ui/save-file";
import { fullTime, listTime } from "../ui/time-text";
import { ErasureList } from "./erasure-list";
import { Permissions } from "./permissions";

@Component({
  selector: "app-audit-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ErasureList, FailureNote, Icon],
  template: `
    <div class="stack">
      <div class="card-head">
        <h1 class="room-title grow">{{ t("audit.heading") }}</h1>
        <button class="btn" type="button" (click)="download()"><app-icon name="download" size="icon-m" />{{ t("contact.export") }}</button>
      </div>
      <div class="page-tools">
        <select class="input" [attr.aria-label]="t('audit.by')" (change)="actor.set($any($event.target).value); load()">
          <option value="">{{ t("audit.everybody") }}</option>
          @for (agent of directory.agents(); track agent.id) {
            <option [value]="agent.id">{{ agent.name }}</option>
          }
        </select>
        <input class="input mono" maxlength="80" [attr.aria-label]="t('audit.action')" [placeholder]="t('audit.action')" (change)="action.set($any($event.target).value.trim()); load()" />
        <input class="input" type="date" [attr.aria-label]="t('audit.from')" (change)="from.set($any($event.target).value); load()" />
      </div>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
      <div class="table-wrap" tabindex="0" role="region" [attr.aria-label]="t('audit.heading')">
        <table class="table">
          <thead>
            <tr><th scope="col">{{ t("audit.when") }}</th><th scope="col">{{ t("audit.by") }}</th><th scope="col">{{ t("audit.action") }}</th><th scope="col">{{ t("audit.target") }}</th><th scope="col" class="wide-cell">{{ t("audit.where") }}</th></tr>
          </thead>
          <tbody>
            @for (entry of entries(); track entry.id) {
              <tr>
                <td class="num"><time [title]="fullTime(entry.at)">{{ timeOf(entry.at) }}</time></td>
                <td dir="auto">{{ entry.actor.name }}</td>
                <td>
                  <span class="mono">{{ entry.action }}</span>
                  @if (changeOf(entry); as change) {
                    <details class="audit-change"><summary>{{ t("audit.change") }}</summary><pre class="mono scroll" tabindex="0">{{ change }}</pre></details>
                  }
                </td>
                <td dir="auto">{{ entry.target.name ?? entry.target.id }}</td>
                <td class="wide-cell meta">{{ entry.origin?.address ?? "" }}</td>
              </tr>
            } @empty {
              <tr><td colspan="5" class="meta">{{ t("common.nothing") }}</td></tr>
            }
          </tbody>
        </table>
      </div>
      @if (next()) {
        <p class="form-ways"><button class="btn" type="button" (click)="more()">{{ t("search.more") }}</button></p>
      }
      @if (mayErase()) {
        <app-erasure-list />
      }
    </div>
  `,
})
export class AuditRoom {
  protected readonly t = inject(Words).t;
  protected readonly directory = inject(Directory);
  readonly #api = inject(ApiClient);
  readonly #now = inject(Ticker).now;
  readonly #permissions = inject(Permissions);
  protected readonly mayErase = computed(() => this.#permissions.may("contacts.erase"));
  protected readonly deed = new Deed();
  protected readonly entries = signal<readonly AuditEntryView[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly actor = signal("");
  protected readonly action = signal("");
  protected readonly from = signal("");
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  #asked = 0;

  constructor() {
    void this.load();
  }

  protected changeOf({ before, after }: AuditEntryView): string {
    return before || after ? JSON.stringify({ ...(before ? { before } : {}), ...(after ? { after } : {}) }, null, 2) : "";
  }

  protected async load(): Promise<void> {
    const asked = ++this.#asked;
    await this.deed.run(async () => {
      const page = await pageOf(this.#api.calls.audit.get({ query: { limit: 50, ...this.#filter() } }));
      if (asked !== this.#asked) return;
      this.entries.set(page.items);
      this.next.set(page.next);
    });
    // Changed while the one before was under way.
    if (asked !== this.#asked) await this.load();
  }

  protected async more(): Promise<void> {
    const cursor = this.next();
    if (!cursor) return;
    await this.deed.run(async () => {
      const page = await pageOf(this.#api.calls.audit.get({ query: { limit: 50, cursor, ...this.#filter() } }));
      this.entries.update((all) => [...all, ...page.items]);
      this.next.set(page.next);
    });
  }

  protected async download(): Promise<void> {
    const query = new URLSearchParams({ format: "csv", ...this.#filter() });
    await this.deed.run(async () => saveFile(await this.#api.loadFile(`/api/v2/audit/export?${query}`), "audit.csv"));
  }

  #filter(): Record<string, string> {
    const given = { actor: this.actor(), action: this.action(), from: this.from() };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  }
}
