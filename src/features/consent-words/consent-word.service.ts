/** Hears STOP, BAJA, SAIR and the words to come back: they are decided upon while the message is stored, and nobody else answers them. */
import type { Clock } from "../../core/clock";
import type { ContactService } from "../contacts/contact.service";
import type { ContactEditService } from "../contacts/contact-edit.service";
import type { MessageService } from "../messages/message.service";
import { type AutomaticMessageService, pickText } from "../messages/message-automatic.service";
import type { SettingsService } from "../settings/setting.service";
import { consentSettings } from "./consent-settings";
import type { Incoming, Interception } from "./interception";

export type { Incoming, Intercept, Interception } from "./interception";

export interface ConsentWordService {
  /** What a message means for the customer's consent; null for any other message. */
  intercept(incoming: Incoming): Interception | null;
}

export interface ConsentWordDeps {
  settings: Pick<SettingsService, "get">;
  contacts: Pick<ContactService, "getContact" | "saveContact">;
  edits: Pick<ContactEditService, "note">;
  messages: Pick<MessageService, "addActivity">;
  automatic: AutomaticMessageService;
  clock: Clock;
}

export function createConsentWordService(deps: ConsentWordDeps): ConsentWordService {
  const { settings, contacts, edits, messages, automatic, clock } = deps;
  return {
    intercept({ type, text, contact }) {
      if (type !== "text" && type !== "button" && type !== "interactive") return null;
      const { isEnabled, stopWords, startWords, scope, isConfirmed, stopTexts, startTexts } = settings.get(consentSettings);
      const word = plainWord(text);
      if (!isEnabled || word === "") return null;
      const isOut = Boolean(contact.optedOutAt);
      const leaves = !isOut && stopWords.some((one) => plainWord(one) === word);
      const returns = isOut && startWords.some((one) => plainWord(one) === word);
      if (!leaves && !returns) return null;
      return async ({ conversation, message }, change) => {
        const current = await contacts.getContact(contact._id, change.session);
        const at = new Date(clock.now());
        Object.assign(current, {
          optedOutAt: leaves ? at : null,
          optedInAt: leaves ? null : at,
          optOutScope: leaves ? scope : null,
          optOutSource: "keyword",
          preferenceAt: at,
        });
        await contacts.saveContact(current, change);
        const detail = { source: "keyword", word: text.trim().slice(0, 60), ...(leaves ? { scope } : {}) };
        await edits.note({ contact: current._id, kind: leaves ? "opted-out" : "opted-in", by: "customer", detail }, change);
        const line = leaves ? "The customer does not want these messages any more" : "The customer wants messages again";
        await messages.addActivity(conversation, `${line} ("${detail.word}")`, `consent:${message}`, change, {
          payload: { kind: leaves ? "opted-out" : "opted-in", ...detail },
        });
        const answer = pickText(leaves ? stopTexts : startTexts, conversation.channel, current);
        if (isConfirmed && answer)
          await automatic.say({ conversation, contact: current, text: answer, sourceId: `consent:${message}` }, change);
      };
    },
  };
}

/** Without case, accents and anything but letters and digits around the words. */
const plainWord = (text: string): string =>
  text
    .slice(0, 200)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
