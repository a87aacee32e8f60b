/** One business number as the adapter needs it: where its Graph API is and which secrets belong to it. */

/** A secret that was replaced. Meta's dashboard and we cannot change in the same instant, so it is believed for a while. */
export interface RetiredSecret {
  kind: "appSecret" | "verifyToken";
  value: string;
  /** Milliseconds since 1970; null: as long as the environment names it. */
  until: number | null;
}

export interface Channel {
  phoneNumberId: string;
  /** The WhatsApp Business Account, owner of templates and webhook subscriptions. */
  wabaId: string;
  /** Digits of the number as people dial it. */
  displayNumber: string;
  name: string;
  /** Base without version, such as https://graph.facebook.com. */
  graphUrl: string;
  /** Such as v26.0. */
  graphVersion: string;
  accessToken: string;
  appSecret: string;
  verifyToken: string;
  /** Believed besides the two above. Absent: none. */
  retired?: readonly RetiredSecret[];
  source: "environment" | "sandbox" | "stored";
}

export const isBelieved = ({ until }: RetiredSecret, now: number): boolean => until === null || now < until;

/** The secrets of this kind that hold at the moment, the newest first. */
export const secretsOf = (
  channel: Pick<Channel, RetiredSecret["kind"] | "retired">,
  kind: RetiredSecret["kind"],
  now: number,
) => [
  channel[kind],
  ...(channel.retired ?? []).filter((one) => one.kind === kind && isBelieved(one, now)).map(({ value }) => value),
];
