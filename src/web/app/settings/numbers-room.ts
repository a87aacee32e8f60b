/** The business numbers: how each is doing, checked on request, set up, and told whether customers see blue ticks. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ChannelView } from "@server/events/view";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { listTime } from "../ui/time-text";
import { Permissions } from "./permissions";

@Component({
  selector: "app-numbers-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink, SureButton],
  template: `
    <div class="stack">
      <div class="room-head">
        <h1 class="room-title grow">{{ t("numbers.heading") }}</h1>
        @if (mayManage()) {
          <a class="btn btn-primary" routerLink="/numbers/connect"><app-icon name="plus" size="icon-m" />{{ t("numbers.add") }}</a>
        }
      </div>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
      @for (one of channels(); track one.id) {
        <section class="card">
          <div class="card-head">
            <h2 class="grow clip" dir="auto">{{ one.name || one.phoneNumberId }}</h2>
            <span class="chip" [class.chip-success]="one.isConnected && !one.problem" [class.chip-danger]="!one.isConnected || one.problem">{{ t(one.isConnected && !one.problem ? "numbers.connected" : "numbers.trouble") }}</span>
            @if (mayManage()) {
              <button class="btn btn-s" type="button" (click)="check(one)">{{ t("numbers.check") }}</button>
              <a class="btn btn-s" [routerLink]="['/numbers/connect', one.id]" [attr.aria-label]="t('connect.setUp') + ': ' + (one.name || one.phoneNumberId)">{{ t("connect.setUp") }}</a>
              @if (one.source === "stored") {
                <app-sure-button icon="trash" [label]="t('labels.remove', { name: one.name || one.phoneNumberId })" (sure)="remove(one)" />
              }
            }
          </div>
          @if (one.problem; as why) {
            <p class="hint hint-bad">{{ why }}</p>
          }
          <dl class="facts">
            <div><dt>{{ t("contact.phone") }}</dt><dd class="num">{{ one.displayNumber || "–" }}</dd></div>
            <div><dt>{{ t("numbers.id") }}</dt><dd class="mono">{{ one.phoneNumberId }}</dd></div>
            <div><dt>{{ t("numbers.source") }}</dt><dd>{{ t(sourceWord(one.source)) }}</dd></div>
            <div><dt>{{ t("numbers.quality") }}</dt><dd>{{ one.quality ?? "–" }}</dd></div>
            <div><dt>{{ t("numbers.limit") }}</dt><dd>{{ one.messagingLimit ?? "–" }}</dd></div>
            <div><dt>{{ t("numbers.subscribed") }}</dt><dd>{{ one.isSubscribed === null ? "–" : t(one.isSubscribed ? "common.yes" : "common.no") }}</dd></div>
            <div><dt>{{ t("numbers.checked") }}</dt><dd>{{ one.checkedAt ? timeOf(one.checkedAt) : "–" }}</dd></div>
            <div>
              <dt [id]="'ticks-' + one.id">{{ t("numbers.ticks") }}</dt>
              <dd class="fact-switch"><button class="switch" type="button" role="switch" [disabled]="!mayManage()" [attr.aria-labelledby]="'ticks-' + one.id" [attr.aria-checked]="one.readReceipts" (click)="setTicks(one)"></button></dd>
            </div>
          </dl>
          @for (alert of one.alerts.slice(0, 3); track alert.at) {
            <p class="callout" [class.callout-warning]="alert.severity !== 'info'">{{ alert.text }}</p>
          }
        </section>
      }
    </div>
  `,
})
export class NumbersRoom {
  protected readonly t = inject(Words).t;
  readonly #channels = inject(ApiClient).calls.channels;
  readonly #now = inject(Ticker).now;
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("channels.manage"));
  protected readonly deed = new Deed();
  protected readonly channels = signal<readonly ChannelView[]>([]);
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly sourceWord = (source: ChannelView["source"]) => `numbers.${source}` as const;

  constructor() {
    void this.#load();
  }

  protected async check(one: ChannelView): Promise<void> {
    await this.deed.run(async () => this.#put(await dataOf(this.#channels({ id: one.id }).check.post())));
  }

  protected async setTicks(one: ChannelView): Promise<void> {
    await this.deed.run(async () =>
      this.#put(await dataOf(this.#channels({ id: one.id }).patch({ readReceipts: !one.readReceipts }))),
    );
  }

  protected async remove(one: ChannelView): Promise<void> {
    if (await this.deed.run(() => dataOf(this.#channels({ id: one.id }).delete()))) await this.#load();
  }

  #put(one: ChannelView): void {
    this.channels.update((all) => all.map((other) => (other.id === one.id ? one : other)));
  }

  async #load(): Promise<void> {
    await this.deed.run(async () => this.channels.set((await pageOf(this.#channels.get({ query: { limit: 100 } }))).items));
  }
}
