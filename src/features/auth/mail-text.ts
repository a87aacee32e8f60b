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
