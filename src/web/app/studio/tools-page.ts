/** The assistant's own tools: calls to other servers. Defined, tried out, switched on and off. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { ToolView } from "@server/features/ai-tools/ai-tool.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Weave } from "../ui/weave";
import { ToolForm } from "./tool-form";
import { ToolTrial } from "./tool-trial";

@Component({
  selector: "app-tools-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, Icon, SureButton, ToolForm, ToolTrial, Weave],
  template: `
    @if (failure(); as refused) {
      <app-failure-page [failure]="refused" (retry)="load()" />
    } @else if (all(); as tools) {
      <div class="page-body scroll" tabindex="0" role="region" [attr.aria-label]="t('studio.tools')">
        <div class="room-head">
          <h2 class="room-title">{{ t("studio.tools") }}</h2><span class="grow"></span>
          <button class="btn btn-primary" type="button" (click)="open.set('new')"><app-icon name="plus" size="icon-m" />{{ t("studio.newTool") }}</button>
        </div>
        <p class="card-text">{{ t("studio.toolsText") }}</p>
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <div class="golden-columns" [class.golden-open]="open() !== null">
          @if (tools.length > 0) {
            <ul class="card rows golden-list">
              @for (one of tools; track one.id) {
                <li class="row-line" [attr.data-tool]="one.name">
                  <button class="golden-name min-w-0 grow" type="button" [attr.aria-current]="opened()?.id === one.id || null" (click)="open.set(one)"><b class="block mono clip">{{ one.name }}</b><span class="block meta clip"><span class="mono">{{ one.method }}</span> {{ one.url }}</span></button>
                  @if (one.confirms) {
                    <span class="chip">{{ t("studio.confirmsShort") }}</span>
                  } @else if (one.changes) {
                    <span class="chip chip-warning">{{ t("studio.changesShort") }}</span>
                  }
                  <button class="switch switch-ai" type="button" role="switch" [attr.aria-checked]="one.isEnabled" [attr.aria-label]="t('studio.toolOn', { name: one.name })" [title]="t('studio.toolOn', { name: one.name })" (click)="toggle(one)"></button>
                  <app-sure-button icon="trash" [label]="t('labels.remove', { name: one.name })" (sure)="remove(one)" />
                </li>
              }
            </ul>
          } @else if (open() === null) {
            <div class="empty">
              <app-weave />
              <h3>{{ t("studio.noTools") }}</h3>
              <p>{{ t("studio.noToolsText") }}</p>
              <button class="btn" type="button" (click)="open.set('new')">{{ t("studio.newTool") }}</button>
            </div>
          }
          @if (open() !== null) {
            <div class="stack">
              <app-tool-form [tool]="opened()" (saved)="saved($event)" (closed)="open.set(null)" />
              @if (opened(); as tool) {
                <app-tool-trial [tool]="tool" />
              }
            </div>
          }
        </div>
      </div>
    } @else {
      <div class="skeleton template-loading" role="status" [attr.aria-label]="t('studio.tools')"><i></i><i></i><i></i><i></i></div>
    }
  `,
})
export class ToolsPage {
  protected readonly t = inject(Words).t;
  readonly #tools = inject(ApiClient).calls.assistant.tools;
  protected readonly all = signal<readonly ToolView[] | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly deed = new Deed();
  protected readonly open = signal<ToolView | "new" | null>(null);
  protected readonly opened = computed(() => {
    const open = this.open();
    return open === "new" ? null : open;
  });

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      this.all.set(await dataOf(this.#tools.get()));
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
    }
  }

  protected async toggle(one: ToolView): Promise<void> {
    const change = { version: one.version, isEnabled: !one.isEnabled };
    const isDone = await this.deed.run(async () => {
      const now = await dataOf(this.#tools({ id: one.id }).patch(change));
      if (this.opened()?.id === one.id) this.open.set(now);
    });
    if (isDone || this.deed.failure()?.code === "request.stale") await this.load();
  }

  protected async remove(one: ToolView): Promise<void> {
    if (!(await this.deed.run(() => dataOf(this.#tools({ id: one.id }).delete())))) return;
    if (this.opened()?.id === one.id) this.open.set(null);
    await this.load();
  }

  protected async saved(tool: ToolView): Promise<void> {
    this.open.set(tool);
    await this.load();
  }
}
