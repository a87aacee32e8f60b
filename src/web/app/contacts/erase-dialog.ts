/** Erasing a person: asked twice, the second time by writing the name; then the receipt, which follows until all is gone. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  inject,
  input,
  output,
  signal,
  viewChild,
} from "@angular/core";
import type { ContactView } from "@server/events/view";
import type { ErasureReceipt } from "@server/features/data-protection/data-protection.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { foldedText } from "../ui/folded-text";
import { Modal } from "../ui/modal";
import { ReceiptView } from "./receipt-view";

const LOOK_MS = 1_000;

@Component({
  selector: "app-erase-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal, ReceiptView],
  template: `
    <app-modal [label]="t('erase.do')" look="small-dialog" (closed)="closed.emit()">
      @if (receipt(); as done) {
        <div class="dialog-form" role="status">
          <h2>{{ t(done.state === "done" ? "erase.done" : "erase.running") }}</h2>
          <p class="card-text">{{ t("erase.receiptText") }}</p>
          <app-receipt-view [receipt]="done" />
          @if (deed.failure(); as refused) {
            <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="follow()" />
          }
          <div class="dialog-ways"><button class="btn btn-primary" type="button" (click)="modal()?.close()">{{ t("erase.toContacts") }}</button></div>
        </div>
      } @else {
        <form class="dialog-form" (submit)="next($event)">
          <h2>{{ t("erase.do") }}</h2>
          @if (!isSecond()) {
            <p class="card-text">{{ t("erase.what") }}</p>
            <p class="card-text">{{ t("erase.forEver") }}</p>
          } @else {
            <div class="field">
              <label class="label" for="erase-name">{{ t("erase.writeName") }}</label>
              <p class="secret" id="erase-whose"><span dir="auto">{{ contact().name }}</span></p>
              <input class="input" id="erase-name" autocomplete="off" spellcheck="false" dir="auto" aria-describedby="erase-whose" [value]="typed()" (input)="typed.set($any($event.target).value)" />
            </div>
          }
          @if (deed.failure(); as refused) {
            <app-failure-note [failure]="refused" />
          }
          <div class="dialog-ways">
            <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
            <button class="btn btn-danger" type="submit" [attr.aria-disabled]="(isSecond() && !isRight()) || deed.isBusy() || null">{{ t(isSecond() ? "erase.forEverDo" : "erase.next") }}</button>
          </div>
        </form>
      }
    </app-modal>
  `,
})
export class EraseDialog {
  readonly contact = input.required<ContactView>();
  readonly closed = output();
  protected readonly t = inject(Words).t;
  readonly #protection = inject(ApiClient).calls["data-protection"];
  readonly #clock = inject(Clock);
  protected readonly modal = viewChild(Modal);
  protected readonly deed = new Deed();
  protected readonly isSecond = signal(false);
  protected readonly typed = signal("");
  readonly #receipt = signal<ErasureReceipt | null>(null);
  readonly receipt = this.#receipt.asReadonly();
  /** Capitals, accents and spaces around are not what matters. */
  protected readonly isRight = computed(() => foldedText(this.typed().trim()) === foldedText(this.contact().name.trim()));
  #timer: Cancelable | null = null;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#timer?.cancel());
  }

  protected async next(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.isSecond()) {
      this.isSecond.set(true);
      requestAnimationFrame(() => document.getElementById("erase-name")?.focus());
      return;
    }
    if (!this.isRight()) return;
    const isBegun = await this.deed.run(async () =>
      this.#receipt.set(await dataOf(this.#protection.contacts({ id: this.contact().id }).erase.post())),
    );
    if (isBegun) await this.follow();
  }

  /** Looks how far it is until it is done. */
  protected async follow(): Promise<void> {
    const receipt = this.#receipt();
    if (!receipt || receipt.state === "done") return;
    const isThere = await this.deed.run(async () =>
      this.#receipt.set(await dataOf(this.#protection.erasures({ id: receipt.id }).get())),
    );
    if (isThere && this.#receipt()?.state !== "done") this.#timer = this.#clock.timer(LOOK_MS, () => void this.follow());
  }
}
