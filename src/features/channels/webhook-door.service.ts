/** What is to be seen of the webhook's door while a number is set up: its address, and what came to it. */
import type { Knock, Knocks } from "../../channels/whatsapp/knocks";
import type { WebhookDoor } from "./channel.schema";

export interface WebhookDoorService {
  look(): WebhookDoor;
}

/** `publicUrl`: where this installation is reached from outside, when that is known. */
export function createWebhookDoor({
  knocks,
  publicUrl,
}: {
  knocks: Pick<Knocks, "lastAt">;
  publicUrl: string | null;
}): WebhookDoorService {
  const timeOf = (knock: Knock): string | null => {
    const at = knocks.lastAt(knock);
    return at === null ? null : new Date(at).toISOString();
  };
  return {
    look: () => ({
      url: publicUrl === null ? null : `${publicUrl.replace(/\/$/, "")}/api/v2/webhook`,
      verifiedAt: timeOf("verified"),
      wrongVerifyTokenAt: timeOf("wrong-verify-token"),
      receivedAt: timeOf("received"),
      wrongSignatureAt: timeOf("wrong-signature"),
    }),
  };
}
