/** The first step: the ids and secrets of a number, new or changed. Meta is asked before anything is kept; what it refuses stands at its field. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import type { ChannelView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import type { ApiFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { newVerifyToken } from "./channel-checks";

/** What was connected, and the verify token that Meta's form wants: it is not told again. */
export interface Connected {
  channel: ChannelView;
  verifyToken: string | null;
}

type Field = "accessToken" | "phoneNumberId" | "wabaId" | "appSecret" | "appId";

@Component({
  selector: "app-access-step",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  templateUrl: "./access-step.html",
})
export class AccessStep {
  /** The number whose credentials are changed; null: a new one. */
  readonly channel = input.required<ChannelView | null>();
  readonly connected = output<Connected>();

  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #channels = inject(ApiClient).calls.channels;
  readonly #key = new RequestKey();
  protected readonly deed = new Deed();
  protected readonly isFixed = computed(() => (this.channel()?.source ?? "stored") !== "stored");
  protected readonly trouble = signal<ReadonlyMap<string, string>>(new Map());
  /** One word for as long as the form is open: trying again must not make another request of it. */
  readonly #verifyToken = newVerifyToken((most) => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % most);

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const word = (name: Field): string => String(given.get(name) ?? "").trim();
    const before = this.channel();
    this.trouble.set(new Map());
    let answer: Connected | null = null;
    await this.deed.run(async () => {
      answer = before ? await this.#change(before, word) : await this.#connect(word);
    });
    const refused = this.deed.failure();
    if (refused) this.#place(refused);
    else if (answer) this.connected.emit(answer);
  }

  protected clear(field: string): void {
    this.trouble.update((known) => new Map([...known].filter(([one]) => one !== field)));
  }

  async #connect(word: (name: Field) => string): Promise<Connected> {
    const appId = word("appId");
    const body = {
      phoneNumberId: word("phoneNumberId"),
      wabaId: word("wabaId"),
      accessToken: word("accessToken"),
      appSecret: word("appSecret"),
      verifyToken: this.#verifyToken,
      ...(appId ? { appId } : {}),
    };
    const channel = await this.#key.send(body, (headers) => dataOf(this.#channels.post(body, { headers })));
    return { channel, verifyToken: this.#verifyToken };
  }

  async #change({ id, appId: known }: ChannelView, word: (name: Field) => string): Promise<Connected> {
    const [accessToken, appSecret, appId] = [word("accessToken"), word("appSecret"), word("appId")];
    const patch = {
      ...(accessToken ? { accessToken } : {}),
      ...(appSecret ? { appSecret } : {}),
      ...(appId && appId !== known ? { appId } : {}),
    };
    const at = this.#channels({ id });
    if (Object.keys(patch).length > 0) await dataOf(at.patch(patch));
    return { channel: await dataOf(at.check.post()), verifyToken: null };
  }

  /** Puts a refusal at the field it is about. */
  #place(refused: ApiFailure): void {
    const field = fieldOf(refused);
    const named = refused.details.flatMap(({ path, message }): [string, string][] =>
      path.startsWith("body.") ? [[path.slice("body.".length), message]] : [],
    );
    this.trouble.set(new Map(field ? [[field, this.#words.failure(refused)]] : named));
    requestAnimationFrame(() => document.querySelector<HTMLElement>('app-access-step [aria-invalid="true"]')?.focus());
  }
}

/** Which field a refusal as a whole is about: Meta tells it by its words alone. */
function fieldOf({ code, message, details }: ApiFailure): Field | null {
  if (["channel.not-in-account", "channel.exists", "channel.from-environment"].includes(code)) return "phoneNumberId";
  if (code !== "graph.refused") return null;
  return /token|permission/i.test(`${message} ${details[0]?.message ?? ""}`) ? "accessToken" : "wabaId";
}
