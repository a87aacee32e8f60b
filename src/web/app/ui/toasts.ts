/** Short messages at the bottom: what was done, and for a few seconds the way to undo it. */
import { inject, Service, signal } from "@angular/core";
import { type Cancelable, Clock } from "../clock";

export interface Toast {
  id: number;
  text: string;
  icon: string | null;
  /** How long the undo stays open; also how long the ring takes. */
  ms: number;
  undo: (() => void) | null;
}

const PLAIN_MS = 4_000;
const UNDO_MS = 5_000;
const MOST = 3;

@Service()
export class Toasts {
  readonly #clock = inject(Clock);
  readonly #shown = signal<readonly Toast[]>([]);
  readonly shown = this.#shown.asReadonly();
  readonly #ends = new Map<number, Cancelable>();
  #ids = 0;

  say(text: string, icon: string | null = null): void {
    this.#add({ id: ++this.#ids, text, icon, ms: PLAIN_MS, undo: null });
  }

  /** Says what was done; `undo` runs at most once. */
  sayUndoable(text: string, undo: () => void): void {
    this.#add({ id: ++this.#ids, text, icon: null, ms: UNDO_MS, undo });
  }

  undo(toast: Toast): void {
    this.close(toast.id);
    toast.undo?.();
  }

  close(id: number): void {
    this.#ends.get(id)?.cancel();
    this.#ends.delete(id);
    this.#shown.update((all) => all.filter((one) => one.id !== id));
  }

  #add(toast: Toast): void {
    this.#shown.update((all) => [...all.slice(1 - MOST), toast]);
    this.#ends.set(
      toast.id,
      this.#clock.timer(toast.ms, () => this.close(toast.id)),
    );
  }
}
