/** A picture, a video or a document from an address, with a caption. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { AutomationAction } from "@server/features/automation-actions/automation-action.schema";
import { Words } from "../i18n/words";
import { MEDIA_TYPES, type MediaType } from "./action-kinds";

interface Source {
  mediaId?: string;
  link?: string;
  caption?: string;
}

@Component({
  selector: "app-media-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="seg" role="group" [attr.aria-label]="t('rule.form.file')">
      @for (one of types; track one) {
        <button type="button" [attr.aria-pressed]="one === type()" (click)="put({ type: one })">{{ t(word(one)) }}</button>
      }
    </div>
    @if (source().mediaId) {
      <p class="card-text">{{ t("rule.form.stored") }}</p>
    } @else {
      <div class="field"><label class="label" [attr.for]="name() + '-link'">{{ t("rule.form.link") }}</label><input class="input mono" type="url" maxlength="2000" autocomplete="off" placeholder="https://" [id]="name() + '-link'" [value]="source().link ?? ''" (input)="put({ link: $any($event.target).value })" /><span class="hint">{{ t("rule.form.linkHint") }}</span></div>
    }
    <div class="field"><label class="label" [attr.for]="name() + '-caption'">{{ t("rule.form.caption") }}</label><input class="input" dir="auto" maxlength="1024" autocomplete="off" [id]="name() + '-caption'" [value]="source().caption ?? ''" (input)="put({ caption: $any($event.target).value })" /></div>
  `,
})
export class MediaForm {
  readonly name = input.required<string>();
  readonly action = input.required<AutomationAction>();
  readonly changed = output<AutomationAction>();
  protected readonly t = inject(Words).t;
  protected readonly types = MEDIA_TYPES;
  protected readonly word = (type: MediaType) => `kind.${type}` as const;
  readonly #message = computed(() => {
    const action = this.action();
    return (action.do === "send" ? action.message : {}) as Readonly<Record<string, unknown>>;
  });
  protected readonly type = computed(() => this.#message().type as MediaType);
  protected readonly source = computed(() => (this.#message()[this.type()] ?? {}) as Source);

  protected put({ type = this.type(), ...change }: Source & { type?: MediaType }): void {
    const { mediaId, link, caption } = { ...this.source(), ...change };
    const source = { ...(mediaId ? { mediaId } : { link: link ?? "" }), ...(caption ? { caption } : {}) };
    this.changed.emit({ do: "send", message: { type, [type]: source } } as AutomationAction);
  }
}
