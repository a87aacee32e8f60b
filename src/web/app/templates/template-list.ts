/** All templates by name, found by words and filters, and brought in line with WhatsApp on request. */
import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { listTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { CATEGORIES } from "./template-draft";
import {
  CATEGORY_WORDS,
  languageName,
  QUALITY_DOTS,
  QUALITY_WORDS,
  STATUS_WORDS,
  statusChip,
  type TemplateGroup,
  worstOf,
} from "./template-look";
import { TemplateStore } from "./template-store";

@Component({
  selector: "app-template-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink],
  templateUrl: "./template-list.html",
  host: { class: "tpl-list" },
})
export class TemplateList {
  /** Which template is open. */
  readonly current = input<string>();

  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly n = this.#words.n;
  protected readonly store = inject(TemplateStore);
  readonly #toasts = inject(Toasts);
  readonly #now = inject(Ticker).now;
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("templates.manage"));
  protected readonly syncDeed = new Deed();
  protected readonly problems = signal<readonly string[]>([]);
  protected readonly hasFilters = signal(false);
  protected readonly categories = CATEGORIES;
  protected readonly categoryWords = CATEGORY_WORDS;
  protected readonly qualityWords = QUALITY_WORDS;
  protected readonly qualityDots = QUALITY_DOTS;
  protected readonly statusChip = statusChip;
  protected readonly languageName = languageName;
  protected readonly accounts = computed(() => [...new Map(this.store.channels().map((one) => [one.wabaId, one])).values()]);
  protected readonly syncLabel = computed(() => {
    const at = this.store.syncedAt();
    return at ? this.t("templates.syncLast", { time: listTime(at, this.#now()) }) : this.t("templates.sync");
  });

  protected statusOf(status: string): string {
    const word = STATUS_WORDS[status];
    return word ? this.t(word) : status;
  }

  protected isOpen = ({ templates }: TemplateGroup): boolean => templates.some(({ id }) => id === this.current());

  /** The one a row leads to: the open one of the name, else what needs somebody. */
  protected lead = (group: TemplateGroup) =>
    group.templates.find(({ id }) => id === this.current()) ?? worstOf(group.templates) ?? group.templates[0];

  protected languagesOf = ({ templates }: TemplateGroup): string => templates.map(({ language }) => language).join(" · ");

  protected async sync(): Promise<void> {
    this.problems.set([]);
    await this.syncDeed.run(async () => {
      const { templates, problems } = await this.store.sync();
      this.problems.set(problems);
      this.#toasts.say(this.n("templates.synchronised", templates), "check-circle");
    });
  }
}
