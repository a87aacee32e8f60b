/** Sends mail by the company's own server. */
import type { Transporter } from "nodemailer";

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface Mailer {
  /** Rejects when the server did not take it. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

const PATIENCE_MS = 15_000;

/** `url` is smtp://user:password@host:port, or smtps:// for TLS from the start. */
export function createMailer({ url, from }: { url: string; from: string }): Mailer {
  let transport: Promise<Transporter> | null = null;

  /** Loaded with the first mail: most installations send none. */
  async function open(): Promise<Transporter> {
    const { createTransport } = await import("nodemailer");
    return createTransport(
      { url, connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS, disableFileAccess: true },
      { from },
    );
  }

  return {
    async send({ to, subject, text }) {
      transport ??= open();
      // As an object: an address is never read as a list or with a display name of its own.
      await (await transport).sendMail({ to: { name: "", address: to }, subject, text });
    },
    close: () => void transport?.then((opened) => opened.close()),
  };
}
