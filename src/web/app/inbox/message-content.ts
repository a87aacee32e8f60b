/** What a message says, each kind in its own way; all of it is text, nothing is markup. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { MessageView } from "@server/events/view";
import { locale } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Avatar } from "../ui/avatar";
import { FormattedText } from "../ui/formatted-text";
import { Icon } from "../ui/icon";
import { MediaAttachment } from "./media-attachment";
import { kindOf } from "./message-kind";
import { cardsOf, chosenOf, offerOf, orderOf, placeOf } from "./message-payload";

@Component({
  selector: "app-message-content",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FormattedText, Icon, MediaAttachment],
  templateUrl: "./message-content.html",
})
export class MessageContent {
  readonly message = input.required<MessageView>();

  protected readonly t = inject(Words).t;
  protected readonly look = computed(() => {
    const { type, attachments } = this.message();
    if (attachments.length > 0 && ["image", "video", "audio", "document", "sticker"].includes(type)) return "file";
    if (type === "note") return "text";
    return ["location", "contacts", "order", "template", "interactive", "button", "text"].includes(type) ? type : "other";
  });
  protected readonly kind = computed(() => kindOf(this.message()));
  /** Words under a file; a document's own name is on it already. */
  protected readonly caption = computed(() => {
    const { content, attachments, type } = this.message();
    return type === "document" && content === attachments[0]?.filename ? "" : content;
  });
  protected readonly place = computed(() => placeOf(this.message()));
  protected readonly mapLink = computed(() => {
    const place = this.place();
    if (!place) return "";
    const at = new URLSearchParams({ mlat: String(place.latitude), mlon: String(place.longitude) });
    return `https://www.openstreetmap.org/?${at}#map=17/${place.latitude}/${place.longitude}`;
  });
  protected readonly cards = computed(() => cardsOf(this.message()));
  protected readonly order = computed(() => orderOf(this.message()));
  protected readonly chosen = computed(() => chosenOf(this.message()));
  protected readonly offer = computed(() => offerOf(this.message()));
  protected readonly unknownName = computed(() => {
    const { payload, type } = this.message();
    const name = [payload.name, payload.subject, payload.rawType].find((one) => typeof one === "string" && one);
    return typeof name === "string" ? name : type;
  });

  protected money(amount: number, currency: string): string {
    try {
      return new Intl.NumberFormat(locale(), { style: "currency", currency }).format(amount);
    } catch {
      // Awaited: RangeError for a currency that is none.
      return `${amount} ${currency}`.trim();
    }
  }
}
