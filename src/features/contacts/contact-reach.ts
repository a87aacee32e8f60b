/** Which contacts exist for somebody: those with a conversation they may see. Given by whoever knows conversations. */
import type { Actor } from "../../core/actor";

export interface ContactReach {
  /** A condition on contacts. Empty for those who see everything. */
  contactFilter(actor: Actor): Promise<Record<string, unknown>>;
  /** Throws `contact.not-found`. */
  assertContact(id: string, actor: Actor): Promise<void>;
}
