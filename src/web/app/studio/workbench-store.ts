/**
 * The prompts and the one on the bench: its stored draft, what is written beside it and not saved yet, and what came of publishing it.
 * Unsaved words outlive a change of the room; somebody else's draft is told and can be taken over.
 */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type {
  NewPrompt,
  PromptPatch,
  PromptView,
  PublicationView,
  VersionRow,
} from "@server/features/ai-prompts/ai-prompt.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { LiveConnection } from "../live/live-connection";
import { Deed } from "../ui/deed";
import { type Edit, editOf, isSameEdit } from "./prompt-edit";
import { UnsavedEdits } from "./unsaved-edits";

@Service({ autoProvided: false })
export class WorkbenchStore {
  readonly #prompts = inject(ApiClient).calls.assistant.prompts;
  readonly #unsaved = inject(UnsavedEdits);
  readonly #all = signal<readonly PromptView[] | null>(null);
  readonly #id = signal<string | null>(null);
  readonly #edit = signal<Edit | null>(null);
  readonly #key = new RequestKey();

  readonly all = this.#all.asReadonly();
  readonly failure = signal<ApiFailure | null>(null);
  readonly prompt = computed(() => this.#all()?.find(({ id }) => id === this.#id()) ?? null);
  /** What stands in the fields. */
  readonly edit = computed(() => this.#edit() ?? editOf(this.prompt()));
  readonly isDirty = computed(() => {
    const edit = this.#edit();
    return edit !== null && !isSameEdit(edit, editOf(this.prompt()));
  });
  readonly nextNumber = computed(() => (this.prompt()?.lastNumber ?? 0) + 1);
  readonly versions = signal<readonly VersionRow[]>([]);
  readonly publication = signal<PublicationView | null>(null);
  /** What somebody else has made of it since it was opened here. */
  readonly theirs = signal<PromptView | null>(null);
  readonly saving = new Deed();
  readonly publishing = new Deed();

  constructor() {
    const live = inject(LiveConnection);
    const off = live.on("assistant-publication:updated", ({ prompt }) => {
      if (prompt === this.#id()) void this.#follow(prompt);
    });
    inject(DestroyRef).onDestroy(off);
  }

  async load(): Promise<void> {
    this.failure.set(null);
    try {
      this.#all.set(await dataOf(this.#prompts.get()));
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      this.failure.set(asFailure(error));
    }
  }

  /** Puts a prompt on the bench. */
  open(id: string): void {
    this.#id.set(id);
    this.#edit.set(this.#unsaved.of(id));
    this.theirs.set(null);
    this.versions.set([]);
    this.publication.set(null);
    this.saving.failure.set(null);
    this.publishing.failure.set(null);
    void this.#follow(id);
    void this.loadVersions();
  }

  write(change: Partial<Edit>): void {
    const edit = { ...this.edit(), ...change };
    this.#keep(isSameEdit(edit, editOf(this.prompt())) ? null : edit);
  }

  /** Forgets what is not saved. */
  undo(): void {
    this.#keep(null);
    this.theirs.set(null);
    this.saving.failure.set(null);
  }

  /** Saves the draft; a conflict brings what the other one has made of it. */
  async save(): Promise<boolean> {
    const before = this.prompt();
    if (!before) return false;
    const { text, model, note } = this.edit();
    const body = { version: before.version, text, model: model.trim() || null, note: note.trim() };
    return this.saving.run(async () => {
      try {
        this.#put(await dataOf(this.#prompts({ id: before.id }).draft.put(body)));
        this.#keep(null);
        this.theirs.set(null);
      } catch (error) {
        // Awaited: ApiFailure; somebody was faster.
        if (asFailure(error).code === "request.stale") await this.#showTheirs(before.id);
        throw error;
      }
    });
  }

  /** Goes on with what somebody else has written. */
  takeTheirs(): void {
    const theirs = this.theirs();
    if (theirs) this.#put(theirs);
    this.undo();
  }

  /** Keeps what is written here: the next save goes over theirs. */
  keepMine(): void {
    const theirs = this.theirs();
    const mine = this.edit();
    if (theirs) this.#put(theirs);
    this.#keep(mine);
    this.theirs.set(null);
    this.saving.failure.set(null);
  }

  drop(): Promise<boolean> {
    return this.#change(this.saving, (id) => dataOf(this.#prompts({ id }).draft.delete()), true);
  }

  /** Publishes the stored draft. False when it was refused; still testing: `publication` says how far it is. */
  async publish(): Promise<boolean> {
    const before = this.prompt();
    if (!before) return false;
    const isDone = await this.publishing.run(async () => {
      const { publication, ...prompt } = await dataOf(this.#prompts({ id: before.id }).publish.post({ version: before.version }));
      this.#put(prompt);
      this.publication.set(publication);
    });
    if (!isDone) await this.#follow(before.id);
    await this.loadVersions();
    return isDone;
  }

  rollBack(number: number): Promise<boolean> {
    const version = this.prompt()?.version;
    return this.#change(this.publishing, (id) => dataOf(this.#prompts({ id })["roll-back"].post({ number, ...known(version) })));
  }

  patch(deed: Deed, change: PromptPatch): Promise<boolean> {
    const version = this.prompt()?.version;
    return this.#change(deed, (id) => dataOf(this.#prompts({ id }).patch({ ...change, ...known(version) })));
  }

  /** Gives the id of the new one. Throws ApiFailure. */
  async create(prompt: NewPrompt): Promise<string> {
    const made = await this.#key.send(prompt, (headers) => dataOf(this.#prompts.post(prompt, { headers })));
    this.#put(made);
    return made.id;
  }

  async remove(deed: Deed): Promise<boolean> {
    const id = this.#id();
    if (id === null || !(await deed.run(() => dataOf(this.#prompts({ id }).delete())))) return false;
    this.#unsaved.keep(id, null);
    this.#id.set(null);
    this.#all.update((all) => all?.filter((one) => one.id !== id) ?? null);
    return true;
  }

  async loadVersions(): Promise<void> {
    const id = this.#id();
    if (id === null) return;
    // Awaited: ApiFailure; the list of versions stays empty then, and its dialog asks again.
    const rows = await dataOf(this.#prompts({ id }).versions.get()).catch(() => null);
    if (rows && id === this.#id()) this.versions.set(rows);
  }

  async #change(deed: Deed, call: (id: string) => Promise<PromptView>, isDraft = false): Promise<boolean> {
    const id = this.#id();
    if (id === null) return false;
    const isDone = await deed.run(async () => {
      try {
        this.#put(await call(id));
      } catch (error) {
        // Awaited: ApiFailure; what it is now is shown beside the refusal.
        if (asFailure(error).code === "request.stale") this.#put(await dataOf(this.#prompts({ id }).get()));
        throw error;
      }
    });
    if (isDone && isDraft) this.undo();
    if (isDone) await this.loadVersions();
    return isDone;
  }

  async #showTheirs(id: string): Promise<void> {
    // Awaited: ApiFailure: it was deleted meanwhile; the refusal itself is shown then.
    this.theirs.set(await dataOf(this.#prompts({ id }).get()).catch(() => null));
  }

  async #follow(id: string): Promise<void> {
    // Awaited: ApiFailure; how far the tests are is told again by the next event.
    const publication = await dataOf(this.#prompts({ id }).publication.get()).catch(() => null);
    if (id !== this.#id()) return;
    this.publication.set(publication);
    if (publication?.state !== "published" || !this.prompt()?.draft) return;
    // Its tests have just come out well: the draft is live now.
    const prompt = await dataOf(this.#prompts({ id }).get()).catch(() => null);
    if (prompt) this.#put(prompt);
    await this.loadVersions();
  }

  #put(prompt: PromptView): void {
    this.#all.update((all) =>
      [...(all ?? []).filter(({ id }) => id !== prompt.id), prompt].sort((a, b) => a.name.localeCompare(b.name)),
    );
  }

  #keep(edit: Edit | null): void {
    this.#edit.set(edit);
    const id = this.#id();
    if (id !== null) this.#unsaved.keep(id, edit);
  }
}

const known = (version: number | undefined) => (version === undefined ? {} : { version });
