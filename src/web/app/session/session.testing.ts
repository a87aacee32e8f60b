/** A session as tests need it: signed in or out by a word, renewals counted. */
import { computed, signal } from "@angular/core";
import type { AgentView } from "@server/events/view";

export const testAgent: AgentView = {
  id: "a".repeat(24),
  name: "Lucía Paredes",
  email: "lucia@tienda.example",
  role: "admin",
  teams: [],
  capacity: null,
  status: "active",
  hasSecondFactor: false,
};

export class TestSession {
  readonly agent = signal<AgentView | null>(testAgent);
  readonly isSignedIn = computed(() => this.agent() !== null);
  readonly hasExpired = signal(false);
  accessToken: string | null = "token-1";
  renewals = 0;
  /** What the next renewal answers. */
  canRenew = true;

  hasSingleSignOn = async (): Promise<boolean> => false;

  async renew(): Promise<boolean> {
    this.renewals++;
    if (this.canRenew) this.accessToken = `token-${this.renewals + 1}`;
    else this.agent.set(null);
    return this.canRenew;
  }
}
