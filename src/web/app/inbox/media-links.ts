/** Links to files for pictures and players, which cannot send a token. Each is asked for once and kept while it is good. */
import { inject, Service } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";

export interface MediaLink {
  url: string;
  sources: readonly { src: string; type: string }[];
}

/** The server's links live for an hour. */
const GOOD_MS = 50 * 60_000;

@Service()
export class MediaLinks {
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #known = new Map<string, { until: number; link: Promise<MediaLink> }>();

  /** Throws ApiFailure. */
  find(id: string): Promise<MediaLink> {
    const known = this.#known.get(id);
    if (known && known.until > this.#clock.now()) return known.link;
    const link: Promise<MediaLink> = this.#api.mediaTicket(id);
    this.#known.set(id, { until: this.#clock.now() + GOOD_MS, link });
    link.catch(() => this.#known.delete(id));
    return link;
  }
}
