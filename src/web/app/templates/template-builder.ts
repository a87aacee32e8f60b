/** A template is written here, new or changed: WhatsApp's rules are told while one types, and its refusal stands at the field it is about. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  effect,
  inject,
  input,
  linkedSignal,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { TemplateView } from "@server/events/view";
import type { TemplateComponent } from "@server/features/templates/template.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Toasts } from "../ui/toasts";
import { ButtonsField } from "./buttons-field";
import { HeaderField } from "./header-field";
import { keepDraft, keptDraft } from "./kept-draft";
import { TemplateBubble } from "./template-bubble";
import { type Finding, findingsOf, LIMITS, variableName } from "./template-check";
import { CATEGORIES, type Category, componentsOf, exampleKeys, type TemplateDraft, variablesIn } from "./template-draft";
import { CATEGORY_WORDS, LANGUAGE_CODES, languageName } from "./template-look";
import { fieldsOfFailure } from "./template-refusal";
import { TemplateStore } from "./template-store";

@Component({
  selector: "app-template-builder",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ButtonsField, FailureNote, HeaderField, Icon, RouterLink, TemplateBubble],
  templateUrl: "./template-builder.html",
  host: { class: "tpl-work" },
})
export class TemplateBuilder {
  /** The one that is changed; null: a new one. */
  readonly template = input.required<TemplateView | null>();
  readonly start = input.required<TemplateDraft>();
  /** Under which name it stays in the browser until it is sent. */
  readonly keptAs = input.required<string>();

  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #key = new RequestKey();
  protected readonly store = inject(TemplateStore);
  protected readonly deed = new Deed();
  protected readonly limits = LIMITS;
  protected readonly categories = CATEGORIES;
  protected readonly categoryWords = CATEGORY_WORDS;
  protected readonly languageName = languageName;
  protected readonly variableName = variableName;
  protected readonly picture = signal<string | null>(null);
  private readonly bodyField = viewChild<ElementRef<HTMLTextAreaElement>>("bodyField");

  protected readonly isNew = computed(() => this.template() === null);
  readonly #isTouched = signal(false);
  readonly #wasKept = linkedSignal(() => keptDraft(this.keptAs(), this.start()) !== null);
  protected readonly isUnsent = computed(() => this.#wasKept() || this.#isTouched());
  protected readonly draft = linkedSignal<TemplateDraft, TemplateDraft>({
    source: () => this.start(),
    // News of templates come at any moment: what somebody is writing stays.
    computation: (start, before) =>
      before && untracked(this.#isTouched) ? before.value : (keptDraft(untracked(this.keptAs), start) ?? start),
  });
  /** Fields somebody has been in, and all of them after the first try: what is still missing is told only then. */
  readonly #touched = signal<ReadonlySet<string>>(new Set());
  protected readonly hasTried = signal(false);
  readonly #refused = signal<ReadonlyMap<string, string>>(new Map());

  protected readonly languages = computed(() => {
    const codes = new Set<string>([...LANGUAGE_CODES, this.draft().language, ...this.store.languages()]);
    return [...codes].filter(Boolean).map((code) => ({ code, name: languageName(code) }));
  });
  protected readonly channels = computed(() => this.store.channels().filter(({ isConnected }) => isConnected));
  readonly #isTaken = computed(() => {
    const { name, language, channel } = this.draft();
    const wabaId = this.channels().find(({ id }) => id === channel)?.wabaId;
    return this.store.all().some((one) => one.name === name && one.language === language && one.wabaId === wabaId);
  });
  readonly #findings = computed(() => findingsOf(this.draft(), this.isNew(), this.#isTaken()));
  protected readonly findings = computed(() => this.#findings().filter((one) => one.level !== "bad" || this.#isTold(one)));
  protected readonly canSend = computed(() => !this.#findings().some(({ level }) => level === "bad"));
  protected readonly examples = computed(() => exampleKeys(this.draft()));
  protected readonly buttonTroubles = computed(() => {
    const fields: [string, number][] = [
      ["buttons", -1],
      ...this.draft().buttons.map((_, at): [string, number] => [`buttons.${at}`, at]),
    ];
    return new Map(
      fields.flatMap(([field, at]): [number, string][] => {
        const words = this.troubleAt(field);
        return words === null ? [] : [[at, words]];
      }),
    );
  });
  protected readonly headerValues = computed(() => this.#valuesOf("header"));
  protected readonly bodyValues = computed(() => this.#valuesOf("body"));
  protected readonly parts = computed(() => {
    const { category, header, headerText, body, footer, buttons, code } = this.draft();
    if (category === "AUTHENTICATION") {
      const advice = code.hasAdvice ? ` ${this.t("templates.codeAdvice")}` : "";
      return {
        headerFormat: null,
        header: null,
        body: this.t("templates.codeBody", { code: "123456" }) + advice,
        footer: code.minutes ? this.t("templates.codeExpires", { minutes: code.minutes }) : null,
        buttons: [{ type: "OTP", text: code.button }],
      };
    }
    return {
      headerFormat: header === "NONE" ? null : header,
      header: headerText,
      body,
      footer: footer || null,
      buttons: buttons.map(({ type, text, value, raw }) => ({
        type: raw?.type ?? type,
        text,
        ...(type === "URL" ? { url: value } : {}),
      })),
    };
  });

  constructor() {
    effect(() => {
      if (this.#isTouched()) keepDraft(this.keptAs(), this.draft());
    });
  }

  protected set(change: Partial<TemplateDraft>, ...fields: string[]): void {
    this.draft.update((before) => ({ ...before, ...change }));
    this.#isTouched.set(true);
    const named = fields.length > 0 ? fields : Object.keys(change).map((field) => (field === "headerText" ? "header" : field));
    // A file that has just been asked for is not missed yet.
    const wanted = named.filter((field) => field !== "header" || "headerText" in change || "headerFile" in change === false);
    this.#touched.update((known) => new Set([...known, ...wanted]));
    this.#refused.update((known) => new Map([...known].filter(([field]) => !named.some((one) => field.startsWith(one)))));
  }

  protected setName(text: string): void {
    this.set({
      name: text
        .toLowerCase()
        .normalize("NFD")
        .replace(/\p{M}/gu, "")
        .replace(/[\s-]+/g, "_"),
    });
  }

  protected setExample(key: string, text: string): void {
    this.set({ examples: { ...this.draft().examples, [key]: text } }, "examples");
  }

  protected setCode(change: Partial<TemplateDraft["code"]>): void {
    this.set({ code: { ...this.draft().code, ...change } }, "code");
  }

  protected addVariable(): void {
    const { body, isNamed } = this.draft();
    const name = `${isNamed ? "variable_" : ""}${variablesIn(body).length + 1}`;
    this.#insert(`{{${name}}}`, "");
  }

  /** Puts WhatsApp's marks around what is selected. */
  protected mark(sign: "*" | "_"): void {
    this.#insert(sign, sign);
  }

  protected troubleAt(field: string): string | null {
    const refused = this.#refused().get(field);
    if (refused) return refused;
    const found = this.findings().find((one) => one.field === field && one.level === "bad");
    return found ? this.say(found) : null;
  }

  protected say = ({ word, params }: Finding): string => this.t(word, params ?? {});

  protected discard(): void {
    keepDraft(this.keptAs(), null);
    this.#isTouched.set(false);
    this.#touched.set(new Set());
    this.hasTried.set(false);
    this.#refused.set(new Map());
    this.deed.failure.set(null);
    this.#wasKept.set(false);
    this.draft.set(this.start());
  }

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    this.hasTried.set(true);
    this.#refused.set(new Map());
    if (!this.canSend()) {
      this.deed.failure.set(null);
      return this.#goToFault();
    }
    const components = componentsOf(this.draft());
    let sent: TemplateView | null = null;
    const isDone = await this.deed.run(async () => {
      sent = await this.#submit(components);
    });
    const refusal = this.deed.failure();
    if (refusal) {
      this.#refused.set(fieldsOfFailure(refusal, components));
      this.#goToFault();
    }
    if (!isDone || !sent) return;
    const { id } = sent as TemplateView;
    this.store.put(sent);
    this.#isTouched.set(false);
    keepDraft(this.keptAs(), null);
    this.#toasts.say(this.t("templates.sent"), "check-circle");
    void this.#router.navigate(["/templates", id]);
  }

  #submit(components: TemplateComponent[]): Promise<TemplateView> {
    const { channel, name, language, category, isNamed } = this.draft();
    const before = this.template();
    const { templates } = this.#api.calls;
    if (before) {
      const change = { components, ...(category === before.category ? {} : { category }) };
      return dataOf(templates({ id: before.id }).patch(change));
    }
    const parameterFormat = isNamed ? ("NAMED" as const) : ("POSITIONAL" as const);
    const body = { channel, name, language, category: category as Category, parameterFormat, components };
    return this.#key.send(body, (headers) => dataOf(templates.post(body, { headers })));
  }

  #isTold({ field }: Finding): boolean {
    return this.hasTried() || this.#touched().has(field) || (field.startsWith("buttons.") && this.#touched().has("buttons.all"));
  }

  #valuesOf(part: "header" | "body"): Record<string, string> {
    const values = Object.entries(this.draft().examples).filter(([key]) => key.startsWith(`${part}.`));
    return Object.fromEntries(values.map(([key, value]) => [key.slice(part.length + 1), value]));
  }

  #insert(before: string, after: string): void {
    const field = this.bodyField()?.nativeElement;
    if (!field) return;
    const { selectionStart: from, selectionEnd: to, value } = field;
    const text = `${value.slice(0, from)}${before}${value.slice(from, to)}${after}${value.slice(to)}`;
    this.set({ body: text });
    const caret = after ? to + before.length : from + before.length;
    requestAnimationFrame(() => {
      field.focus();
      field.setSelectionRange(caret, caret);
    });
  }

  /** To the first field that is wrong, once it is drawn so. */
  #goToFault(): void {
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('.tpl-form [aria-invalid="true"], .tpl-form .hint-bad[tabindex]')?.focus(),
    );
  }
}
