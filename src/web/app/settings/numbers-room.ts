/** The business numbers: how each is doing, checked on request, connected, and told whether customers see blue ticks. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { ChannelView } from "@server/events/view";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { SureButton } from "../ui/sure-button";
import { listTime } from "../ui/time-text";
import { Permissions } from "./permissions";

@Component({
  selector: "app-numbers-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("numbers.heading") }}</h1>
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
      @if (mayManage()) {
        <section class="card">
          <h2>{{ t("numbers.add") }}</h2>
          <p class="card-text">{{ t("numbers.addText") }}</p>
          <form class="form-grid" (submit)="connect($event)">
            <div class="form-row">
              <div class="field"><label class="label" for="number-id">{{ t("numbers.id") }}</label><input class="input mono" id="number-id" name="phoneNumberId" required pattern="[0-9]{5,25}" autocomplete="off" /></div>
              <div class="field"><label class="label" for="number-waba">{{ t("numbers.waba") }}</label><input class="input mono" id="number-waba" name="wabaId" required pattern="[0-9]{5,25}" autocomplete="off" /></div>
            </div>
            <div class="field"><label class="label" for="number-token">{{ t("numbers.token") }}</label><input class="input mono" id="number-token" name="accessToken" type="password" required minlength="8" maxlength="1000" autocomplete="off" /></div>
            <div class="form-row">
              <div class="field"><label class="label" for="number-secret">{{ t("numbers.secret") }}</label><input class="input mono" id="number-secret" name="appSecret" type="password" required minlength="8" maxlength="1000" autocomplete="off" /></div>
              <div class="field"><label class="label" for="number-verify">{{ t("numbers.verify") }}</label><input class="input mono" id="number-verify" name="verifyToken" type="password" required minlength="8" maxlength="1000" autocomplete="off" /></div>
            </div>
            @if (connectDeed.failure(); as refused) {
              <app-failure-note [failure]="refused" />
            }
            <div class="form-ways"><button class="btn btn-primary" type="submit" [attr.aria-disabled]="connectDeed.isBusy()">{{ t("numbers.add") }}</button></div>
          </form>
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
  protected readonly connectDeed = new Deed();
  protected readonly channels = signal<readonly ChannelView[]>([]);
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly sourceWord = (source: ChannelView["source"]) => `numbers.${source}` as const;
  readonly #key = new RequestKey();

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

  protected async connect(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const word = (name: string): string => String(given.get(name) ?? "").trim();
    const body = {
      phoneNumberId: word("phoneNumberId"),
      wabaId: word("wabaId"),
      accessToken: word("accessToken"),
      appSecret: word("appSecret"),
      verifyToken: word("verifyToken"),
    };
    const send = () => this.#key.send(body, (headers) => dataOf(this.#channels.post(body, { headers })));
    if (!(await this.connectDeed.run(send))) return;
    form.reset();
    await this.#load();
  }

  #put(one: ChannelView): void {
    this.channels.update((all) => all.map((other) => (other.id === one.id ? one : other)));
  }

  async #load(): Promise<void> {
    await this.deed.run(async () => this.channels.set((await pageOf(this.#channels.get({ query: { limit: 100 } }))).items));
  }
}
