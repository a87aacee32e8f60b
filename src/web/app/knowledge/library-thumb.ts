/** What a file of the library looks like: a small picture of a picture, else its kind. */
import { ChangeDetectionStrategy, Component, DestroyRef, effect, inject, input, signal } from "@angular/core";
import type { LibraryView } from "@server/features/media-library/media-library.schema";
import { ApiClient } from "../api/api-client";
import { Icon } from "../ui/icon";

const ICONS: Record<LibraryView["type"], string> = { image: "image", video: "video", document: "file", audio: "mic" };

@Component({
  selector: "app-library-thumb",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    @if (picture(); as url) {
      <img class="thumb" [src]="url" alt="" />
    } @else {
      <span class="thumb"><app-icon [name]="icons[type()]" /></span>
    }
  `,
})
export class LibraryThumb {
  readonly media = input.required<string>();
  readonly type = input.required<LibraryView["type"]>();
  readonly #api = inject(ApiClient);
  protected readonly icons = ICONS;
  protected readonly picture = signal<string | null>(null);

  constructor() {
    effect(() => void this.#load(this.media(), this.type()));
    inject(DestroyRef).onDestroy(() => this.#show(null));
  }

  async #load(media: string, type: LibraryView["type"]): Promise<void> {
    this.#show(null);
    if (type !== "image") return;
    // Awaited: ApiFailure; the sign of its kind stands in its place.
    const file = await this.#api.loadFile(`/api/v2/media/${media}/thumbnail`).catch(() => null);
    if (file && media === this.media()) this.#show(URL.createObjectURL(file));
  }

  #show(url: string | null): void {
    const before = this.picture();
    if (before) URL.revokeObjectURL(before);
    this.picture.set(url);
  }
}
