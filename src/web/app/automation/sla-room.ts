/** Promises of service in their order: the first one that fits a conversation holds for it. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  type ElementRef,
  inject,
  signal,
  viewChild,
} from "@angular/core";
import type { PolicyView } from "@server/features/sla/sla.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Toasts } from "../ui/toasts";
import { AutomationChoices } from "./automation-choices";
import { AutomationProblems } from "./automation-problems";
import { AutomationText } from "./automation-text";
import { ConflictNote } from "./conflict-note";
import { withPlaces } from "./failure-places";
import { LeaveDialog } from "./leave-dialog";
import { type Leavable, LeaveGuard } from "./leave-guard";
import { moved } from "./rule-draft";
import { blankPolicy, isSamePolicy, type PolicyDraft, policyDraftOf, policyOf, SLA_TIMES } from "./sla-draft";
import { SlaForm } from "./sla-form";

@Component({
  selector: "app-sla-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AutomationProblems, ConflictNote, FailureNote, Icon, LeaveDialog, SlaForm, SureButton],
  templateUrl: "./sla-room.html",
})
export class SlaRoom implements Leavable {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #policies = inject(ApiClient).calls["sla-policies"];
  readonly #choices = inject(AutomationChoices);
  readonly #text = inject(AutomationText);
  readonly #toasts = inject(Toasts);
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("automation.manage"));
  protected readonly deed = new Deed();
  protected readonly saving = new Deed();
  protected readonly policies = signal<readonly PolicyView[]>([]);
  protected readonly isLoaded = signal(false);
  protected readonly draft = signal<PolicyDraft | null>(null);
  protected readonly edited = signal<PolicyView | null>(null);
  protected readonly theirs = signal<PolicyView | null>(null);
  private readonly list = viewChild.required<ElementRef<HTMLElement>>("list");
  protected readonly isChanged = computed(() => {
    const draft = this.draft();
    const edited = this.edited();
    return draft !== null && !isSamePolicy(draft, edited ? policyDraftOf(edited) : blankPolicy());
  });
  readonly leaving = new LeaveGuard(() => this.isChanged());
  protected readonly failure = computed(() => {
    const failure = this.saving.failure();
    return failure && this.theirs() === null ? withPlaces(failure, this.#words) : null;
  });
  protected readonly theirLines = computed(() => {
    const theirs = this.theirs();
    return theirs ? [theirs.name, this.promises(theirs), this.fits(theirs)] : [];
  });

  constructor() {
    void this.reload();
    void this.#choices.load();
    const off = inject(LiveConnection).on("automation:updated", ({ kind }) => {
      if (kind === "sla-policy") void this.reload();
    });
    inject(DestroyRef).onDestroy(off);
  }

  /** What is promised, in one line. */
  protected promises(policy: PolicyView): string {
    return SLA_TIMES.flatMap((time) => {
      const minutes = policy[time];
      return minutes === null ? [] : [this.t(`sla.says.${time}`, { time: this.#text.duration(minutes) })];
    }).join(" · ");
  }

  /** For which conversations, in one line. */
  protected fits({ match }: PolicyView): string {
    const parts = [
      ...match.priorities.map((one) => this.t(`priority.${one}`)),
      ...match.teams.map((id) => this.#choices.teamName(id) ?? this.t("rule.gone")),
      ...match.labels,
      ...match.channels.map((one) => this.#choices.textOf("conversation.channel", one)),
    ];
    return parts.join(", ") || this.t("sla.all");
  }

  protected async open(policy: PolicyView | null): Promise<void> {
    if (!(await this.leaving.mayLeave())) return;
    this.edited.set(policy);
    this.draft.set(policy ? policyDraftOf(policy) : blankPolicy());
    this.theirs.set(null);
    this.saving.failure.set(null);
    requestAnimationFrame(() => document.getElementById("sla-name")?.focus());
  }

  protected async cancel(): Promise<void> {
    if (await this.leaving.mayLeave()) this.#close();
  }

  protected async toggle(policy: PolicyView): Promise<void> {
    const { id, isEnabled, version } = policy;
    await this.#change(() => dataOf(this.#policies({ id }).patch({ isEnabled: !isEnabled, version })));
  }

  /** Only those whose place is another one are told. */
  protected async move(from: number, by: 1 | -1): Promise<void> {
    const id = this.policies()[from]?.id;
    await this.#change(async () => {
      for (const [index, one] of moved(this.policies(), from, by).entries())
        if (one.order !== index + 1) await dataOf(this.#policies({ id: one.id }).patch({ order: index + 1 }));
    });
    requestAnimationFrame(() => {
      const line = this.list().nativeElement.querySelector(`[data-policy="${id}"]`);
      const button = line?.querySelector<HTMLElement>(`[data-move="${by}"]:not([disabled])`);
      (button ?? line?.querySelector<HTMLElement>("[data-move]:not([disabled])"))?.focus();
    });
  }

  protected async remove({ id }: PolicyView): Promise<void> {
    await this.#change(() => dataOf(this.#policies({ id }).delete()));
    if (this.deed.failure()) return;
    if (this.edited()?.id === id) this.#close();
    this.#toasts.say(this.t("sla.removed"), "check-circle");
  }

  protected async save(draft: PolicyDraft, version = this.edited()?.version): Promise<void> {
    const id = this.edited()?.id;
    const policy = policyOf(draft);
    const isDone = await this.saving.run(() =>
      id
        ? dataOf(this.#policies({ id }).patch({ ...policy, ...(version === undefined ? {} : { version }) }))
        : dataOf(this.#policies.post(policy)),
    );
    if (isDone) {
      this.#close();
      this.#toasts.say(this.t("settings.saved"), "check-circle");
      await this.reload();
    } else if (id && this.saving.failure()?.code === "request.stale") {
      // Awaited: ApiFailure when it has gone meanwhile; the refusal is then shown as it is.
      this.theirs.set(await dataOf(this.#policies({ id }).get()).catch(() => null));
    }
  }

  protected takeTheirs(): void {
    const theirs = this.theirs();
    if (!theirs) return;
    this.edited.set(theirs);
    this.draft.set(policyDraftOf(theirs));
    this.theirs.set(null);
    this.saving.failure.set(null);
  }

  protected async keepMine(): Promise<void> {
    const draft = this.draft();
    const version = this.theirs()?.version;
    this.theirs.set(null);
    if (draft) await this.save(draft, version);
  }

  protected async reload(): Promise<void> {
    await this.deed.run(() => this.#load());
  }

  #close(): void {
    this.draft.set(null);
    this.edited.set(null);
    this.theirs.set(null);
  }

  async #change(work: () => Promise<unknown>): Promise<void> {
    await this.deed.run(work);
    const refused = this.deed.failure();
    await this.deed.run(() => this.#load());
    if (refused) this.deed.failure.set(refused);
  }

  async #load(): Promise<void> {
    const all = await dataOf(this.#policies.get());
    this.policies.set([...all].sort((a, b) => a.order - b.order));
    this.isLoaded.set(true);
  }
}
