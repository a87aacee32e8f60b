/** The stepped mark, alone or with the name drawn beside it; follows the theme. */
import { ChangeDetectionStrategy, Component, input } from "@angular/core";

@Component({
  selector: "app-logo",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <svg [attr.viewBox]="wordmark() ? '0 0 182 40' : '0 0 40 40'" [attr.height]="height()" role="img" aria-label="Chasqui">
      <path fill="var(--accent)" d="M10 3h20a7 7 0 0 1 7 7v20a7 7 0 0 1-7 7H3V10a7 7 0 0 1 7-7z" />
      <path
        fill="var(--on-accent)"
        d="M14.5 10V14H18.5V18H22.5V22H18.5V26H14.5V30H8.5V26H12.5V22H16.5V18H12.5V14H8.5V10z"
      />
      <path
        fill="var(--on-accent)"
        fill-opacity=".55"
        d="M24 10V14H28V18H32V22H28V26H24V30H19V26H23V22H27V18H23V14H19V10z"
      />
      @if (wordmark()) {
        <g transform="translate(49 0)">
          <path
            fill="none"
            stroke="var(--text-1)"
            stroke-width="3.4"
            stroke-linejoin="round"
            d="M13.6 15.2A8 8 0 1 0 13.6 24.8M20.5 4v24M20.5 20a7 7 0 0 1 14 0v8M57 12v16M57 20a8 8 0 1 1-16 0a8 8 0 1 1 16 0M75.6 14.6c-1.4-1.7-3.2-2.6-5.6-2.6-3.2 0-5.3 1.6-5.3 4 0 5.6 11.6 2.3 11.6 8 0 2.4-2.3 4-5.7 4-2.7 0-4.8-.9-6.3-2.8M98.5 12v23.5M98.5 20a8 8 0 1 1-16 0a8 8 0 1 1 16 0M105.5 12v9a7 7 0 0 0 14 0v-9M119.5 12v16M126.5 12v16"
          />
          <path fill="var(--text-1)" d="M124.3 4h4.4v4.4h-4.4z" />
        </g>
      }
    </svg>
  `,
})
export class Logo {
  readonly wordmark = input(false);
  readonly height = input(30);
}
