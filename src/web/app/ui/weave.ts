/** The woven band: sign-in and empty states only, never behind words. */
import { ChangeDetectionStrategy, Component, input } from "@angular/core";

let bands = 0;

@Component({
  selector: "app-weave",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <svg
      class="weave"
      [attr.width]="width()"
      height="28"
      [attr.viewBox]="'0 0 ' + width() + ' 28'"
      [attr.opacity]="opacity()"
      aria-hidden="true"
    >
      <defs>
        <pattern [attr.id]="id" width="40" height="28" patternUnits="userSpaceOnUse">
          <path fill="currentColor" fill-opacity=".9" d="M0 0h40v2H0zM0 26h40v2H0z" />
          <path fill="currentColor" fill-opacity=".35" d="M0 4h40v1H0zM0 23h40v1H0z" />
          <path
            fill="currentColor"
            fill-opacity=".75"
            d="M18 7h4v2h4v2h4v2h4v2h-4v2h-4v2h-4v2h-4v-2h-4v-2h-4v-2H6v-2h4v-2h4V9h4z"
          />
          <path fill="var(--weave-ground, var(--surface-2))" d="M18 11h4v2h4v2h-4v2h-4v-2h-4v-2h4z" />
          <path fill="currentColor" fill-opacity=".5" d="M0 7h4v2H2v2H0zM40 7h-4v2h2v2h2zM0 21h4v-2H2v-2H0zM40 21h-4v-2h2v-2h2z" />
        </pattern>
      </defs>
      <rect [attr.width]="width()" height="28" [attr.fill]="'url(#' + id + ')'" />
    </svg>
  `,
})
export class Weave {
  readonly width = input(160);
  readonly opacity = input(1);
  /** Patterns are found by id, and one page shows several bands. */
  protected readonly id = `weave-${++bands}`;
}
