/** The fake phones of the sandbox: which exist, which lie on the table, which one is in the hand. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { LiveConnection } from "../live/live-connection";
import { NO_PHONES, type PhoneRow, roomFor, seen } from "./phone-row";
import { type NewPhone, type Phone, type PhonePatch, readPhoneChange, type SandboxView } from "./phone-view";

@Service({ autoProvided: false })
export class SandboxStore {
  readonly #api = inject(ApiClient);
  readonly #live = inject(LiveConnection);

  readonly #view = signal<SandboxView | null>(null);
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #changeFailure = signal<ApiFailure | null>(null);
  readonly #row = signal<PhoneRow>(NO_PHONES);
  readonly #room = signal(roomFor(innerWidth));
  readonly #news = signal<ReadonlySet<string>>(new Set());

  readonly business = computed(() => this.#view()?.business ?? null);
  readonly phones = computed(() => this.#view()?.phones ?? []);
  readonly isLoaded = computed(() => this.#view() !== null);
  /** Why the sandbox could not be loaded: `sandbox.off` when it is switched off. */
  readonly failure = this.#failure.asReadonly();
  /** Why the phone in the hand could not be changed. */
  readonly changeFailure = this.#changeFailure.asReadonly();
  readonly row = this.#row.asReadonly();
  /** How many phones are seen at once at most. */
  readonly room = this.#room.asReadonly();
  /** The one in the hand: the inbox and the switches follow it. */
  readonly phone = computed(() => this.#phoneOf(this.#row().inHand));
  readonly shown = computed(() =>
    seen(this.#row(), this.#room())
      .map((id) => this.#phoneOf(id))
      .filter((phone) => phone !== null),
  );
  /** Phones that got a message while they were not seen. */
  readonly news = this.#news.asReadonly();

  constructor() {
    const offs = [
      this.#live.subscribe("sandbox"),
      this.#live.on("phone:changed", ({ phone, change }) => {
        const told = readPhoneChange(change);
        if (told?.kind === "phone") this.#put(told.phone);
        else if (told?.kind === "message" && told.message.from === "business" && !this.#isSeen(phone))
          this.#news.update((news) => new Set(news).add(phone));
      }),
      this.#live.onOpen(() => void this.load()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  /** A failure stays in sight until a later try went well: the page does not flicker when the connection comes back. */
  async load(): Promise<void> {
    try {
      this.#view.set(await this.#api.getSandbox());
      this.#failure.set(null);
    } catch (error) {
      // Awaited: ApiFailure; `sandbox.off` gets a page of its own.
      this.#failure.set(asFailure(error));
    }
  }

  /** Lays these phones on the table. */
  lay(row: PhoneRow): void {
    if (row.inHand !== this.#row().inHand) this.#changeFailure.set(null);
    this.#row.set(row);
    this.#forgetSeen();
  }

  /** The window has room for so many from now on. */
  setRoom(room: number): void {
    this.#room.set(room);
    this.#forgetSeen();
  }

  /** Creates a phone and answers it; throws ApiFailure for the form to show. */
  async create(phone: NewPhone): Promise<Phone> {
    const created = await this.#api.createPhone(phone);
    this.#put(created);
    return created;
  }

  /** Online or offline, reads or not: shown at once, taken back when refused. */
  async change(patch: PhonePatch): Promise<void> {
    const before = this.phone();
    if (!before) return;
    this.#changeFailure.set(null);
    this.#put({ ...before, ...patch });
    try {
      this.#put(await this.#api.changePhone(before.id, patch));
    } catch (error) {
      // Awaited: ApiFailure, shown beside the switch.
      this.#put(before);
      this.#changeFailure.set(asFailure(error));
    }
  }

  #phoneOf(id: string | null): Phone | null {
    return this.phones().find((phone) => phone.id === id) ?? null;
  }

  #isSeen(id: string): boolean {
    return seen(this.#row(), this.#room()).includes(id);
  }

  #forgetSeen(): void {
    if ([...this.#news()].some((id) => this.#isSeen(id)))
      this.#news.update((news) => new Set([...news].filter((id) => !this.#isSeen(id))));
  }

  #put(phone: Phone): void {
    this.#view.update((view) => {
      if (!view) return view;
      const isKnown = view.phones.some((one) => one.id === phone.id);
      return {
        ...view,
        phones: isKnown ? view.phones.map((one) => (one.id === phone.id ? phone : one)) : [...view.phones, phone],
      };
    });
  }
}
