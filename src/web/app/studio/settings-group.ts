/** A group of settings as one card of the workshop edits it: read, saved with the version it was read at, conflicts told. */
import { signal } from "@angular/core";
import { asFailure } from "../api/api-failure";
import { Deed } from "../ui/deed";

export interface GroupState<V> {
  version: number;
  values: V;
}

export class SettingsGroup<V extends object> {
  readonly state = signal<GroupState<V> | null>(null);
  /** What somebody else has saved since. */
  readonly theirs = signal<GroupState<V> | null>(null);
  readonly deed = new Deed();

  constructor(
    private readonly read: () => Promise<GroupState<V>>,
    private readonly write: (change: { version: number; values: Partial<V> }) => Promise<unknown>,
  ) {}

  load(): Promise<boolean> {
    return this.deed.run(async () => {
      this.state.set(await this.read());
      this.theirs.set(null);
    });
  }

  /** Saves these values. On a conflict `theirs` has what is stored now. */
  save(values: Partial<V>): Promise<boolean> {
    const version = this.state()?.version ?? 0;
    return this.deed.run(async () => {
      try {
        await this.write({ version, values });
      } catch (error) {
        // Awaited: ApiFailure; somebody was faster.
        if (asFailure(error).code === "request.stale") this.theirs.set(await this.read());
        throw error;
      }
      this.state.set(await this.read());
      this.theirs.set(null);
    });
  }

  /** Goes on from what is stored now; what is typed is the form's affair. */
  settle(): void {
    const theirs = this.theirs();
    if (theirs) this.state.set(theirs);
    this.theirs.set(null);
    this.deed.failure.set(null);
  }
}
