/** A web page, or all pages of a sitemap: fetched behind, and again whenever somebody refreshes them. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, viewChild } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";
import { Toasts } from "../ui/toasts";

@Component({
  selector: "app-add-web-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  host: { class: "contents" },
  template: `
    <app-modal [label]="heading()" look="small-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="add($event)">
        <h2>{{ heading() }}</h2>
        <p class="card-text">{{ t(what() === "page" ? "knowledge.pageText" : "knowledge.sitemapText") }}</p>
        <div class="field">
          <label class="label" for="web-url">{{ t(what() === "page" ? "knowledge.pageUrl" : "knowledge.sitemapUrl") }}</label>
          <input class="input mono" id="web-url" name="url" type="url" required maxlength="2048" pattern="https?://\\S+" autocomplete="off" autofocus [placeholder]="what() === 'page' ? 'https://www.example.com/envios' : 'https://www.example.com/sitemap.xml'" />
        </div>
        @if (what() === "sitemap") {
          <div class="field">
            <label class="label" for="web-most">{{ t("knowledge.sitemapMost") }}</label>
            <input class="input" id="web-most" name="most" type="number" min="1" max="500" value="100" required />
          </div>
        }
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <div class="dialog-ways">
          <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
          <button class="btn btn-primary" type="submit" [attr.aria-disabled]="deed.isBusy()">{{ t(deed.isBusy() ? "knowledge.fetching" : "common.add") }}</button>
        </div>
      </form>
    </app-modal>
  `,
})
export class AddWebDialog {
  readonly what = input.required<"page" | "sitemap">();
  readonly closed = output();
  readonly added = output();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #knowledge = inject(ApiClient).calls.knowledge;
  readonly #toasts = inject(Toasts);
  readonly #key = new RequestKey();
  protected readonly modal = viewChild(Modal);
  protected readonly deed = new Deed();
  protected readonly heading = computed(() => this.t(this.what() === "page" ? "knowledge.addPage" : "knowledge.addSitemap"));

  protected async add(event: Event): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const url = String(given.get("url")).trim();
    let count = 1;
    const isDone = await this.deed.run(async () => {
      if (this.what() === "page")
        await this.#key.send({ url }, (headers) => dataOf(this.#knowledge.pages.post({ url }, { headers })));
      else {
        const body = { url, most: Number(given.get("most")) };
        count = (await this.#key.send(body, (headers) => dataOf(this.#knowledge.sitemaps.post(body, { headers })))).length;
      }
    });
    if (!isDone) return;
    this.#toasts.say(this.#words.n("knowledge.pagesAdded", count), "check-circle");
    this.added.emit();
    this.modal()?.close();
  }
}
