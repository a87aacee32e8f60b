/** All keys on one sheet. */
import { ChangeDetectionStrategy, Component, computed, inject, output, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { COMMAND_GROUPS, Commands, keyCaps } from "./commands";

@Component({
  selector: "app-shortcut-sheet",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Modal],
  template: `
    <app-modal [label]="t('shortcuts.heading')" look="shortcuts" (closed)="closed.emit()">
      <header class="modal-head">
        <h2>{{ t("shortcuts.heading") }}</h2>
        <button class="ibtn" type="button" [attr.aria-label]="t('common.close')" (click)="modal()?.close()"><app-icon name="close" /></button>
      </header>
      <div class="shortcuts-body scroll" tabindex="0" role="region" [attr.aria-label]="t('shortcuts.heading')">
        @for (group of groups(); track group.id) {
          <section>
            <h3>{{ t(group.word) }}</h3>
            <dl>
              @for (command of group.commands; track command.id) {
                <div>
                  <dt>{{ t(command.word) }}</dt>
                  <dd>
                    @for (cap of caps(command.keys); track $index) {
                      <kbd>{{ cap }}</kbd>
                    }
                  </dd>
                </div>
              }
            </dl>
          </section>
        }
      </div>
    </app-modal>
  `,
})
export class ShortcutSheet {
  readonly closed = output();
  protected readonly t = inject(Words).t;
  readonly #commands = inject(Commands);
  protected readonly modal = viewChild(Modal);
  protected readonly caps = (keys: string | undefined) => keyCaps(keys ?? "");
  protected readonly groups = computed(() =>
    COMMAND_GROUPS.map((id) => ({
      id,
      word: `group.${id}` as const,
      commands: this.#commands.all().filter((command) => command.group === id && command.keys),
    })).filter(({ commands }) => commands.length > 0),
  );
}
