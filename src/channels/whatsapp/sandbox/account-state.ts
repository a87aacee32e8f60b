/** What the sandbox remembers of the business side: kept in its file, changed by the Graph API alone. */
import type { JsonObject } from "../json-value";
import type { StateStore } from "./state-store";

interface AccountState {
  registered: boolean;
  subscribed: boolean;
  overrideUrl: string | null;
  profile: JsonObject;
  /** Handle of the profile picture. */
  pictureHandle: string | null;
  username: string | null;
  blocked: string[];
  automation: JsonObject;
  qrCodes: { code: string; prefilled_message: string }[];
  registrations: number[];
  settings: JsonObject;
}

export interface AccountMemory {
  readonly state: AccountState;
  /** Keeps the change; gives Meta's answer to a write. */
  save(change: Partial<AccountState>): JsonObject;
}

const NOTE = "account";
const first: AccountState = {
  registered: true,
  subscribed: true,
  overrideUrl: null,
  profile: { about: "Sandbox", vertical: "RETAIL" },
  pictureHandle: null,
  username: null,
  blocked: [],
  automation: {},
  qrCodes: [],
  registrations: [],
  settings: {},
};

export function openAccountMemory(store: StateStore): AccountMemory {
  const kept = store.note(NOTE);
  const state: AccountState = { ...first, ...(kept ? (JSON.parse(kept) as Partial<AccountState>) : {}) };
  return {
    state,
    save(change) {
      Object.assign(state, change);
      store.setNote(NOTE, JSON.stringify(state));
      return { success: true };
    },
  };
}
