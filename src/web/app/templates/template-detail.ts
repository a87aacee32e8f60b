/** One template as WhatsApp has it: how it stands, why it was rejected, how it reads with values, and what can be done with it. */
import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { TemplateView } from "@server/events/view";
import type { Preview } from "@server/features/templates/template.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { fullTime, listTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { TemplateBubble } from "./template-bubble";
import { type Category, isWritable } from "./template-draft";
import {
  CATEGORY_WORDS,
  languageName,
  QUALITY_DOTS,
  QUALITY_WORDS,
  REASON_WORDS,
  STATUS_WORDS,
  statusChip,
} from "./template-look";
import { TemplateStore } from "./template-store";

type Variable = TemplateView["variables"][number];

const TYPING_MS = 250;
/** While it is reviewed WhatsApp takes no change, and of one that is disabled none any more. */
const LOCKED: readonly string[] = ["PENDING", "IN_APPEAL", "DISABLED", "PENDING_DELETION"];

@Component({
  selector: "app-template-detail",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink, SureButton, TemplateBubble],
  templateUrl: "./template-detail.html",
  host: { class: "tpl-work" },
})
export class TemplateDetail {
  readonly template = input.required<TemplateView>();

  protected readonly t = inject(Words).t;
  protected readonly n = inject(Words).n;
  readonly #calls = inject(ApiClient).calls;
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #clock = inject(Clock);
  readonly #now = inject(Ticker).now;
  readonly #permissions = inject(Permissions);
  protected readonly store = inject(TemplateStore);
  protected readonly deed = new Deed();
  protected readonly previewDeed = new Deed();
  protected readonly mayManage = computed(() => this.#permissions.may("templates.manage"));
  protected readonly isLocked = computed(() => LOCKED.includes(this.template().status));
  protected readonly isWritable = computed(() => isWritable(this.template()));
  protected readonly siblings = computed(() => this.store.siblingsOf(this.template()));
  protected readonly channel = computed(
    () => this.store.channels().find(({ wabaId }) => wabaId === this.template().wabaId) ?? null,
  );
  protected readonly reason = computed(() => {
    const { rejectedReason } = this.template();
    return rejectedReason && rejectedReason !== "NONE" ? rejectedReason : null;
  });
  protected readonly reasonWords = REASON_WORDS;
  protected readonly qualityWords = QUALITY_WORDS;
  protected readonly qualityDots = QUALITY_DOTS;
  protected readonly statusChip = statusChip;
  protected readonly languageName = languageName;
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly keyOf = ({ part, name, index }: Variable): string =>
    part === "button" ? `buttons.${index}` : `${part}.${name}`;
  protected readonly nameOf = ({ name }: Variable): string => `{{${name}}}`;
  protected readonly partWord = ({ part }: Variable) =>
    part === "button"
      ? ("template.partButton" as const)
      : part === "header"
        ? ("template.partHeader" as const)
        : ("template.partBody" as const);

  readonly #values = signal<ReadonlyMap<string, string>>(new Map());
  readonly #preview = signal<Preview | null>(null);
  #typing: Cancelable | null = null;
  #asked = 0;

  /** As the server reads it with the values; until it has answered, as it stands. */
  protected readonly parts = computed(() => {
    const preview = this.#preview();
    const { headerFormat, header, body, footer, buttons, cards, limitedTimeOffer } = this.template();
    if (preview) {
      const { limitedTimeOffer: offer, cards: shown, missing: _, ...rest } = preview;
      return { ...rest, ...(shown ? { cards: shown } : {}), ...(offer ? { offer } : {}) };
    }
    return {
      headerFormat,
      header,
      body,
      footer,
      buttons,
      ...(cards ? { cards: cards.map((card) => ({ ...card, header: null, footer: null })) } : {}),
      ...(limitedTimeOffer ? { offer: limitedTimeOffer.text } : {}),
    };
  });
  protected readonly missing = computed(() => this.#preview()?.missing ?? []);

  protected categoryOf(category: string): string {
    return category in CATEGORY_WORDS ? this.t(CATEGORY_WORDS[category as Category]) : category;
  }

  protected statusOf(status: string): string {
    const word = STATUS_WORDS[status];
    return word ? this.t(word) : status;
  }

  protected fill(key: string, value: string): void {
    this.#values.update((known) => new Map(known).set(key, value));
    this.#typing?.cancel();
    this.#typing = this.#clock.timer(TYPING_MS, () => void this.#ask());
  }

  protected fillExamples(): void {
    const given = this.template().variables.flatMap((one) => {
      const { example, part } = one;
      if (example === undefined) return [];
      // The example of an address is the whole of it; a value only its end.
      const url = this.template().buttons[one.index ?? 0]?.url ?? "";
      const start = url.slice(0, Math.max(0, url.indexOf("{{")));
      return [[this.keyOf(one), part === "button" && example.startsWith(start) ? example.slice(start.length) : example] as const];
    });
    this.#values.set(new Map(given));
    void this.#ask();
  }

  protected valueOf = (key: string): string => this.#values().get(key) ?? "";

  protected async remove(allLanguages: boolean): Promise<void> {
    const { id } = this.template();
    let gone: readonly string[] = [];
    const query = allLanguages ? { allLanguages: "true" as const } : {};
    const isDone = await this.deed.run(async () => {
      gone = (await dataOf(this.#calls.templates({ id }).delete(undefined, { query }))).removed;
    });
    if (!isDone) return;
    const left = this.siblings().find((one) => !gone.includes(one.id));
    this.store.drop(gone);
    this.#toasts.say(this.t("templates.removed"), "check-circle");
    void this.#router.navigate(left ? ["/templates", left.id] : ["/templates"]);
  }

  async #ask(): Promise<void> {
    const asked = ++this.#asked;
    const part = (name: "header" | "body" | "buttons") =>
      Object.fromEntries(
        [...this.#values()]
          .filter(([key, value]) => key.startsWith(`${name}.`) && value.trim() !== "")
          .map(([key, value]) => [key.slice(name.length + 1), value.trim()]),
      );
    const values = { header: part("header"), body: part("body"), buttons: part("buttons") };
    const { id } = this.template();
    this.previewDeed.failure.set(null);
    try {
      const preview = await dataOf(this.#calls.templates({ id }).preview.post(values));
      if (asked === this.#asked) this.#preview.set(preview);
    } catch (error) {
      // Awaited: ApiFailure; the preview stays as it was.
      if (asked === this.#asked) await this.previewDeed.run(() => Promise.reject(error));
    }
  }
}
