/** The sandbox's message templates, kept in its own file; new ones are reviewed a moment after they were made. */
import type { JsonObject } from "../json-value";
import type { StateStore } from "./state-store";

export interface SandboxTemplate {
  id: string;
  name: string;
  language: string;
  category: string;
  status: "PENDING" | "APPROVED" | "REJECTED" | "PAUSED" | "DISABLED";
  parameterFormat: "POSITIONAL" | "NAMED";
  components: JsonObject[];
  rejectedReason: string;
  createdAt: number;
  editedAt?: number;
}

/** Templates that exist from the start, so that there is something to send outside the window. */
const firstTemplates: readonly Omit<SandboxTemplate, "id" | "createdAt">[] = [
  {
    name: "saludo_inicial",
    language: "es",
    category: "UTILITY",
    status: "APPROVED",
    parameterFormat: "POSITIONAL",
    components: [
      {
        type: "BODY",
        text: "Hola {{1}}, seguimos con tu consulta sobre {{2}}. ¿Te viene bien ahora?",
        example: { body_text: [["Rosa", "tu pedido"]] },
      },
      { type: "FOOTER", text: "Responde a este mensaje para continuar" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Sí, adelante" },
          { type: "QUICK_REPLY", text: "Más tarde" },
        ],
      },
    ],
    rejectedReason: "NONE",
  },
  {
    name: "order_shipped",
    language: "en_US",
    category: "UTILITY",
    status: "APPROVED",
    parameterFormat: "NAMED",
    components: [
      { type: "HEADER", format: "TEXT", text: "Your order is on its way" },
      {
        type: "BODY",
        text: "Hi {{first_name}}, order {{order_number}} has left our store.",
        example: {
          body_text_named_params: [
            { param_name: "first_name", example: "Ana" },
            { param_name: "order_number", example: "A-1042" },
          ],
        },
      },
      {
        type: "BUTTONS",
        buttons: [
          { type: "URL", text: "Follow it", url: "https://example.com/track/{{1}}", example: ["https://example.com/track/1042"] },
        ],
      },
    ],
    rejectedReason: "NONE",
  },
];

const NOTE = "templates";

export class TemplateStore {
  readonly #store: StateStore;
  #templates: SandboxTemplate[];

  constructor(store: StateStore, now: number) {
    this.#store = store;
    const kept = store.note(NOTE);
    this.#templates = kept
      ? (JSON.parse(kept) as SandboxTemplate[])
      : firstTemplates.map((template, index) => ({ ...template, id: String(910_000_000_000_001 + index), createdAt: now }));
  }

  all = (): readonly SandboxTemplate[] => this.#templates;

  find = (name: string, language: string): SandboxTemplate | undefined =>
    this.#templates.find((template) => template.name === name && template.language === language);

  byId = (id: string): SandboxTemplate | undefined => this.#templates.find((template) => template.id === id);

  put(template: SandboxTemplate): void {
    const index = this.#templates.findIndex((known) => known.id === template.id);
    if (index < 0) this.#templates.push(template);
    else this.#templates[index] = template;
    this.#save();
  }

  /** Removes every language of a name, or one template. Answers how many are gone. */
  remove({ name, id }: { name: string; id?: string }): number {
    const before = this.#templates.length;
    this.#templates = this.#templates.filter((template) => template.name !== name || (id !== undefined && template.id !== id));
    this.#save();
    return before - this.#templates.length;
  }

  #save(): void {
    this.#store.setNote(NOTE, JSON.stringify(this.#templates));
  }
}
