/** One's own account: password, second factor, devices, language and theme. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { LANGUAGE_NAMES, LANGUAGES } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Theme } from "../shell/theme";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { fullTime, listTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { PushSwitch } from "./push-switch";
import { SecondFactorCard } from "./second-factor-card";

interface Device {
  id: string;
  device: string;
  address: string;
  createdAt: string;
  usedAt: string;
  isCurrent: boolean;
}

@Component({
  selector: "app-account-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, PushSwitch, SecondFactorCard, SureButton],
  templateUrl: "./account-room.html",
})
export class AccountRoom {
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly theme = inject(Theme);
  protected readonly session = inject(Session);
  readonly #calls = inject(ApiClient).calls;
  readonly #toasts = inject(Toasts);
  readonly #now = inject(Ticker).now;
  protected readonly languages = LANGUAGES;
  protected readonly names = LANGUAGE_NAMES;
  protected readonly themes = ["light", "dark", "system"] as const;
  protected readonly devices = signal<readonly Device[]>([]);
  protected readonly passwordDeed = new Deed();
  protected readonly deviceDeed = new Deed();
  protected readonly fullTime = fullTime;
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());

  constructor() {
    void this.#load();
  }

  /** The server names a device in English: `Chrome on Windows`. */
  protected nameOf({ device }: Device): string {
    const [, browser, system] = /^(.{2,40}) on (\w[\w ]{1,20})$/.exec(device) ?? [];
    return browser && system ? this.t("account.deviceOn", { browser, system }) : device;
  }

  protected async changePassword(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const body = { current: String(given.get("current")), next: String(given.get("next")) };
    if (!(await this.passwordDeed.run(() => dataOf(this.#calls.auth.password.put(body))))) return;
    form.reset();
    this.#toasts.say(this.t("account.passwordChanged"), "check-circle");
    await this.#load();
  }

  protected async end(device: Device): Promise<void> {
    await this.deviceDeed.run(() => dataOf(this.#calls.auth.sessions({ id: device.id }).delete()));
    await this.#load();
  }

  protected async endAll(): Promise<void> {
    if (await this.deviceDeed.run(() => dataOf(this.#calls.auth["sign-out-everywhere"].post()))) await this.session.signOut();
  }

  async #load(): Promise<void> {
    await this.deviceDeed.run(async () => this.devices.set(await dataOf(this.#calls.auth.sessions.get())));
  }
}
