/** Choosing an approved template, filling it in, and seeing how it will read. In the composer when the window is closed, else in a dialog. */

import { NgTemplateOutlet } from "@angular/common";
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, viewChild } from "@angular/core";
import type { TemplateView } from "@server/events/view";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { foldedText } from "../ui/folded-text";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { messageOf, missingIn, piecesOf, variableKey, whyNot } from "./template-text";

type Outgoing = { message: Extract<NewMessage, { type: "template" }>; text: string };

@Component({
  selector: "app-template-picker",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, Modal, NgTemplateOutlet],
  templateUrl: "./template-picker.html",
})
export class TemplatePicker {
  readonly to = input.required<string>();
  readonly inDialog = input(false);
  readonly closed = output();
  readonly chosen = output<Outgoing>();

  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  protected readonly modal = viewChild(Modal);
  protected readonly templates = signal<readonly TemplateView[] | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly query = signal("");
  readonly #chosenId = signal<string | null>(null);
  readonly #values = signal<ReadonlyMap<string, string>>(new Map());
  /** Empty fields are named once somebody has tried to send. */
  protected readonly hasTried = signal(false);

  protected readonly found = computed(() => {
    const wanted = foldedText(this.query());
    return (this.templates() ?? []).filter(({ name, body }) => foldedText(`${name} ${body}`).includes(wanted));
  });
  protected readonly current = computed(() => this.found().find(({ id }) => id === this.#chosenId()) ?? this.found()[0] ?? null);
  protected readonly obstacle = computed(() => {
    const template = this.current();
    return template ? whyNot(template) : null;
  });
  protected readonly missing = computed(() => {
    const template = this.current();
    return new Set(template ? missingIn(template, this.#values()).map(variableKey) : []);
  });
  protected readonly canSend = computed(() => this.current() !== null && this.obstacle() === null && this.missing().size === 0);
  protected readonly keyOf = variableKey;
  protected readonly pieces = piecesOf;
  protected readonly values = this.#values.asReadonly();

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      const all: TemplateView[] = [];
      let cursor: string | undefined;
      do {
        const page = await this.#api.listTemplates(cursor);
        all.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor);
      this.templates.set(all);
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      this.failure.set(asFailure(error));
    }
  }

  protected choose(template: TemplateView): void {
    this.#chosenId.set(template.id);
    this.#values.set(new Map());
    this.hasTried.set(false);
  }

  protected fill(key: string, value: string): void {
    this.#values.update((known) => new Map(known).set(key, value));
  }

  protected send(event: Event): void {
    event.preventDefault();
    const template = this.current();
    this.hasTried.set(true);
    if (!template || !this.canSend()) return;
    const text = this.pieces(template.body, "body", this.#values())
      .map((piece) => piece.text)
      .join("");
    this.chosen.emit({ message: messageOf(template, this.#values()), text });
  }
}
