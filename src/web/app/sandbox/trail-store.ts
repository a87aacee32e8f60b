/** What happened to messages on their way, stage by stage, newest last. Kept in memory only: it is a window, not a record. */
import { DestroyRef, inject, Service, signal } from "@angular/core";
import type { FlowStage } from "@server/events/catalog";
import { LiveConnection } from "../live/live-connection";

export interface TrailEntry extends FlowStage {
  key: number;
}

const LONGEST = 80;

@Service({ autoProvided: false })
export class TrailStore {
  readonly #entries = signal<readonly TrailEntry[]>([]);
  readonly entries = this.#entries.asReadonly();
  #keys = 0;

  constructor() {
    const off = inject(LiveConnection).on("flow:stage", (stage) => this.#add(stage));
    inject(DestroyRef).onDestroy(off);
  }

  clear(): void {
    this.#entries.set([]);
  }

  #add(stage: FlowStage): void {
    const entry = { ...stage, key: ++this.#keys };
    // Stages of one turn can be told in the same instant from different places: the time decides their order.
    this.#entries.update((known) =>
      [...known, entry].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.key - b.key).slice(-LONGEST),
    );
  }
}
