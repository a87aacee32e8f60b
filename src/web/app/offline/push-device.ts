/** This browser as a device that is told of things: subscribed with its push service, and known to the server. */
import { effect, inject, Service, signal, untracked } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { recall, remember } from "../browser-memory";
import { language } from "../i18n/locale";

export type PushKind = "mention" | "assignment" | "message";
const KINDS: readonly PushKind[] = ["mention", "assignment", "message"];
const KEY = "chasqui.push-kinds";

@Service()
export class PushDevice {
  readonly #calls = inject(ApiClient).calls;
  readonly isPossible = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  readonly #isOn = signal(false);
  readonly #kinds = signal<ReadonlySet<PushKind>>(keptKinds());
  readonly isOn = this.#isOn.asReadonly();
  readonly kinds = this.#kinds.asReadonly();

  constructor() {
    if (!this.isPossible) return;
    void this.#subscription().then((found) => this.#isOn.set(found !== null && Notification.permission === "granted"));
    // What is shown speaks the language of the app; and the server keeps only devices that say they are still there.
    effect(() => {
      language();
      if (this.#isOn()) untracked(() => void this.#tell().catch(() => undefined));
    });
  }

  /** False when the person or the browser does not allow it. Throws ApiFailure. */
  async turnOn(): Promise<boolean> {
    if ((await Notification.requestPermission()) !== "granted") return false;
    const { publicKey } = await dataOf(this.#calls.push.key.get());
    const { pushManager } = await navigator.serviceWorker.ready;
    // Awaited: NotAllowedError, and AbortError where the browser reaches no push service.
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey }).catch(() => null);
    if (!made) return false;
    await this.#tell();
    this.#isOn.set(true);
    return true;
  }

  /** Throws ApiFailure. */
  async turnOff(): Promise<void> {
    const subscription = await this.#subscription();
    if (subscription) {
      await dataOf(this.#calls.push.devices.delete({ endpoint: subscription.endpoint }));
      await subscription.unsubscribe();
    }
    this.#isOn.set(false);
  }

  async toggleKind(kind: PushKind): Promise<void> {
    const kinds = new Set(this.#kinds());
    if (!kinds.delete(kind)) kinds.add(kind);
    this.#kinds.set(kinds);
    remember(KEY, [...kinds].join(","));
    await this.#tell();
  }

  async #tell(): Promise<void> {
    const subscription = await this.#subscription();
    const { endpoint, keys } = subscription?.toJSON() ?? {};
    if (!endpoint || !keys?.p256dh || !keys.auth) return;
    const { p256dh, auth } = keys;
    await dataOf(
      this.#calls.push.devices.put({ endpoint, keys: { p256dh, auth }, kinds: [...this.#kinds()], language: language() }),
    );
  }

  async #subscription(): Promise<PushSubscription | null> {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration?.pushManager.getSubscription()) ?? null;
  }
}

function keptKinds(): ReadonlySet<PushKind> {
  const kept = recall(KEY);
  return new Set(kept === null ? KINDS : KINDS.filter((kind) => kept.split(",").includes(kind)));
}
