/** What a notification says, in the language of its device. Pure. */

export const PUSH_KINDS = ["mention", "assignment", "message"] as const;
export type PushKind = (typeof PUSH_KINDS)[number];
export type PushLanguage = "en" | "es" | "pt";

/** What the service worker shows. */
export interface Notice {
  title: string;
  body: string;
  /** Opened by a click. */
  url: string;
  /** A newer one of the same tag takes the place of an older one. */
  tag: string;
}

const TITLES: Record<PushKind | "test", Record<PushLanguage, string>> = {
  mention: { en: "You were mentioned: {name}", es: "Te mencionaron: {name}", pt: "Você foi mencionado: {name}" },
  assignment: { en: "Assigned to you: {name}", es: "Te asignaron: {name}", pt: "Atribuída a você: {name}" },
  message: { en: "{name}", es: "{name}", pt: "{name}" },
  test: { en: "Notifications work", es: "Las notificaciones funcionan", pt: "As notificações funcionam" },
};

/** Lock screens show little, and push services take 4,096 bytes. */
const MOST = 160;

export interface NoticeFacts {
  kind: PushKind | "test";
  language: PushLanguage;
  /** The customer. */
  name: string;
  text: string;
  conversation: string | null;
}

export function noticeOf({ kind, language, name, text, conversation }: NoticeFacts): Notice {
  const plain = text.replace(/\s+/g, " ").trim();
  return {
    title: TITLES[kind][language].replace("{name}", () => name.slice(0, 80)),
    body: plain.length > MOST ? `${plain.slice(0, MOST - 1)}…` : plain,
    url: conversation ? `/conversations/${conversation}` : "/",
    tag: conversation ? `conversation-${conversation}` : kind,
  };
}
