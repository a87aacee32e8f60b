/** What rules, macros and promises can name: people, teams, labels, numbers, attributes, templates, canned replies. Loaded when a form is opened. */
import { computed, inject, Service, signal } from "@angular/core";
import type { ChannelView, TemplateView } from "@server/events/view";
import type { CannedReplyView } from "@server/events/writing-view";
import type { AttributeView } from "@server/features/attributes/attribute.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { attributeFields, attributeKey, fixedValuesOf, type NamedKind, namedKindOf, type RuleField } from "./rule-fields";

export interface Option {
  value: string;
  text: string;
}

@Service()
export class AutomationChoices {
  readonly #calls = inject(ApiClient).calls;
  readonly #api = inject(ApiClient);
  readonly #directory = inject(Directory);
  readonly #words = inject(Words);
  readonly #fields = signal<readonly RuleField[]>([]);
  readonly #channels = signal<readonly ChannelView[]>([]);
  readonly attributes = signal<readonly AttributeView[]>([]);
  readonly templates = signal<readonly TemplateView[]>([]);
  readonly canned = signal<readonly CannedReplyView[]>([]);

  readonly fields = computed(() => [...this.#fields(), ...attributeFields(this.attributes(), this.#fields())]);
  readonly agents = computed((): Option[] =>
    this.#directory
      .agents()
      .filter(({ status }) => status === "active")
      .map(({ id, name }) => ({ value: id, text: name })),
  );
  readonly teams = computed((): Option[] => this.#directory.teams().map(({ id, name }) => ({ value: id, text: name })));
  readonly labels = computed((): Option[] => this.#directory.labels().map(({ name }) => ({ value: name, text: name })));
  readonly channels = computed((): Option[] =>
    this.#channels().map(({ phoneNumberId, name, displayNumber }) => ({
      value: phoneNumberId,
      text: [name, displayNumber].filter(Boolean).join(" · ") || phoneNumberId,
    })),
  );

  /** What a rule can look at. Throws ApiFailure. */
  async loadFields(): Promise<void> {
    const { fields } = await dataOf(this.#calls["automation-rules"].fields.get());
    this.#fields.set(fields as RuleField[]);
  }

  /** Everything that forms offer; what the role may not see stays without a name. */
  async load(): Promise<void> {
    await Promise.all([
      this.loadNames(),
      this.#put(
        () => dataOf(this.#calls["canned-replies"].get({ query: {} })),
        (all) => this.canned.set(all),
      ),
      this.#put(
        () => this.#allTemplates(),
        (all) => this.templates.set(all),
      ),
      this.#directory.load(),
    ]);
  }

  /** Only what sentences name; people, teams and labels are known to the app already. */
  async loadNames(): Promise<void> {
    await Promise.all([
      this.#put(
        () => pageOf(this.#calls.channels.get({ query: { limit: 100 } })),
        ({ items }) => this.#channels.set(items),
      ),
      this.#put(
        () => dataOf(this.#calls.attributes.get()),
        (all) => this.attributes.set(all),
      ),
    ]);
  }

  /** What a field can be compared with by name; null: with anything. */
  optionsOf(field: string): readonly Option[] | null {
    const kind = namedKindOf(field);
    if (kind) return this.#named(kind);
    const fixed = fixedValuesOf(field);
    if (fixed) return fixed.values.map((value) => ({ value, text: this.#fixedText(fixed.words, value) }));
    const key = attributeKey(field);
    const attribute = key === null ? undefined : this.attributes().find((one) => one.key === key);
    return attribute?.type === "list" ? attribute.options.map((one) => ({ value: one, text: one })) : null;
  }

  /** The words for a value; the value itself when it names nothing that is known. */
  textOf(field: string, value: string): string {
    return this.optionsOf(field)?.find((one) => one.value === value)?.text ?? value;
  }

  agentName = (id: string | null): string | null => this.#directory.nameOf(id);
  teamName = (id: string | null): string | null => this.#directory.teamName(id);
  attributeName = (key: string): string => this.attributes().find((one) => one.key === key)?.name ?? key;

  #named(kind: NamedKind): readonly Option[] {
    return { agent: this.agents, team: this.teams, label: this.labels, channel: this.channels }[kind]();
  }

  #fixedText(group: string, value: string): string {
    const key = `${group}.${value}`;
    return this.#words.has(key) ? this.#words.t(key) : value;
  }

  async #allTemplates(): Promise<TemplateView[]> {
    const all: TemplateView[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#api.listTemplates(cursor);
      all.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor);
    return all;
  }

  async #put<T>(ask: () => Promise<T>, put: (found: T) => void): Promise<void> {
    // Awaited: ApiFailure, also for what the role may not see: the form then offers none of it.
    const found = await ask().catch(() => null);
    if (found !== null) put(found);
  }
}
