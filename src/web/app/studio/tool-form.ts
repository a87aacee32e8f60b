/** A tool of the assistant: what the model is told about it, and the request it becomes. A secret goes in and never comes out. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, signal, untracked } from "@angular/core";
import type { ToolView } from "@server/features/ai-tools/ai-tool.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { type WordKey, Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Toasts } from "../ui/toasts";
import { fieldsOf, METHODS, NEW_PARAMETER, PARAMETER_TYPES, type Parameter, type ToolFields, toolFrom } from "./tool-fields";

const TYPE_WORDS: Record<Parameter["type"], WordKey> = {
  text: "attributes.text",
  number: "attributes.number",
  boolean: "attributes.boolean",
  date: "attributes.date",
};

@Component({
  selector: "app-tool-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  templateUrl: "./tool-form.html",
})
export class ToolForm {
  /** Null: a new one. */
  readonly tool = input<ToolView | null>(null);
  readonly saved = output<ToolView>();
  readonly closed = output();
  protected readonly t = inject(Words).t;
  readonly #tools = inject(ApiClient).calls.assistant.tools;
  readonly #toasts = inject(Toasts);
  readonly #key = new RequestKey();
  protected readonly deed = new Deed();
  protected readonly fields = signal<ToolFields>(fieldsOf(null));
  protected readonly theirs = signal<ToolView | null>(null);
  readonly #version = signal(0);
  readonly #id = computed(() => this.tool()?.id ?? null);
  protected readonly methods = METHODS;
  protected readonly types = PARAMETER_TYPES;
  protected readonly typeWord = (type: Parameter["type"]): WordKey => TYPE_WORDS[type];

  constructor() {
    // Another one is another form; the same one read again leaves what is being written alone.
    effect(() => {
      this.#id();
      untracked(() => this.fill(this.tool()));
    });
    // Switched on or off beside the form: what is written stays and goes on from there.
    effect(() => this.#version.set(this.tool()?.version ?? 0));
  }

  protected fill(tool: ToolView | null): void {
    this.fields.set(fieldsOf(tool));
    this.#version.set(tool?.version ?? 0);
    this.theirs.set(null);
    this.deed.failure.set(null);
  }

  protected write(change: Partial<ToolFields>): void {
    this.fields.update((fields) => ({ ...fields, ...change }));
  }

  protected writeParameter(at: number, change: Partial<Parameter>): void {
    this.write({ parameters: this.fields().parameters.map((one, index) => (index === at ? { ...one, ...change } : one)) });
  }

  protected writeOptions(at: number, text: string): void {
    const options = text
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean);
    this.writeParameter(at, { options });
  }

  protected addParameter(): void {
    this.write({ parameters: [...this.fields().parameters, NEW_PARAMETER] });
  }

  protected removeParameter(at: number): void {
    this.write({ parameters: this.fields().parameters.filter((_, index) => index !== at) });
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const id = this.#id();
    const tool = toolFrom(this.fields());
    let made: ToolView | null = null;
    const isDone = await this.deed.run(async () => {
      try {
        made = id
          ? await dataOf(this.#tools({ id }).patch({ ...tool, version: this.#version() }))
          : await this.#key.send(tool, (headers) => dataOf(this.#tools.post(tool, { headers })));
      } catch (error) {
        // Awaited: ApiFailure; somebody was faster.
        if (id && asFailure(error).code === "request.stale") this.theirs.set(await dataOf(this.#tools({ id }).get()));
        throw error;
      }
    });
    if (!isDone || !made) return;
    this.fill(made);
    this.#toasts.say(this.t("settings.saved"), "check-circle");
    this.saved.emit(made);
  }

  protected keepMine(other: ToolView): void {
    this.#version.set(other.version);
    this.theirs.set(null);
    this.deed.failure.set(null);
  }

  protected async forgetSecret(): Promise<void> {
    const id = this.#id();
    if (!id) return;
    await this.deed.run(async () => {
      const made = await dataOf(this.#tools({ id }).patch({ version: this.#version(), secret: null }));
      this.#version.set(made.version);
      this.saved.emit(made);
    });
  }
}
