/** Ctrl/Cmd-K: everything that can be done now, found by a few letters and run by Enter. */
import { ChangeDetectionStrategy, Component, computed, type ElementRef, inject, output, signal, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { foldedText } from "../ui/folded-text";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { COMMAND_GROUPS, type Command, Commands, keyCaps } from "./commands";

@Component({
  selector: "app-command-bar",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Modal],
  template: `
    <app-modal [label]="t('commands.heading')" look="command-bar" (closed)="finish()">
      <div class="command-head">
        <app-icon name="search" />
        <input
          #field
          type="text"
          role="combobox"
          autofocus
          autocomplete="off"
          spellcheck="false"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls="command-list"
          [attr.aria-activedescendant]="current() ? 'command-' + current()?.id : null"
          [attr.aria-label]="t('commands.heading')"
          [placeholder]="t('commands.placeholder')"
          (input)="search(field.value)"
          (keydown)="steer($event)"
        />
        <kbd>Esc</kbd>
      </div>
      <div class="command-list scroll" id="command-list" role="listbox" [attr.aria-label]="t('commands.heading')" #list>
        @for (group of groups(); track group.id) {
          <div role="group" [attr.aria-labelledby]="'command-group-' + group.id">
            <h3 [id]="'command-group-' + group.id" role="presentation">{{ t(group.word) }}</h3>
            @for (command of group.commands; track command.id) {
              <div
                class="command"
                role="option"
                [id]="'command-' + command.id"
                [attr.aria-selected]="command === current()"
                (mousemove)="point(command)"
                (click)="run(command)"
              >
                <app-icon [name]="command.icon" />
                <span class="clip" dir="auto">{{ t(command.word) }}{{ command.detail ? " " + command.detail : "" }}</span>
                <span class="grow"></span>
                @for (cap of caps(command.keys); track $index) {
                  <kbd>{{ cap }}</kbd>
                }
              </div>
            }
          </div>
        } @empty {
          <p class="command-none">{{ t("commands.none", { text: query() }) }}</p>
        }
      </div>
      <div class="command-foot"><kbd>↑</kbd><kbd>↓</kbd> {{ t("commands.choose") }} <kbd>Enter</kbd> {{ t("commands.run") }}</div>
    </app-modal>
  `,
})
export class CommandBar {
  readonly closed = output();
  protected readonly t = inject(Words).t;
  readonly #commands = inject(Commands);
  private readonly modal = viewChild.required(Modal);
  private readonly list = viewChild.required<ElementRef<HTMLElement>>("list");
  readonly #at = signal(0);
  readonly #sourced = signal<readonly Command[]>([]);
  #chosen: Command | null = null;

  protected readonly query = signal("");
  protected readonly caps = (keys: string | undefined) => (keys ? keyCaps(keys) : []);
  protected readonly groups = computed(() => {
    const wanted = foldedText(this.query()).split(/\s+/).filter(Boolean);
    const found = [...this.#commands.possible(), ...this.#sourced()].filter((command) => {
      const words = foldedText(`${this.t(command.word)} ${command.detail ?? ""}`);
      return !command.isHidden && (!command.needsWords || wanted.length > 0) && wanted.every((part) => words.includes(part));
    });
    return COMMAND_GROUPS.map((id) => ({
      id,
      word: `group.${id}` as const,
      commands: found.filter((command) => command.group === id),
    })).filter(({ commands }) => commands.length > 0);
  });
  readonly #flat = computed(() => this.groups().flatMap(({ commands }) => commands));
  protected readonly current = computed(() => this.#flat()[Math.min(this.#at(), this.#flat().length - 1)]);

  constructor() {
    void this.#commands.fromSources().then((found) => this.#sourced.set(found));
  }

  protected search(text: string): void {
    this.query.set(text);
    this.#at.set(0);
  }

  protected point(command: Command): void {
    this.#at.set(this.#flat().indexOf(command));
  }

  protected steer(event: KeyboardEvent): void {
    const { length } = this.#flat();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && length > 0) {
      event.preventDefault();
      this.#at.set((Math.min(this.#at(), length - 1) + step + length) % length);
      const id = `#command-${this.current()?.id}`;
      this.list().nativeElement.querySelector(id)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const command = this.current();
      if (command) this.run(command);
    }
  }

  /** Closes first: the command finds the page as it is without the bar, and the focus where it was. */
  protected run(command: Command): void {
    this.#chosen = command;
    this.modal().close();
  }

  protected finish(): void {
    this.closed.emit();
    this.#chosen?.run();
  }
}
