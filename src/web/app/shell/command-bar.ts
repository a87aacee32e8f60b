/**
 * Ctrl/Cmd-K: everything that can be done now, found by a few letters and run by Enter. Some commands hold others: they are entered by
 * Enter or Tab, and left by Esc or by Backspace in an empty field. What a command will do is shown beside the list.
 */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  effect,
  inject,
  output,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { Words } from "../i18n/words";
import { foldedText } from "../ui/folded-text";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { COMMAND_GROUPS, type Command, type CommandGroup, Commands, keyCaps } from "./commands";

interface Shown {
  id: CommandGroup;
  word: `group.${CommandGroup}`;
  commands: readonly Command[];
}

@Component({
  selector: "app-command-bar",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Modal],
  template: `
    <app-modal [label]="t('commands.heading')" [look]="preview() ? 'command-bar command-bar-wide' : 'command-bar'" (closed)="finish()">
      <div class="command-head">
        @if (outer(); as one) {
          <span class="chip chip-m chip-accent"><app-icon [name]="one.icon" size="icon-s" />{{ nameOf(one) }}</span>
        } @else {
          <app-icon name="search" />
        }
        <input
          #field
          type="text"
          role="combobox"
          autofocus
          autocomplete="off"
          spellcheck="false"
          dir="auto"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls="command-list"
          [attr.aria-activedescendant]="current() ? 'command-' + current()?.id : null"
          [attr.aria-label]="outer() ? nameOf(outer()!) : t('commands.heading')"
          [placeholder]="t(outer()?.id === 'snooze' ? 'commands.when' : outer() ? 'commands.which' : 'commands.placeholder')"
          (input)="search(field.value)"
          (keydown)="steer($event)"
        />
        <kbd>Esc</kbd>
      </div>
      <div class="command-body">
        <div class="command-list scroll" id="command-list" role="listbox" [attr.aria-label]="t('commands.heading')" #list>
          @for (group of groups(); track group.id) {
            <div role="group" [attr.aria-labelledby]="'command-group-' + group.id">
              <h3 [id]="'command-group-' + group.id" role="presentation">{{ t(group.word) }}</h3>
              @for (command of group.commands; track command.id) {
                <div
                  class="command"
                  role="option"
                  [id]="'command-' + command.id"
                  [attr.aria-selected]="command.id === current()?.id"
                  [attr.aria-describedby]="command.preview && command.id === current()?.id ? 'command-preview' : null"
                  (mousemove)="point(command)"
                  (click)="choose(command)"
                >
                  <app-icon [name]="command.icon" />
                  <span class="clip" dir="auto">{{ nameOf(command) }}</span>
                  <span class="grow"></span>
                  @if (command.inside) {
                    <app-icon name="chevron-right" size="icon-s" />
                  }
                  @for (cap of caps(command.keys); track $index) {
                    <kbd>{{ cap }}</kbd>
                  }
                </div>
              }
            </div>
          } @empty {
            @if (!isLooking()) {
              <p class="command-none">{{ query() ? t("commands.none", { text: query() }) : t("common.nothing") }}</p>
            }
          }
        </div>
        @if (preview(); as lines) {
          <aside class="command-preview scroll" id="command-preview">
            <h3>{{ t("commands.willDo") }}</h3>
            <ol>
              @for (line of lines; track $index) {
                <li>
                  <app-icon [name]="line.icon" size="icon-m" /><span class="min-w-0" dir="auto">{{ line.text }}</span>
                  @if (line.said) {
                    <span class="command-said" dir="auto">{{ line.said }}</span>
                  }
                </li>
              }
            </ol>
          </aside>
        }
      </div>
      <div class="command-foot">
        <kbd>↑</kbd><kbd>↓</kbd> {{ t("commands.choose") }} <kbd>Enter</kbd> {{ t("commands.run") }}
        @if (current()?.inside && words.hasMore()) {
          <kbd>Tab</kbd> {{ t("commands.lookInside") }}
        }
      </div>
    </app-modal>
  `,
})
export class CommandBar {
  readonly closed = output();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #commands = inject(Commands);
  private readonly modal = viewChild.required(Modal);
  private readonly list = viewChild.required<ElementRef<HTMLElement>>("list");
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>("field");
  readonly #at = signal(0);
  #chosen: Command | null = null;

  protected readonly query = signal("");
  /** The command that has been entered. */
  protected readonly outer = signal<Command | null>(null);
  readonly #inner = signal<readonly Command[]>([]);
  protected readonly isLooking = signal(false);
  protected readonly caps = (keys: string | undefined) => (keys ? keyCaps(keys) : []);
  protected readonly nameOf = (command: Command): string =>
    command.text ?? `${this.t(command.word)}${command.detail ? ` ${command.detail}` : ""}`;
  protected readonly groups = computed((): Shown[] => {
    const wanted = foldedText(this.query()).split(/\s+/).filter(Boolean);
    const offered = this.outer() ? this.#inner() : this.#commands.possible();
    const found = offered.filter((command) => {
      const words = foldedText(`${this.nameOf(command)} ${command.detail ?? ""}`);
      return !command.isHidden && (command.isMade || wanted.every((part) => words.includes(part)));
    });
    return COMMAND_GROUPS.map((id) => ({
      id,
      word: `group.${id}` as const,
      commands: found.filter((command) => command.group === id),
    })).filter(({ commands }) => commands.length > 0);
  });
  readonly #flat = computed(() => this.groups().flatMap(({ commands }) => commands));
  protected readonly current = computed(() => this.#flat()[Math.min(this.#at(), this.#flat().length - 1)]);
  protected readonly preview = computed(() => this.current()?.preview ?? null);

  constructor() {
    void this.words.more();
    let asked = 0;
    effect(() => {
      const inside = this.outer()?.inside;
      const typed = this.query();
      const mine = ++asked;
      if (!inside) return;
      untracked(() => this.isLooking.set(true));
      // Awaited: ApiFailure; then there is nothing to choose among.
      void inside(typed)
        .catch(() => [])
        .then((found) => {
          if (mine !== asked) return;
          this.#inner.set(found);
          this.isLooking.set(false);
        });
    });
  }

  protected search(text: string): void {
    this.query.set(text);
    this.#at.set(0);
  }

  protected point(command: Command): void {
    this.#at.set(this.#flat().findIndex(({ id }) => id === command.id));
  }

  protected steer(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const { length } = this.#flat();
    const command = this.current();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && length > 0) {
      this.#at.set((Math.min(this.#at(), length - 1) + step + length) % length);
      const id = `#command-${this.current()?.id}`;
      this.list().nativeElement.querySelector(id)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      if (command) this.choose(command);
    } else if (event.key === "Tab" && !event.shiftKey && command?.inside) this.#enter(command);
    else if (this.outer() && (event.key === "Escape" || (event.key === "Backspace" && this.query() === ""))) this.#enter(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** One that holds others is entered; any other is run, once the bar has closed: it finds the page as it is, and the focus where it was. */
  protected choose(command: Command): void {
    if (command.inside) this.#enter(command);
    else {
      this.#chosen = command;
      this.modal().close();
    }
  }

  protected finish(): void {
    this.closed.emit();
    this.#chosen?.run?.();
  }

  #enter(command: Command | null): void {
    this.#inner.set([]);
    this.outer.set(command);
    this.field().nativeElement.value = "";
    this.search("");
    this.field().nativeElement.focus();
  }
}
