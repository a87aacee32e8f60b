/** The third step: what customers see of the business on WhatsApp. */
import { ChangeDetectionStrategy, Component, inject, input, linkedSignal, signal } from "@angular/core";
import type { ChannelView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type WordKey, Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Toasts } from "../ui/toasts";

type Profile = Partial<Record<"about" | "address" | "description" | "email" | "vertical" | "pictureUrl", string>> & {
  websites?: readonly string[];
};

/** The branches WhatsApp knows. */
const VERTICALS: Readonly<Record<string, WordKey>> = {
  OTHER: "profile.other",
  AUTO: "profile.auto",
  BEAUTY: "profile.beauty",
  APPAREL: "profile.apparel",
  EDU: "profile.edu",
  ENTERTAIN: "profile.entertain",
  EVENT_PLAN: "profile.events",
  FINANCE: "profile.finance",
  GROCERY: "profile.grocery",
  GOVT: "profile.government",
  HOTEL: "profile.hotel",
  HEALTH: "profile.health",
  NONPROFIT: "profile.nonprofit",
  PROF_SERVICES: "profile.services",
  RETAIL: "profile.retail",
  TRAVEL: "profile.travel",
  RESTAURANT: "profile.restaurant",
};

@Component({
  selector: "app-profile-step",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  templateUrl: "./profile-step.html",
})
export class ProfileStep {
  readonly channel = input.required<ChannelView>();
  readonly mayManage = input(true);

  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #toasts = inject(Toasts);
  protected readonly loadDeed = new Deed();
  protected readonly deed = new Deed();
  protected readonly profile = signal<Profile | null>(null);
  protected readonly about = linkedSignal(() => this.profile()?.about ?? "");
  protected readonly description = linkedSignal(() => this.profile()?.description ?? "");
  protected readonly verticals = Object.entries(VERTICALS);
  /** A branch WhatsApp has added since: it stays as it is. */
  protected readonly isKnown = (vertical: string): boolean =>
    vertical === "" || vertical === "UNDEFINED" || vertical in VERTICALS;

  constructor() {
    queueMicrotask(() => void this.load());
  }

  protected async load(): Promise<void> {
    const { id } = this.channel();
    await this.loadDeed.run(async () => this.profile.set(await dataOf(this.#api.calls.channels({ id }).profile.get())));
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const before = this.profile();
    const given = new FormData(event.target as HTMLFormElement);
    const word = (name: string): string => String(given.get(name) ?? "").trim();
    const picture = given.get("picture");
    const { id } = this.channel();
    const isDone = await this.deed.run(async () => {
      const websites = [word("site1"), word("site2")].filter(Boolean);
      const about = word("about");
      const vertical = word("vertical");
      const patch = {
        ...(about && about !== before?.about ? { about } : {}),
        ...changed("address", word("address"), before?.address),
        ...changed("description", word("description"), before?.description),
        ...changed("email", word("email"), before?.email),
        ...(vertical && vertical !== before?.vertical ? { vertical } : {}),
        ...(websites.join() === (before?.websites ?? []).join() ? {} : { websites }),
        ...(picture instanceof File && picture.size > 0 ? { pictureMediaId: await this.#upload(picture) } : {}),
      };
      if (Object.keys(patch).length === 0) return;
      this.profile.set(await dataOf(this.#api.calls.channels({ id }).profile.patch(patch)));
    });
    if (isDone) this.#toasts.say(this.t("profile.saved"), "check-circle");
  }

  async #upload(file: File): Promise<string> {
    const media = await this.#api.uploadMedia(file, {
      filename: file.name,
      type: "image",
      idempotencyKey: crypto.randomUUID(),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    return media.id;
  }
}

const changed = <K extends string>(key: K, value: string, before: string | undefined) =>
  value === (before ?? "") ? {} : ({ [key]: value } as Record<K, string>);
