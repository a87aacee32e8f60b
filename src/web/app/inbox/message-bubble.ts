/** One message of a thread: who spoke is seen before it is read. */
import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";
import type { MessageView } from "@server/events/view";
import { FormattedText } from "../ui/formatted-text";
import { Icon } from "../ui/icon";
import { Ticks } from "../ui/ticks";
import { clockTime, fullTime } from "../ui/time-text";
import { kindOf } from "./message-kind";
import { RunLine } from "./run-line";

@Component({
  selector: "app-message-bubble",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FormattedText, Icon, RunLine, Ticks],
  templateUrl: "./message-bubble.html",
  host: {
    class: "msg",
    "[class.msg-out]": "isOut()",
    "[class.msg-ai]": "message().role === 'assistant'",
    "[class.msg-failed]": "message().delivery?.state === 'failed'",
    "[class.msg-continues]": "continues()",
    "[class.msg-note]": "message().private",
    "[class.msg-event]": "message().role === 'system'",
    "[attr.data-role]": "message().role",
    "[attr.data-id]": "message().id",
    "[attr.data-delivery]": "message().delivery?.state",
  },
})
export class MessageBubble {
  readonly message = input.required<MessageView>();
  readonly continues = input(false);
  /** Name of the person who wrote it, when it was not the signed-in agent. */
  readonly author = input<string | null>(null);

  protected readonly isOut = computed(() => this.message().direction === "outbound");
  protected readonly time = computed(() => clockTime(this.message().sentAt));
  protected readonly fullTime = computed(() => fullTime(this.message().sentAt));
  /** What the kind is called when the message is not plain text. */
  protected readonly kind = computed(() => kindOf(this.message()));

  /** Who spoke, above the first bubble of a burst; customers need no name, they are the only ones on the left. */
  protected readonly by = computed(() => {
    const { role, aiRun } = this.message();
    if (this.continues() || role === "user") return null;
    if (role === "operator") return this.author() ?? "Agent";
    const fragments = aiRun?.fragments ?? 1;
    return fragments > 1 ? `Assistant · ${fragments} messages answered as one` : "Assistant";
  });

  protected readonly reactions = computed(() =>
    this.message()
      .reactions.map(({ emoji }) => emoji)
      .join(" "),
  );
  protected readonly reactionsTitle = computed(() =>
    this.message()
      .reactions.map(({ emoji, by }) => `${emoji} ${by === "customer" ? "customer" : "business"}`)
      .join(", "),
  );

  /** Why it did not arrive, in the provider's words with its code. */
  protected readonly trouble = computed(() => {
    const delivery = this.message().delivery;
    if (delivery?.state === "unknown") return "Sent? WhatsApp has not confirmed it yet.";
    if (delivery?.state === "cancelled") return "Not sent: a person answered first.";
    if (delivery?.state !== "failed") return null;
    const { error } = delivery;
    if (!error) return "Not delivered.";
    return `Not delivered: ${error.message}${error.details ? ` ${error.details}` : ""} (${error.code})`;
  });
}
