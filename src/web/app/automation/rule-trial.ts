/** Tries a rule on a conversation as it is now: which condition holds, and what would be done. Nothing is done. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, signal, untracked } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import type { RuleTestView } from "@server/features/automation-rules/automation-rule.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { listTime } from "../ui/time-text";
import { AutomationText } from "./automation-text";
import { withPlaces } from "./failure-places";
import { actionsOf, checksIn, conditionsOf, type RuleDraft } from "./rule-draft";

/** So many of the newest conversations can be chosen. */
const MOST = 100;

@Component({
  selector: "app-rule-trial",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, MenuButton],
  template: `
    <div class="card-head">
      <h2 class="grow">{{ t("trial.heading") }}</h2>
      <app-menu-button icon="beaker" iconSize="icon-m" look="btn" [hasText]="true" [label]="t('trial.choose')" [items]="items()" (chosen)="try($event)">{{ t("trial.choose") }}</app-menu-button>
    </div>
    <p class="card-text">{{ t("trial.text") }}</p>
    @if (failure(); as refused) {
      <app-failure-note [failure]="refused" />
    }
    @if (result(); as shown) {
      <div class="trial" role="status" [attr.data-matched]="shown.answer.matched">
        <p class="trial-verdict" [class]="shown.answer.matched ? 'chip-success' : 'chip-warning'"><app-icon [name]="shown.answer.matched ? 'check-circle' : 'x-circle'" size="icon-m" /><span class="min-w-0" dir="auto">{{ t(shown.answer.matched ? "trial.matched" : "trial.unmatched", { name: shown.name }) }}</span></p>
        @if (shown.said; as said) {
          <p class="meta clip" dir="auto">{{ t("trial.with", { text: said }) }}</p>
        }
        @if (shown.answer.checks.length > 0) {
          <ul class="trial-checks">
            @for (check of shown.answer.checks; track $index) {
              <li><span [class]="check.holds ? 'text-success' : 'text-danger'"><app-icon [name]="check.holds ? 'check' : 'close'" size="icon-m" /><span class="sr-only">{{ t(check.holds ? "rule.holds" : "rule.holdsNot") }}</span></span><span class="min-w-0" dir="auto">{{ text.check(check) }} <span class="meta">{{ t("trial.was", { value: text.value(check.field, check.actual) }) }}</span></span></li>
            }
          </ul>
        } @else {
          <p class="card-text">{{ t("rule.always") }}</p>
        }
        <h3 class="label">{{ t(shown.answer.matched ? "trial.would" : "trial.wouldIf") }}</h3>
        <ol class="trial-steps">
          @for (line of shown.does; track $index) {
            <li dir="auto">{{ line }}</li>
          }
        </ol>
      </div>
    }
  `,
})
export class RuleTrial {
  readonly draft = input.required<RuleDraft>();
  /** Set while the draft says what is stored: then the stored rule itself is asked. */
  readonly stored = input<string | null>(null);
  /** Whether each comparison held, by its key; empty once the conditions have been changed. */
  readonly marked = output<ReadonlyMap<number, boolean>>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly text = inject(AutomationText);
  readonly #api = inject(ApiClient);
  readonly #now = inject(Ticker).now;
  readonly #deed = new Deed();
  readonly #conversations = signal<readonly ConversationView[]>([]);
  protected readonly result = signal<{ name: string; said: string | null; answer: RuleTestView; does: readonly string[] } | null>(
    null,
  );
  protected readonly failure = computed(() => {
    const failure = this.#deed.failure();
    return failure && withPlaces(failure, this.words);
  });
  protected readonly items = computed((): MenuItem[] =>
    this.#conversations().map(({ id, contact, lastMessageAt }) => ({
      id,
      text: contact.name,
      icon: "inbox",
      detail: listTime(lastMessageAt, this.#now()),
    })),
  );
  readonly #asked = computed(() => JSON.stringify(conditionsOf(this.draft().conditions)));

  constructor() {
    void this.#deed.run(async () => this.#conversations.set((await this.#api.listConversations({ limit: MOST })).items));
    // What was true of other conditions says nothing about these.
    effect(() => {
      this.#asked();
      untracked(() => {
        if (this.result() === null) return;
        this.result.set(null);
        this.marked.emit(new Map());
      });
    });
  }

  protected async try(conversation: string): Promise<void> {
    const draft = this.draft();
    const stored = this.stored();
    const rules = this.#api.calls["automation-rules"];
    await this.#deed.run(async () => {
      const answer = await (stored
        ? dataOf(rules({ id: stored }).test.post({ conversation }))
        : dataOf(rules.test.post({ conversation, conditions: conditionsOf(draft.conditions) })));
      const name = this.#conversations().find(({ id }) => id === conversation)?.contact.name ?? "?";
      const said = answer.message && (await this.#said(conversation, answer.message));
      this.result.set({ name, said, answer, does: actionsOf(draft.steps).map((action) => this.text.action(action)) });
      this.marked.emit(new Map(checksIn(draft.conditions).map(({ key }, at) => [key, answer.checks[at]?.holds ?? false])));
    });
  }

  /** The words of the message that was looked at. */
  async #said(conversation: string, message: string): Promise<string | null> {
    const { items } = await this.#api.listMessages(conversation, { limit: 50 });
    return items.find(({ id }) => id === message)?.content || null;
  }
}
