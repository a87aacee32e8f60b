/** What the mails say. */
import type { Mail } from "./mailer";

interface Facts {
  name: string;
  link: string;
  expiresAt: Date;
}

const until = (at: Date): string => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

export const invitationMail = ({ name, link, expiresAt }: Facts): Omit<Mail, "to"> => ({
  subject: "You are invited to Chasqui",
  text: `Hello ${name},

a colleague has invited you to answer customers with Chasqui. Open this link to choose your name and password:

${link}

It works once, until ${until(expiresAt)}. If you did not expect it, do nothing.
`,
});

export const resetMail = ({ name, link, expiresAt }: Facts): Omit<Mail, "to"> => ({
  subject: "Your new Chasqui password",
  text: `Hello ${name},

somebody asked for a new password for you. If it was you, open this link to choose one:

${link}

It works once, until ${until(expiresAt)}. If it was not you, do nothing: your password stays as it is.
`,
});

/** What is told of one's own account: subject and sentence. */
export const NOTICES = {
  "password-changed": ["Your password was changed", "your password for Chasqui was changed. Your other devices were signed out."],
  "password-reset": ["Your password was set anew", "your password for Chasqui was set anew. All your devices were signed out."],
  "factor-added": ["A second factor was added", "an authenticator app was added to your sign-in."],
  "factor-removed": ["Your second factor was removed", "your sign-in does not ask for a code of an authenticator app any more."],
  "recovery-renewed": ["New recovery codes were made", "you have new recovery codes. The old ones do not count any more."],
  "new-device": [
    "A new device has signed in",
    "somebody has signed in to your account from a device or a place that was not there before.",
  ],
} as const satisfies Record<string, readonly [subject: string, sentence: string]>;

interface NoticeFacts {
  name: string;
  from: { device: string; address: string } | null;
  at: Date;
  app: string;
}

export function noticeMail(notice: keyof typeof NOTICES, { name, from, at, app }: NoticeFacts): Omit<Mail, "to"> {
  const [subject, sentence] = NOTICES[notice];
  const where = from ? `With ${from.device}, from the address ${from.address}` : "By an administrator";
  return {
    subject: `Chasqui: ${subject}`,
    text: `Hello ${name},

${sentence}

${where}, ${until(at)}.

If it was you, there is nothing to do. If it was not: tell your administrator, and set a new password at ${app}.
`,
  };
}
