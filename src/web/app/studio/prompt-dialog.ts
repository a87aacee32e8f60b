/** A prompt's name, and where and when it answers: for a new one and for one that is there. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, viewChild } from "@angular/core";
import type { ChannelView } from "@server/events/view";
import type { NewPrompt, PromptView } from "@server/features/ai-prompts/ai-prompt.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";
import { SureButton } from "../ui/sure-button";
import { WorkbenchStore } from "./workbench-store";

type Place = Pick<PromptView, "name" | "channels" | "teams" | "when" | "between" | "isPaused">;

@Component({
  selector: "app-prompt-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal, SureButton],
  templateUrl: "./prompt-dialog.html",
})
export class PromptDialog {
  /** Null: a new one. */
  readonly prompt = input<PromptView | null>(null);
  readonly closed = output();
  /** The id of the one that was made. */
  readonly created = output<string>();
  readonly removed = output();
  protected readonly t = inject(Words).t;
  protected readonly store = inject(WorkbenchStore);
  protected readonly directory = inject(Directory);
  protected readonly modal = viewChild(Modal);
  protected readonly deed = new Deed();
  protected readonly channels = signal<readonly ChannelView[]>([]);
  protected readonly hasHours = signal<boolean | null>(null);
  protected readonly zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  protected readonly showsHours = computed(() => this.hasHours() ?? this.prompt()?.between != null);
  protected readonly heading = computed(() => this.t(this.prompt() ? "studio.place" : "studio.newPrompt"));

  constructor() {
    const calls = inject(ApiClient).calls;
    if (inject(Permissions).may("channels.read"))
      // Awaited: ApiFailure; without their names nothing is chosen by number.
      void dataOf(calls.channels.get({ query: { limit: 100 } })).then(
        (all) => this.channels.set(all),
        () => this.channels.set([]),
      );
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const place = this.#placeOf(form);
    const isDone = this.prompt()
      ? await this.store.patch(this.deed, place)
      : await this.deed.run(async () => {
          const prompt: NewPrompt = { ...place, text: String(form.get("text") ?? "") };
          this.created.emit(await this.store.create(prompt));
        });
    if (isDone) this.modal()?.close();
  }

  protected async remove(): Promise<void> {
    if (!(await this.store.remove(this.deed))) return;
    this.removed.emit();
    this.modal()?.close();
  }

  #placeOf(form: FormData): Place {
    const word = (name: string) => String(form.get(name) ?? "").trim();
    return {
      name: word("name"),
      // What cannot be chosen here stays as it is.
      channels: this.channels().length > 0 ? form.getAll("channels").map(String) : (this.prompt()?.channels ?? []),
      teams: this.directory.teams().length > 0 ? form.getAll("teams").map(String) : (this.prompt()?.teams ?? []),
      when: word("when") as Place["when"],
      between: this.showsHours() ? { from: word("from"), to: word("to"), zone: word("zone") } : null,
      isPaused: form.get("isPaused") !== null,
    };
  }
}
