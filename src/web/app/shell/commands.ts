/**
 * What can be done from the keyboard: each command has words, and may have keys. The command bar lists them, the sheet of
 * shortcuts names them, and one listener runs them. Pages add theirs while they are shown.
 */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { WordKey } from "../i18n/words";

export const COMMAND_GROUPS = ["list", "conversation", "composer", "go", "app"] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

export interface PreviewLine {
  icon: string;
  text: string;
  /** What the customer will read, or colleagues. */
  said?: string;
}

export interface Command {
  id: string;
  group: CommandGroup;
  icon: string;
  word: WordKey;
  /** Shown after the word when there is no key for it: a name, a label. */
  detail?: string;
  /** `alt+j`, `mod+k`, `mod+alt+e`, `/`: `mod` is Ctrl, on Apple's machines also Cmd. */
  keys?: string;
  /** Said instead of the word: what has a name of its own. */
  text?: string;
  /** What it will do, shown beside the list before it is done. */
  preview?: readonly PreviewLine[];
  /** None: there is only what is inside. */
  run?: () => void;
  /** What is chosen among once it is entered in the command bar; `typed` is what is looked for there. */
  inside?: (typed: string) => Promise<readonly Command[]>;
  /** Made of what was typed: no word of it has to be found in it. */
  isMade?: boolean;
  /** False: it cannot be done now, and is neither listed nor run. */
  isPossible?: () => boolean;
  /** Known by its keys only: not in the command bar. */
  isHidden?: boolean;
}

@Service()
export class Commands {
  readonly #sets = signal<ReadonlyMap<object, readonly Command[]>>(new Map());
  readonly all = computed(() => [...this.#sets().values()].flat());
  readonly possible = computed(() => this.all().filter((command) => command.isPossible?.() ?? true));

  constructor() {
    window.addEventListener("keydown", (event) => this.#hear(event));
  }

  /** Adds commands for as long as the caller lives. */
  add(commands: readonly Command[], destroyRef = inject(DestroyRef)): void {
    const owner = {};
    this.#sets.update((sets) => new Map(sets).set(owner, commands));
    destroyRef.onDestroy(() =>
      this.#sets.update((sets) => {
        const left = new Map(sets);
        left.delete(owner);
        return left;
      }),
    );
  }

  #hear(event: KeyboardEvent): void {
    const keys = keysOf(event);
    if (!keys || event.defaultPrevented || event.isComposing) return;
    // While a dialog is open its page is not there.
    const isModal = document.querySelector("dialog[open]") !== null;
    const command = this.possible().findLast((one) => one.keys === keys && one.run);
    if (!command || (isModal && keys !== "mod+k")) return;
    event.preventDefault();
    command.run?.();
  }
}

/** The keys of an event as commands write them; null for keys that belong to whoever types. */
export function keysOf(event: KeyboardEvent): string | null {
  if (event.getModifierState?.("AltGraph")) return null;
  const mod = event.ctrlKey || event.metaKey;
  const plain = !mod && !event.altKey;
  if (plain) return isTyping(event.target) || event.key.length !== 1 ? null : event.key;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase();
  if (!letter) return null;
  // On some layouts Alt and a letter write a character: then it is theirs while they type.
  if (event.altKey && !mod && isTyping(event.target) && event.key.length === 1 && event.key.toLowerCase() !== letter) return null;
  return `${mod ? "mod+" : ""}${event.altKey ? "alt+" : ""}${letter}`;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

const APPLE = /Mac|iP(hone|ad|od)/.test(navigator.platform);
const NAMES: Record<string, string> = { mod: APPLE ? "⌘" : "Ctrl", alt: APPLE ? "⌥" : "Alt" };

/** `mod+alt+e` as caps to show. */
export const keyCaps = (keys: string): string[] => keys.split("+").map((key) => NAMES[key] ?? key.toUpperCase());
