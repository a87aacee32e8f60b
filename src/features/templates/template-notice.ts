/** What a webhook about a template changes. Pure. */
import type { NoticeEvent } from "../../channels/whatsapp/inbound";
import type { Template } from "./template.model";

export interface TemplateEffect {
  templateId?: string;
  templateName?: string;
  language?: string;
  /** Fields the news changes; `status` counts only when it is not older than what is known. */
  fields: Partial<Template>;
  /** The texts changed: the whole template has to be read again. */
  isStale: boolean;
}

/** Words that mean another status than they say. */
const STATUS_OF: Readonly<Record<string, string>> = { REINSTATED: "APPROVED", UNARCHIVED: "APPROVED" };

/** Null for news that are not about a template. */
export function effectOf(event: NoticeEvent): TemplateEffect | null {
  switch (event.name) {
    case "template:status": {
      const { event: what, category, reason, description, ...ref } = event.payload;
      const status = what ? (STATUS_OF[what] ?? what) : undefined;
      return {
        ...named(ref),
        fields: {
          ...(status ? { status, rejectedReason: status === "APPROVED" ? null : (reason ?? description ?? null) } : {}),
          ...(category ? { category } : {}),
        },
        isStale: false,
      };
    }
    case "template:quality":
      return { ...named(event.payload), fields: event.payload.current ? { quality: event.payload.current } : {}, isStale: false };
    case "template:category": {
      const { current, correct, changesAt } = event.payload;
      // Announced for later: what holds now is the category it still has.
      const holds = changesAt !== undefined && changesAt > event.at ? undefined : (current ?? correct);
      return { ...named(event.payload), fields: holds ? { category: holds } : {}, isStale: false };
    }
    case "template:components":
      return { ...named(event.payload), fields: {}, isStale: true };
    default:
      return null;
  }
}

const named = ({ templateId, templateName, language }: { templateId?: string; templateName?: string; language?: string }) => ({
  ...(templateId ? { templateId } : {}),
  ...(templateName ? { templateName } : {}),
  ...(language ? { language } : {}),
});
