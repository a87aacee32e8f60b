/** Canned replies: one's own and those of everybody. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { CannedReplyView } from "@server/events/writing-view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Permissions } from "./permissions";

@Component({
  selector: "app-replies-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("composer.canned") }}</h1>
      <p class="card-text">{{ t("replies.text") }} <span class="mono">{{ variables }}</span></p>
      <section class="card">
        <h2>{{ t(edited() ? "replies.change" : "replies.add") }}</h2>
        <form class="form-grid" (submit)="save($event)">
          <div class="form-row">
            <div class="field"><label class="label" for="reply-shortcut">{{ t("replies.shortcut") }}</label><input class="input mono" id="reply-shortcut" name="shortcut" required maxlength="40" pattern="[^\\s\\/]+" autocomplete="off" [value]="edited()?.shortcut ?? ''" /></div>
            <div class="field"><label class="label" for="reply-title">{{ t("replies.title") }}</label><input class="input" id="reply-title" name="title" required maxlength="120" autocomplete="off" dir="auto" [value]="edited()?.title ?? ''" /></div>
            @if (!edited()) {
              <div class="field">
                <label class="label" for="reply-scope">{{ t("replies.scope") }}</label>
                <select class="input" id="reply-scope" name="scope">
                  <option value="personal">{{ t("replies.personal") }}</option>
                  @if (mayShare()) {
                    <option value="shared">{{ t("replies.shared") }}</option>
                  }
                </select>
              </div>
            }
          </div>
          <div class="field"><label class="label" for="reply-text">{{ t("choices.body") }}</label><textarea class="input input-area" id="reply-text" name="text" rows="4" required maxlength="5000" dir="auto" [value]="edited()?.text ?? ''"></textarea></div>
          @if (deed.failure(); as refused) {
            <app-failure-note [failure]="refused" />
          }
          <div class="form-ways">
            <button class="btn btn-primary" type="submit">{{ t("common.save") }}</button>
            @if (edited()) {
              <button class="btn" type="button" (click)="edited.set(null)">{{ t("common.cancel") }}</button>
            }
          </div>
        </form>
      </section>
      <section class="card">
        <ul class="rows">
          @for (one of replies(); track one.id) {
            <li class="row-line">
              <span class="min-w-0 grow"><span class="block clip"><b class="mono">/{{ one.shortcut }}</b> <span dir="auto">{{ one.title }}</span></span><span class="block meta clip" dir="auto">{{ one.text }}</span></span>
              <span class="chip">{{ t(one.scope === "shared" ? "replies.shared" : "replies.personal") }}</span>
              @if (one.scope === "shared" ? mayShare() : one.owner === me()) {
                <button class="ibtn" type="button" [attr.aria-label]="t('replies.edit', { name: one.shortcut })" [title]="t('common.edit')" (click)="edit(one)"><app-icon name="edit" size="icon-m" /></button>
                <app-sure-button icon="trash" [label]="t('labels.remove', { name: one.shortcut })" (sure)="remove(one)" />
              }
            </li>
          } @empty {
            <li class="meta">{{ t("replies.none") }}</li>
          }
        </ul>
      </section>
    </div>
  `,
})
export class RepliesRoom {
  protected readonly t = inject(Words).t;
  readonly #replies = inject(ApiClient).calls["canned-replies"];
  readonly #session = inject(Session);
  readonly #permissions = inject(Permissions);
  protected readonly mayShare = computed(() => this.#permissions.may("canned-replies.manage"));
  protected readonly me = () => this.#session.agent()?.id;
  protected readonly variables = "{{contact.first_name|cliente}} {{contact.name}} {{agent.first_name}}";
  protected readonly deed = new Deed();
  protected readonly replies = signal<readonly CannedReplyView[]>([]);
  protected readonly edited = signal<CannedReplyView | null>(null);

  constructor() {
    void this.#load();
  }

  protected edit(one: CannedReplyView): void {
    this.edited.set(one);
    requestAnimationFrame(() => document.getElementById("reply-text")?.focus());
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const fields = {
      shortcut: String(given.get("shortcut")).trim(),
      title: String(given.get("title")).trim(),
      text: String(given.get("text")),
    };
    const edited = this.edited();
    const isDone = await this.deed.run(() =>
      edited
        ? dataOf(this.#replies({ id: edited.id }).patch({ ...fields, version: edited.version }))
        : dataOf(this.#replies.post({ ...fields, scope: given.get("scope") === "shared" ? "shared" : "personal" })),
    );
    if (!isDone) return;
    form.reset();
    this.edited.set(null);
    await this.#load();
  }

  protected async remove(one: CannedReplyView): Promise<void> {
    if (await this.deed.run(() => dataOf(this.#replies({ id: one.id }).delete()))) await this.#load();
  }

  async #load(): Promise<void> {
    await this.deed.run(async () => this.replies.set(await dataOf(this.#replies.get({ query: {} }))));
  }
}
