/** Files to send: what people and the assistant send again and again, under names. */
import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject, signal } from "@angular/core";
import type { LibraryView } from "@server/features/media-library/media-library.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Weave } from "../ui/weave";
import { LibraryDialog } from "./library-dialog";
import { LibraryThumb } from "./library-thumb";

@Component({
  selector: "app-library-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, Icon, LibraryDialog, LibraryThumb, SureButton, Weave],
  template: `
    <div class="stack">
      <div class="card-head">
        <h2 class="room-title">{{ t("library.heading") }}</h2>
        <span class="grow"></span>
        @if (mayManage()) {
          <button class="btn btn-primary" type="button" (click)="dialog.set('new')"><app-icon name="plus" size="icon-m" />{{ t("library.add") }}</button>
        }
      </div>
      <p class="card-text">{{ t("library.text") }}</p>
      @if (failure(); as wrong) {
        <app-failure-page [failure]="wrong" [heading]="t('library.failed')" (retry)="load()" />
      } @else if (items(); as all) {
        @if (all.length > 0) {
          <ul class="library">
            @for (one of all; track one.id) {
              <li class="card library-item" [attr.data-item]="one.id">
                <app-library-thumb [media]="one.media" [type]="one.type" />
                <div class="min-w-0 grow">
                  <h3 class="clip" dir="auto" [title]="one.name">{{ one.name }}</h3>
                  <p class="library-about" dir="auto">{{ one.description || t("library.noDescription") }}</p>
                  @if (one.caption) {
                    <p class="meta clip" dir="auto" [title]="one.caption">{{ one.caption }}</p>
                  }
                  <p class="form-ways library-foot">
                    @if (mayManage()) {
                      <button class="switch switch-ai" type="button" role="switch" [attr.aria-label]="t('library.forAssistantOf', { name: one.name })" [attr.aria-checked]="one.forAssistant" (click)="toggle(one)"></button>
                      <span class="meta" aria-hidden="true">{{ t("library.forAssistant") }}</span>
                    } @else if (one.forAssistant) {
                      <span class="chip chip-ai">{{ t("library.forAssistant") }}</span>
                    }
                    <span class="grow"></span>
                    <button class="ibtn" type="button" [attr.aria-label]="t('library.look', { name: one.name })" [title]="t('library.look', { name: one.name })" (click)="look(one)"><app-icon name="external" size="icon-m" /></button>
                    @if (mayManage()) {
                      <button class="ibtn" type="button" [attr.aria-label]="t('library.editOf', { name: one.name })" [title]="t('common.edit')" (click)="dialog.set(one)"><app-icon name="edit" size="icon-m" /></button>
                      <app-sure-button icon="trash" [label]="t('labels.remove', { name: one.name })" (sure)="remove(one)" />
                    }
                  </p>
                  @if (refused(); as no) {
                    @if (no.id === one.id) {
                      <app-failure-note [failure]="no.failure" />
                    }
                  }
                </div>
              </li>
            }
          </ul>
        } @else {
          <div class="empty empty-low">
            <app-weave />
            <h3>{{ t("library.none") }}</h3>
            <p>{{ t("library.noneText") }}</p>
          </div>
        }
      } @else {
        <div class="skeleton template-loading" role="status" [attr.aria-label]="t('library.heading')"><i></i><i></i><i></i></div>
      }
    </div>
    @if (dialog(); as what) {
      <app-library-dialog [item]="what === 'new' ? null : what" (closed)="dialog.set(null)" (saved)="load()" />
    }
  `,
})
export class LibraryList {
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #library = this.#api.calls["media-library"];
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("assistant.manage"));
  protected readonly items = signal<readonly LibraryView[] | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly refused = signal<{ id: string; failure: ApiFailure } | null>(null);
  protected readonly dialog = signal<LibraryView | "new" | null>(null);

  constructor() {
    void this.load();
    const live = inject(LiveConnection);
    const offs = [
      live.on("automation:updated", ({ kind }) => {
        if (kind === "library-item") void this.load();
      }),
      live.onGap(() => void this.load()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      this.items.set(await dataOf(this.#library.get()));
    } catch (error) {
      // Awaited: ApiFailure, also where the role may not send.
      this.failure.set(asFailure(error));
    }
  }

  protected async look({ id, media }: LibraryView): Promise<void> {
    // A window that is opened later would be taken for an advertisement.
    const opened = window.open("", "_blank");
    const isThere = await this.#try(id, async () => {
      const { url } = await this.#api.mediaTicket(media);
      if (opened) opened.location.href = url;
    });
    if (!isThere) opened?.close();
  }

  protected toggle({ id, version, forAssistant }: LibraryView): void {
    void this.#try(id, () => dataOf(this.#library({ id }).patch({ version, forAssistant: !forAssistant })));
  }

  protected remove({ id }: LibraryView): void {
    void this.#try(id, () => dataOf(this.#library({ id }).delete()));
  }

  async #try(id: string, work: () => Promise<unknown>): Promise<boolean> {
    this.refused.set(null);
    let isDone = true;
    try {
      await work();
    } catch (error) {
      // Awaited: ApiFailure: changed or removed by somebody else. What is shown is the server's state again.
      this.refused.set({ id, failure: asFailure(error) });
      isDone = false;
    }
    await this.load();
    return isDone;
  }
}
