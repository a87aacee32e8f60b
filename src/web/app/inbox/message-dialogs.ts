/** Deeds on a message that need a word more: where to forward, the new text of a note, and "really?" before something goes. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, viewChild } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { foldedText } from "../ui/folded-text";
import { Modal } from "../ui/modal";
import { Toasts } from "../ui/toasts";
import { mentionedIn } from "./composer-trigger";
import { ConversationListStore } from "./conversation-list-store";
import { Directory } from "./directory";
import type { AskedDeed } from "./message-deed";
import { ThreadStore } from "./thread-store";

const MOST_TARGETS = 20;

@Component({
  selector: "app-message-dialogs",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  template: `
    @let deed = asked().deed;
    <app-modal [label]="heading()" look="small-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="confirm($event)">
        <h2>{{ heading() }}</h2>
        @switch (deed) {
          @case ("forward") {
            <input class="input" type="text" autocomplete="off" autofocus [attr.aria-label]="t('common.search')" [placeholder]="t('common.search')" (input)="query.set($any($event.target).value)" />
            <ul class="pick-list scroll" tabindex="-1">
              @for (one of targets(); track one.id) {
                <li>
                  <label class="check"><input type="checkbox" [checked]="picked().has(one.id)" (change)="pick(one.id)" /><span class="clip" dir="auto">{{ one.contact.name }}</span></label>
                </li>
              } @empty {
                <li class="meta">{{ t("common.nothing") }}</li>
              }
            </ul>
          }
          @case ("edit-note") {
            <textarea #text class="input input-area" rows="5" maxlength="5000" required autofocus dir="auto" [attr.aria-label]="heading()" [value]="asked().message.content"></textarea>
          }
          @default {
            <p>{{ t(deed === "erase" ? "message.eraseSure" : "message.noteSure") }}</p>
            <blockquote class="quoted-note" dir="auto">{{ asked().message.content }}</blockquote>
          }
        }
        @if (trouble(); as words) {
          <p class="hint hint-bad" role="alert">{{ words }}</p>
        }
        @if (failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <div class="dialog-ways">
          <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
          <button class="btn btn-primary" type="submit" [class.btn-danger]="deed === 'erase' || deed === 'delete-note'">{{ t(deed === "forward" ? "message.forwardDo" : deed === "edit-note" ? "common.save" : "common.delete") }}</button>
        </div>
      </form>
    </app-modal>
  `,
})
export class MessageDialogs {
  readonly asked = input.required<AskedDeed>();
  readonly closed = output();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly modal = viewChild(Modal);
  readonly #api = inject(ApiClient);
  readonly #store = inject(ThreadStore);
  readonly #list = inject(ConversationListStore);
  readonly #directory = inject(Directory);
  readonly #toasts = inject(Toasts);
  readonly #key = new RequestKey();

  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly trouble = signal<string | null>(null);
  protected readonly query = signal("");
  protected readonly picked = signal<ReadonlySet<string>>(new Set());
  protected readonly targets = computed(() => {
    const wanted = foldedText(this.query());
    return this.#list
      .rows()
      .filter(({ id, contact }) => id !== this.asked().message.conversation && foldedText(contact.name).includes(wanted))
      .slice(0, 50);
  });
  protected readonly heading = computed(() => {
    const { deed } = this.asked();
    if (deed === "forward") return this.t("message.forwardTo");
    if (deed === "edit-note") return this.t("message.noteEdit");
    return this.t(deed === "erase" ? "message.erase" : "message.noteDelete");
  });

  protected pick(id: string): void {
    this.picked.update((before) => {
      const picked = new Set(before);
      if (!picked.delete(id) && picked.size < MOST_TARGETS) picked.add(id);
      return picked;
    });
  }

  protected async confirm(event: Event): Promise<void> {
    event.preventDefault();
    const { deed, message } = this.asked();
    if (deed === "forward") return this.#forward(message.id);
    if (deed === "edit-note") {
      const text = (event.target as HTMLFormElement).querySelector("textarea")?.value.trim() ?? "";
      if (!text) return;
      await this.#store.rewriteNote(message.id, text, mentionedIn(text, this.#directory.agents()));
    } else await this.#store.erase(message.id);
    this.modal()?.close();
  }

  async #forward(message: string): Promise<void> {
    const conversations = [...this.picked()];
    this.trouble.set(conversations.length === 0 ? this.t("message.pickForward") : null);
    if (conversations.length === 0) return;
    this.failure.set(null);
    try {
      await this.#key.send({ message, conversations }, (headers) =>
        dataOf(this.#api.calls.messages({ id: message }).forward.post({ conversations }, { headers })),
      );
      this.#toasts.say(this.words.n("message.forwarded", conversations.length), "check");
      this.modal()?.close();
    } catch (error) {
      // Awaited: ApiFailure: the window of one of them is closed.
      this.failure.set(asFailure(error));
    }
  }
}
