/** An address that leads nowhere. */
import { ChangeDetectionStrategy, Component } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Weave } from "../ui/weave";

@Component({
  selector: "app-missing-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, Weave],
  template: `
    <main class="sheet">
      <div class="empty">
        <app-weave />
        <h1 class="empty-title">There is nothing at this address</h1>
        <p>The link may be old, or a letter is missing.</p>
        <a class="btn" routerLink="/">Go to the start page</a>
      </div>
    </main>
  `,
})
export class MissingPage {}
