/** Template management of one business account: list, create, edit, delete, and what a template needs and looks like (facts §3.4). */
import { AppError, fail } from "../../core/errors";
import { createGraphHttp, type GraphHttpOptions, graphJson } from "./graph-http";
import { compact, idOf, type JsonObject, listOf, objectOf, textOf } from "./json-value";

export interface TemplateButtonDefinition {
  type: string;
  text?: string;
  url?: string;
  phoneNumber?: string;
}

/** A template as WhatsApp has it. */
export interface TemplateRecord {
  id: string;
  name: string;
  /** Such as es or pt_BR. */
  language: string;
  category: string;
  status: string;
  quality?: string;
  rejectedReason?: string;
  parameterFormat: "POSITIONAL" | "NAMED";
  /** As the Graph API gives them. */
  components: JsonObject[];
}

export interface NewTemplate {
  name: string;
  language: string;
  category: "MARKETING" | "UTILITY" | "AUTHENTICATION";
  parameterFormat?: "POSITIONAL" | "NAMED";
  components: readonly JsonObject[];
}

export interface TemplateClient {
  /** Every template of the account, all pages. */
  list(): Promise<TemplateRecord[]>;
  create(template: NewTemplate): Promise<{ id: string; status: string; category: string }>;
  /** Replaces the components, where given, as a whole; approved templates take this once in 24 hours. */
  edit(id: string, change: { components?: readonly JsonObject[] | undefined; category?: string | undefined }): Promise<void>;
  /** All languages of a name, or the one template with this id. */
  remove(name: string, id?: string): Promise<void>;
}

const FIELDS = "id,name,status,category,language,components,quality_score,rejected_reason,parameter_format";
const PAGE = "100";
const MOST_PAGES = 100;
const BAD_CURSOR = 131059;

export function createTemplateClient({ wabaId, ...options }: GraphHttpOptions & { wabaId: string }): TemplateClient {
  const http = createGraphHttp(options);
  const path = `${wabaId}/message_templates`;
  const now = () => options.clock.now();

  const listOnce = async (): Promise<TemplateRecord[]> => {
    const records: TemplateRecord[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const body = await graphJson(http, { method: "GET", path, query: { fields: FIELDS, limit: PAGE, after } }, now());
      for (const item of listOf(body.data)) {
        const record = readTemplate(item);
        if (record) records.push(record);
      }
      const paging = objectOf(body.paging);
      after = textOf(paging?.next) === undefined ? undefined : textOf(objectOf(paging?.cursors)?.after);
      if (after === undefined) break;
    }
    return records;
  };

  return {
    async list() {
      try {
        return await listOnce();
      } catch (error) {
        // graph.refused with 131059: the cursor ran out while we read; the cure is to begin again.
        if (error instanceof AppError && objectOf(error.cause)?.code === BAD_CURSOR) return listOnce();
        throw error;
      }
    },
    async create({ parameterFormat, ...template }) {
      const body = JSON.stringify(compact({ ...template, parameter_format: parameterFormat }));
      const answer = await graphJson(http, { method: "POST", path, body }, now());
      const id = idOf(answer.id);
      if (id === undefined) throw fail("graph.unavailable", { cause: "no id in the answer" });
      return { id, status: textOf(answer.status) ?? "PENDING", category: textOf(answer.category) ?? template.category };
    },
    async edit(id, change) {
      await graphJson(
        http,
        { method: "POST", path: encodeURIComponent(id), body: JSON.stringify(compact({ ...change })) },
        now(),
      );
    },
    async remove(name, id) {
      await graphJson(http, { method: "DELETE", path, query: { name, hsm_id: id } }, now());
    },
  };
}

function readTemplate(value: unknown): TemplateRecord | undefined {
  const item = objectOf(value);
  const id = idOf(item?.id);
  const name = textOf(item?.name);
  if (!item || id === undefined || name === undefined) return undefined;
  const rejectedReason = textOf(item.rejected_reason);
  return compact<TemplateRecord>({
    id,
    name,
    language: (textOf(item.language) ?? "en_US").replace("-", "_"),
    category: textOf(item.category) ?? "UNKNOWN",
    status: textOf(item.status) ?? "UNKNOWN",
    quality: textOf(objectOf(item.quality_score)?.score),
    rejectedReason: rejectedReason === "NONE" ? undefined : rejectedReason,
    parameterFormat: item.parameter_format === "NAMED" ? "NAMED" : "POSITIONAL",
    components: listOf(item.components)
      .map(objectOf)
      .filter((part) => part !== undefined),
  });
}
