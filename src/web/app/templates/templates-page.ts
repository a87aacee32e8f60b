/** Templates: the list, and beside it the one that is looked at, changed or written anew. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import { language } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { Weave } from "../ui/weave";
import { TemplateBuilder } from "./template-builder";
import { TemplateDetail } from "./template-detail";
import { draftOf, emptyDraft, isWritable, type TemplateDraft } from "./template-draft";
import { TemplateList } from "./template-list";
import { TemplateStore } from "./template-store";

/** What a new template is written in first. */
const FIRST_LANGUAGE = { en: "en", es: "es", pt: "pt_BR" } as const;

@Component({
  selector: "app-templates-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailurePage, Icon, RouterLink, TemplateBuilder, TemplateDetail, TemplateList, Weave],
  providers: [TemplateStore],
  templateUrl: "./templates-page.html",
})
export class TemplatesPage {
  /** From the address: `new`, or the id of a template. */
  readonly id = input<string>();
  /** From the address: `edit`. */
  readonly deed = input<string>();
  /** From the address: which template the new one begins as. */
  readonly from = input<string>();
  readonly as = input<string>();

  protected readonly t = inject(Words).t;
  protected readonly store = inject(TemplateStore);
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("templates.manage"));
  protected readonly current = computed(() => this.store.get(this.id() ?? ""));
  /** What is shown beside the list; another one is drawn anew. */
  protected readonly pane = computed(() => {
    const id = this.id();
    if (!id) return null;
    if (id === "new") return { kind: "build" as const, key: `new ${this.from()} ${this.as()}` };
    if (!this.current()) return { kind: "missing" as const, key: "missing" };
    const isBuilt = this.deed() === "edit" && this.mayManage();
    return { kind: isBuilt ? ("build" as const) : ("detail" as const), key: `${id} ${this.deed()}` };
  });
  protected readonly panes = computed(() => [this.pane()].filter((one) => one !== null));
  protected readonly start = computed((): TemplateDraft => {
    const edited = this.current();
    const source = edited ?? this.store.get(this.from() ?? "");
    const channels = this.store.channels().filter(({ isConnected }) => isConnected);
    const channel = (channels.find(({ wabaId }) => wabaId === source?.wabaId) ?? channels[0])?.id ?? "";
    if (!source || !isWritable(source)) return emptyDraft(channel, FIRST_LANGUAGE[language()]);
    const draft = draftOf(source, channel);
    if (edited) return draft;
    if (this.as() === "language") return { ...draft, language: this.#freeLanguage(source.id) };
    return { ...draft, name: `${draft.name}_2`.slice(0, 512) };
  });

  /** A language in which the template does not exist yet. */
  #freeLanguage(id: string): string {
    const source = this.store.get(id);
    const known = source ? this.store.siblingsOf(source).map((one) => one.language) : [];
    return ["es", "pt_BR", "en"].find((code) => !known.includes(code)) ?? "es_MX";
  }
}
