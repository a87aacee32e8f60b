/** Outgoing webhooks: where events are sent, how it goes, and what can be done when it does not. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import type { DeliveryView, EndpointView, NewEndpoint } from "@server/features/webhook-endpoints/webhook-endpoint.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { SureButton } from "../ui/sure-button";
import { fullTime, listTime } from "../ui/time-text";

const LOOK: Record<EndpointView["state"], string> = {
  active: "chip-success",
  failing: "chip-danger",
  paused: "",
  disabled: "chip-warning",
};

@Component({
  selector: "app-webhooks-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("webhooks.heading") }}</h1>
      <section class="card">
        <h2>{{ t("webhooks.add") }}</h2>
        @if (secret(); as shown) {
          <p class="card-text">{{ t("webhooks.once") }}</p>
          <p class="secret">{{ shown }}</p>
        }
        <form class="form-grid" (submit)="create($event)">
          <div class="form-row">
            <div class="field"><label class="label" for="hook-name">{{ t("contact.name") }}</label><input class="input" id="hook-name" name="name" required maxlength="100" autocomplete="off" dir="auto" /></div>
            <div class="field"><label class="label" for="hook-url">{{ t("webhooks.url") }}</label><input class="input" id="hook-url" name="url" type="url" required maxlength="2000" autocomplete="off" placeholder="https://" /></div>
          </div>
          <fieldset class="permission-grid">
            <legend class="label">{{ t("webhooks.events") }}</legend>
            @for (event of events(); track event) {
              <label class="check"><input type="checkbox" name="event" [value]="event" /><span class="mono clip">{{ event }}</span></label>
            }
          </fieldset>
          <div class="form-ways"><button class="btn btn-primary" type="submit">{{ t("webhooks.add") }}</button></div>
        </form>
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
      </section>
      @for (one of endpoints(); track one.id) {
        <section class="card">
          <div class="card-head">
            <h2 class="grow clip" dir="auto">{{ one.name }}</h2>
            <span [class]="'chip ' + look(one)">{{ t(stateWord(one.state)) }}</span>
            <button class="btn btn-s" type="button" (click)="test(one)">{{ t("webhooks.test") }}</button>
            @if (one.state === "paused" || one.state === "disabled") {
              <button class="btn btn-s" type="button" (click)="resume(one)">{{ t("webhooks.resume") }}</button>
            } @else {
              <button class="btn btn-s" type="button" (click)="pause(one)">{{ t("webhooks.pause") }}</button>
            }
            <app-sure-button icon="trash" [label]="t('labels.remove', { name: one.name })" (sure)="remove(one)" />
          </div>
          <p class="card-text"><span class="mono">{{ one.url }}</span><br />{{ one.events.join(", ") }}</p>
          @if (one.reason ?? one.lastError; as why) {
            <p class="hint hint-bad">{{ why }}</p>
          }
          <p class="meta">{{ one.deliveredAt ? t("webhooks.delivered", { time: timeOf(one.deliveredAt) }) : t("webhooks.never") }}</p>
          <details (toggle)="showTries(one, $any($event.target).open)">
            <summary class="meta">{{ t("webhooks.tries") }}</summary>
            <ul class="rows">
              @for (one of tries().get(one.id) ?? []; track one.id) {
                <li class="row-line"><span [class]="'chip ' + (one.isDelivered ? 'chip-success' : 'chip-danger')">{{ one.status ?? "–" }}</span><span class="mono grow clip">{{ one.event }}</span><span class="meta clip">{{ one.error ?? "" }}</span><time class="meta" [title]="fullTime(one.at)">{{ timeOf(one.at) }}</time></li>
              } @empty {
                <li class="meta">{{ t("common.nothing") }}</li>
              }
            </ul>
          </details>
        </section>
      }
    </div>
  `,
})
export class WebhooksRoom {
  protected readonly t = inject(Words).t;
  readonly #hooks = inject(ApiClient).calls["webhook-endpoints"];
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly endpoints = signal<readonly EndpointView[]>([]);
  protected readonly events = signal<readonly string[]>([]);
  protected readonly secret = signal<string | null>(null);
  protected readonly tries = signal<ReadonlyMap<string, readonly DeliveryView[]>>(new Map());
  protected readonly fullTime = fullTime;
  protected readonly look = ({ state }: EndpointView): string => LOOK[state];
  protected readonly stateWord = (state: EndpointView["state"]) => `webhooks.${state}` as const;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());

  constructor() {
    void this.deed.run(async () => {
      this.events.set((await dataOf(this.#hooks.events.get())).map(({ event }) => event));
      await this.#load();
    });
  }

  protected async create(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const body = {
      name: String(given.get("name")).trim(),
      url: String(given.get("url")).trim(),
      events: given.getAll("event").map(String) as NewEndpoint["events"],
    };
    const isDone = await this.#change(async () => this.secret.set((await dataOf(this.#hooks.post(body))).secret));
    if (isDone) form.reset();
  }

  protected async test(one: EndpointView): Promise<void> {
    await this.#change(async () => {
      const told = await dataOf(this.#hooks({ id: one.id }).test.post());
      this.tries.update((all) => new Map(all).set(one.id, [told, ...(all.get(one.id) ?? [])]));
    });
  }

  protected async pause(one: EndpointView): Promise<void> {
    await this.#change(() => dataOf(this.#hooks({ id: one.id }).pause.post()));
  }

  protected async resume(one: EndpointView): Promise<void> {
    await this.#change(() => dataOf(this.#hooks({ id: one.id }).resume.post({})));
  }

  protected async remove(one: EndpointView): Promise<void> {
    await this.#change(() => dataOf(this.#hooks({ id: one.id }).delete()));
  }

  protected async showTries(one: EndpointView, isOpen: boolean): Promise<void> {
    if (!isOpen) return;
    // Awaited: ApiFailure; the room itself says when the server is away.
    const page = await pageOf(this.#hooks({ id: one.id }).deliveries.get({ query: { limit: 20 } })).catch(() => null);
    if (page) this.tries.update((all) => new Map(all).set(one.id, page.items));
  }

  async #change(work: () => Promise<unknown>): Promise<boolean> {
    const isDone = await this.deed.run(work);
    const refused = this.deed.failure();
    await this.deed.run(() => this.#load());
    if (refused) this.deed.failure.set(refused);
    return isDone;
  }

  async #load(): Promise<void> {
    this.endpoints.set(await dataOf(this.#hooks.get()));
  }
}
