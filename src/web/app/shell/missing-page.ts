/** An address that leads nowhere. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Words } from "../i18n/words";
import { Weave } from "../ui/weave";

@Component({
  selector: "app-missing-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, Weave],
  template: `
    <main class="sheet">
      <div class="empty">
        <app-weave />
        <h1 class="empty-title">{{ t("missing.heading") }}</h1>
        <p>{{ t("missing.text") }}</p>
        <a class="btn" routerLink="/">{{ t("missing.start") }}</a>
      </div>
    </main>
  `,
})
export class MissingPage {
  protected readonly t = inject(Words).t;
}
