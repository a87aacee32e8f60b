/** One business number as the adapter needs it: where its Graph API is and which secrets belong to it. */

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
  source: "environment" | "sandbox" | "stored";
}
