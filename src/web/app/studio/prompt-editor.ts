/** The text of a prompt: written, compared with the one that answers, saved as the draft of the next version. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  effect,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { SureButton } from "../ui/sure-button";
import { fullTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { type DiffRow, numbered, pieces, putAt } from "./prompt-edit";
import { WorkbenchStore } from "./workbench-store";

const COUNT = numberFormat();
/** Every call carries the text. */
export const LONGEST_PROMPT = 20_000;

@Component({
  selector: "app-prompt-editor",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, MenuButton, SureButton],
  templateUrl: "./prompt-editor.html",
})
export class PromptEditor {
  /** Models the connection offers. */
  readonly models = input<readonly string[]>([]);
  protected readonly t = inject(Words).t;
  protected readonly store = inject(WorkbenchStore);
  readonly #prompts = inject(ApiClient).calls.assistant.prompts;
  readonly #toasts = inject(Toasts);
  protected readonly view = signal<"edit" | "diff">("edit");
  protected readonly comparing = new Deed();
  protected readonly rows = signal<readonly DiffRow[]>([]);
  protected readonly changes = signal<{ added: number; removed: number } | null>(null);
  protected readonly variables = signal<readonly MenuItem[]>([]);
  private readonly area = viewChild<ElementRef<HTMLTextAreaElement>>("area");
  protected readonly fullTime = fullTime;
  protected readonly pieces = pieces;
  protected readonly most = LONGEST_PROMPT;
  protected readonly count = computed(() => COUNT().format(this.store.edit().text.length));
  protected readonly canCompare = computed(() => Boolean(this.store.prompt()?.draft && this.store.prompt()?.published));
  protected readonly about = computed(() => {
    const prompt = this.store.prompt();
    if (!prompt) return "";
    const { draft, published } = prompt;
    if (!published) return this.t("studio.onlyDraft");
    const values = { next: this.store.nextNumber(), live: published.number };
    return draft || this.store.isDirty() ? this.t("studio.draftAgainst", values) : this.t("studio.isLive", values);
  });
  protected readonly savedBy = computed(() => {
    const draft = this.store.prompt()?.draft;
    return draft ? this.t("studio.savedBy", { name: draft.updatedBy.name, time: fullTime(draft.updatedAt) }) : "";
  });

  constructor() {
    void this.#loadVariables();
    // The comparison follows what is stored.
    effect(() => {
      this.store.prompt();
      untracked(() => void this.compare());
    });
  }

  protected async compare(): Promise<void> {
    const prompt = this.store.prompt();
    if (!prompt?.draft || !prompt.published) {
      this.view.set("edit");
      this.changes.set(null);
      return;
    }
    const query = { from: String(prompt.published.number), to: "draft" };
    const isDone = await this.comparing.run(async () => {
      const { lines, added, removed } = await dataOf(this.#prompts({ id: prompt.id }).diff.get({ query }));
      this.rows.set(numbered(lines));
      this.changes.set({ added, removed });
    });
    // Saved again while it was compared.
    if (isDone && this.store.prompt() !== prompt) await this.compare();
  }

  protected insert(name: string): void {
    const area = this.area()?.nativeElement;
    const { text } = this.store.edit();
    const [start, end] = area ? [area.selectionStart, area.selectionEnd] : [text.length, text.length];
    const put = putAt(text, start, end, `{{${name}}}`);
    this.store.write({ text: put.text });
    if (!area) return;
    // The cursor goes behind what was put in, which is drawn a moment later.
    area.value = put.text;
    area.focus();
    area.setSelectionRange(put.cursor, put.cursor);
  }

  protected async save(event?: Event): Promise<void> {
    event?.preventDefault();
    if (await this.store.save()) this.#toasts.say(this.t("studio.draftSaved"), "check-circle");
  }

  async #loadVariables(): Promise<void> {
    // Awaited: ApiFailure; names can still be typed, and the server checks them.
    const all = await dataOf(this.#prompts.variables.get()).catch(() => []);
    this.variables.set(all.map(({ name, description }) => ({ id: name, text: `{{${name}}}`, detail: description })));
  }
}
