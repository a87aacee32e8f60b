/** An address that is called, with headers of its own. */
import { ChangeDetectionStrategy, Component, inject, input, linkedSignal, output } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";

const MOST = 10;
type Lines = readonly (readonly [name: string, value: string])[];

@Component({
  selector: "app-webhook-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="field"><label class="label" [attr.for]="name() + '-url'">{{ t("rule.form.url") }}</label><input class="input mono" type="url" maxlength="2000" autocomplete="off" placeholder="https://" [id]="name() + '-url'" [attr.aria-describedby]="name() + '-hint'" [value]="url()" (input)="changed.emit({ url: $any($event.target).value })" /><span class="hint" [id]="name() + '-hint'">{{ t("rule.form.webhook") }}</span></div>
    @for (line of lines(); track $index; let at = $index) {
      <div class="form-row">
        <div class="field"><label class="label" [attr.for]="name() + '-header' + at">{{ t("rule.form.header") }}</label><input class="input mono" maxlength="60" pattern="[A-Za-z0-9-]+" autocomplete="off" [id]="name() + '-header' + at" [value]="line[0]" (change)="put(at, $any($event.target).value, line[1])" /></div>
        <div class="field"><label class="label" [attr.for]="name() + '-said' + at">{{ t("rule.form.value") }}</label><input class="input mono" maxlength="500" autocomplete="off" [id]="name() + '-said' + at" [value]="line[1]" (change)="put(at, line[0], $any($event.target).value)" /></div>
        <button class="ibtn" type="button" [attr.aria-label]="t('rule.form.removeHeader', { name: line[0] })" [title]="t('rule.form.removeHeader', { name: line[0] })" (click)="remove(at)"><app-icon name="trash" size="icon-m" /></button>
      </div>
    }
    @if (lines().length < most) {
      <p class="form-ways"><button class="btn btn-s btn-quiet" type="button" (click)="add()"><app-icon name="plus" size="icon-s" />{{ t("rule.form.header") }}</button></p>
    }
  `,
})
export class WebhookForm {
  readonly name = input.required<string>();
  readonly url = input.required<string>();
  readonly headers = input.required<Readonly<Record<string, string>>>();
  readonly changed = output<{ url?: string; headers?: Record<string, string> }>();
  protected readonly t = inject(Words).t;
  protected readonly most = MOST;
  /** A line without a name is not a header yet, and stays while it is being written. */
  protected readonly lines = linkedSignal<Readonly<Record<string, string>>, Lines>({
    source: this.headers,
    computation: (headers, before) => {
      const named = Object.entries(headers);
      const kept = before?.value ?? [];
      const isSame = JSON.stringify(named) === JSON.stringify(kept.filter(([name]) => name !== ""));
      return isSame ? kept : named;
    },
  });

  protected add(): void {
    this.lines.update((all) => [...all, ["", ""] as const]);
  }

  protected put(at: number, name: string, value: string): void {
    this.#set(this.lines().map((line, index) => (index === at ? ([name.trim(), value.trim()] as const) : line)));
  }

  protected remove(at: number): void {
    this.#set(this.lines().filter((_, index) => index !== at));
  }

  #set(lines: Lines): void {
    this.lines.set(lines);
    this.changed.emit({ headers: Object.fromEntries(lines.filter(([name]) => name !== "")) });
  }
}
