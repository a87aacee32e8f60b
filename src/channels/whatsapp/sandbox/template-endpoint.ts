/** Templates of the Graph API: list, create, edit, delete; a review that ends with a status webhook (facts §3.4). */
import type { Clock } from "../../../core/clock";
import { type JsonObject, objectOf } from "../json-value";
import type { SandboxCredentials } from "./credentials";
import { bodyOf, type Endpoint, type GraphCall, page, pickFields } from "./graph-call";
import { GraphRefusal, invalidRequest, unknownObject } from "./graph-refusal";
import type { Outbox } from "./outbox";
import type { OutboxRow } from "./state-store";
import { checkDefinition } from "./template-definition";
import { withAddresses } from "./template-media";
import type { SandboxTemplate, TemplateStore } from "./template-store";
import type { UploadStore } from "./upload-store";

const REVIEW_MS = 300;
const DAY_MS = 86_400_000;
export const REVIEW_LABEL = "template-review";
/** A name with this word is rejected, so that both outcomes can be tried. */
const REJECTED_WORD = "reject";

const FIELDS = ["name", "status", "category", "language", "components", "id", "parameter_format"];

export interface TemplateEndpointDeps {
  credentials: SandboxCredentials;
  templates: TemplateStore;
  uploads: UploadStore;
  outbox: () => Outbox;
  clock: Clock;
  baseUrl: () => string;
}

export function createTemplateEndpoint({
  credentials,
  templates,
  uploads,
  outbox,
  clock,
  baseUrl,
}: TemplateEndpointDeps): Endpoint {
  const { wabaId } = credentials;
  const shape = (template: SandboxTemplate) => shapeOf(template, uploads);

  const list = ({ query }: GraphCall): JsonObject => {
    const wanted = templates.all().filter(({ name, status, language, category }) => {
      const matches = Object.entries({ status, language, category }).every(([key, value]) => isWanted(query.get(key), value));
      return matches && name.includes(query.get("name") ?? query.get("name_or_content") ?? "");
    });
    const items = wanted.map((template) => pickFields(shape(template), query, FIELDS));
    const badCursor = () => new GraphRefusal(400, 131059, "Invalid cursor", { details: "The cursor is no longer valid." });
    return page(items, query, badCursor, (after) => {
      const next = new URLSearchParams(query);
      next.set("after", after);
      return `${baseUrl()}/v26.0/${wabaId}/message_templates?${next}`;
    });
  };

  const create = async (call: GraphCall): Promise<JsonObject> => {
    const definition = checkDefinition(await bodyOf(call), uploads);
    if (templates.find(definition.name, definition.language)) {
      throw new GraphRefusal(400, 100, "Invalid parameter", {
        subcode: 2388024,
        details: "Content in this language already exists.",
      });
    }
    const id = `91${Array.from(crypto.getRandomValues(new Uint8Array(13)), (byte) => String(byte % 10)).join("")}`;
    const template: SandboxTemplate = { ...definition, id, status: "PENDING", rejectedReason: "NONE", createdAt: clock.now() };
    templates.put(template);
    review(template);
    return { id, status: template.status, category: template.category };
  };

  const edit = async (template: SandboxTemplate, call: GraphCall): Promise<JsonObject> => {
    if (template.status === "PENDING" || template.status === "DISABLED") {
      throw invalidRequest("Only templates that are approved, rejected or paused can be edited.");
    }
    const body = await bodyOf(call);
    const wasApproved = template.status === "APPROVED";
    if (wasApproved && body.category !== undefined && body.category !== template.category) {
      throw invalidRequest("The category of an approved template cannot be changed.");
    }
    if (wasApproved && template.editedAt !== undefined && clock.now() - template.editedAt < DAY_MS) {
      throw new GraphRefusal(400, 100, "Invalid parameter", {
        subcode: 2388019,
        details: "An approved template can be edited once in 24 hours.",
      });
    }
    const next = {
      name: template.name,
      language: template.language,
      parameter_format: template.parameterFormat,
      category: body.category ?? template.category,
      components: body.components ?? template.components,
    };
    const definition = checkDefinition(next, uploads);
    const edited: SandboxTemplate = {
      ...template,
      ...definition,
      status: "PENDING",
      rejectedReason: "NONE",
      editedAt: clock.now(),
    };
    templates.put(edited);
    review(edited);
    return { success: true };
  };

  const remove = ({ query, id, method }: GraphCall): JsonObject => {
    const name = query.get("name");
    if (name === null) throw invalidRequest("The parameter name is required.");
    const hsmId = query.get("hsm_id") ?? undefined;
    if (templates.remove({ name, id: hsmId }) === 0) throw unknownObject(hsmId ?? id, method);
    return { success: true };
  };

  /** The review ends a moment later; the row in the outbox remembers it across a restart. */
  const review = (template: SandboxTemplate): void => {
    const rejected = template.name.includes(REJECTED_WORD);
    const dueAt = clock.now() + REVIEW_MS;
    const value = {
      event: rejected ? "REJECTED" : "APPROVED",
      message_template_id: Number(template.id),
      message_template_name: template.name,
      message_template_language: template.language,
      message_template_category: template.category,
      reason: rejected ? "INVALID_FORMAT" : "NONE",
    };
    const update = { field: "message_template_status_update", value, entryTime: Math.floor(dueAt / 1000) };
    outbox().add({ phoneId: null, messageId: template.id, label: REVIEW_LABEL, dueAt, update });
  };

  return async (call) => {
    const { method, id, edge } = call;
    if (id === wabaId && edge === "message_templates" && call.element !== "") {
      const template = method === "GET" ? templates.byId(call.element) : undefined;
      return template && pickFields(shape(template), call.query, FIELDS);
    }
    if (id === wabaId && edge === "message_templates") {
      if (method === "GET") return list(call);
      if (method === "POST") return create(call);
      if (method === "DELETE") return remove(call);
      return undefined;
    }
    const template = edge === "" ? templates.byId(id) : undefined;
    if (!template) return undefined;
    if (method === "GET") return pickFields(shape(template), call.query, FIELDS);
    return method === "POST" ? edit(template, call) : undefined;
  };
}

/** Whether a filter names this value: one, several with commas, or a JSON list. */
function isWanted(filter: string | null, value: string): boolean {
  if (filter === null) return true;
  const wanted: readonly string[] = filter.toUpperCase().match(/[A-Z_]+/g) ?? [];
  return wanted.includes(value.toUpperCase());
}

/** Ends the review a due row stands for. */
export function finishReview({ messageId, update }: OutboxRow, templates: TemplateStore): void {
  const template = messageId === null ? undefined : templates.byId(messageId);
  if (!template) return;
  const isApproved = objectOf(update.value)?.event === "APPROVED";
  templates.put({
    ...template,
    status: isApproved ? "APPROVED" : "REJECTED",
    rejectedReason: isApproved ? "NONE" : "INVALID_FORMAT",
  });
}

function shapeOf(template: SandboxTemplate, uploads: UploadStore): JsonObject {
  const { id, name, language, category, status, parameterFormat, components, rejectedReason } = template;
  return {
    id,
    name,
    language,
    category,
    status,
    parameter_format: parameterFormat,
    components: components.map((part) => withAddresses(part, uploads)),
    rejected_reason: rejectedReason,
    quality_score: { score: "UNKNOWN" },
  };
}
