/** Media of the Graph API: upload, address, download, delete (facts §3.3). */
import { sniffType } from "../media-rules";
import type { SandboxCredentials } from "./credentials";
import type { Endpoint } from "./graph-call";
import { GraphRefusal, invalidRequest, unknownObject } from "./graph-refusal";
import type { MediaStore, StoredMedia } from "./media-store";
import type { MediaKind } from "./sample-media";

const MB = 1024 * 1024;

interface KindRule {
  kind: MediaKind;
  types: readonly string[];
  maxBytes: number;
}

const kinds: readonly KindRule[] = [
  { kind: "image", types: ["image/jpeg", "image/png"], maxBytes: 5 * MB },
  { kind: "video", types: ["video/mp4", "video/3gpp"], maxBytes: 16 * MB },
  { kind: "audio", types: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], maxBytes: 16 * MB },
  { kind: "sticker", types: ["image/webp"], maxBytes: 500 * 1024 },
  {
    kind: "document",
    types: [
      "text/plain",
      "application/pdf",
      "application/msword",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.ms-excel",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "application/vnd.ms-powerpoint",
      "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ],
    maxBytes: 100 * MB,
  },
];

const bareType = (mimeType: string): string => mimeType.split(";")[0]!.trim().toLowerCase();

const ruleOf = (mimeType: string): KindRule | undefined => kinds.find(({ types }) => types.includes(bareType(mimeType)));

export function createMediaEndpoint(credentials: SandboxCredentials, media: MediaStore): Endpoint {
  return async ({ method, id, edge, query, request }) => {
    if (id === credentials.phoneNumberId && edge === "media" && method === "POST") {
      return { id: (await upload(request, query, media)).id };
    }
    if (edge !== "" || !/^\d+$/.test(id)) return undefined;
    const found = media.find(id);
    if (!found) return undefined;
    const owner = query.get("phone_number_id");
    if (owner !== null && owner !== credentials.phoneNumberId) throw unknownObject(id, method);
    if (method === "DELETE") return { success: media.remove(id) };
    if (method !== "GET") return undefined;
    return {
      messaging_product: "whatsapp",
      url: media.address(id),
      mime_type: found.mimeType,
      sha256: Buffer.from(found.sha256, "base64").toString("hex"),
      file_size: String(found.size),
      id,
    };
  };
}

async function upload(request: Request, query: URLSearchParams, media: MediaStore): Promise<StoredMedia> {
  let form: Awaited<ReturnType<Request["formData"]>>;
  try {
    form = await request.formData();
  } catch {
    throw invalidRequest("The upload must be multipart/form-data."); // TypeError of the form parser
  }
  const product = form.get("messaging_product") ?? query.get("messaging_product");
  if (product !== "whatsapp") throw invalidRequest("The parameter messaging_product is required.");
  const file = form.get("file");
  if (!(file instanceof Blob)) throw invalidRequest("The parameter file is required.");
  const declared = form.get("type");
  const mimeType = typeof declared === "string" && declared.includes("/") ? declared : await typeOf(file);
  const rule = ruleOf(mimeType);
  if (!rule) {
    const types = kinds.flatMap((kind) => kind.types).join(", ");
    throw invalidRequest(
      `Param file must be a file with one of the following types: ${types}. Received file of type '${bareType(mimeType)}'.`,
    );
  }
  if (file.size === 0) throw new GraphRefusal(400, 131053, "Media upload error", { details: "The file is empty." });
  const maxBytes = rule.kind === "sticker" && !(await isMoving(file)) ? 100 * 1024 : rule.maxBytes;
  if (file.size > maxBytes) {
    throw new GraphRefusal(400, 131053, "Media upload error", { details: `The file is larger than ${maxBytes} bytes.` });
  }
  const filename = file instanceof File ? file.name : null;
  return media.add(await file.bytes(), { mimeType, filename, origin: "upload" });
}

/** Whether a WebP file says that it is animated. */
const isMoving = async (file: Blob): Promise<boolean> => {
  const head = Buffer.from(await file.slice(0, 32).bytes());
  return head.toString("latin1", 12, 16) === "VP8X" && ((head[20] ?? 0) & 2) === 2;
};

/** A part without a file name loses its type on the way through the form parser; then its first bytes tell. */
const typeOf = async (file: Blob): Promise<string> => file.type || (sniffType(await file.slice(0, 32).bytes()) ?? "");

/** The file behind an address; 404 when the address is wrong or older than five minutes. */
export function mediaFile(query: URLSearchParams, request: Request, media: MediaStore): Response {
  const file = media.open(query);
  if (!file) return new Response("URL signature expired", { status: 404 });
  const headers: Record<string, string> = { "content-type": file.media.mimeType, "accept-ranges": "bytes" };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  if (!range) return new Response(file.bytes, { headers });
  const { length } = file.bytes;
  const start = Number(range[1]);
  const end = Math.min(range[2] === "" ? length - 1 : Number(range[2]), length - 1);
  if (start >= length || start > end)
    return new Response(null, { status: 416, headers: { "content-range": `bytes */${length}` } });
  headers["content-range"] = `bytes ${start}-${end}/${length}`;
  return new Response(file.bytes.subarray(start, end + 1), { status: 206, headers });
}

/** Refuses a send that names media which are not there or of another kind. Looks into headers, cards and parameters too. */
export function checkMediaIds(value: unknown, media: MediaStore, kind?: MediaKind): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) checkMediaIds(item, media);
    return;
  }
  const object = value as Record<string, unknown>;
  if (kind !== undefined && object.id !== undefined) {
    const found = media.find(String(object.id));
    if (!found)
      throw new GraphRefusal(400, 131009, "Parameter value is not valid", {
        details: `Media with id ${String(object.id)} does not exist.`,
      });
    const actual = ruleOf(found.mimeType)?.kind;
    const fits = actual === kind || kind === "document";
    if (!fits)
      throw new GraphRefusal(400, 131053, "Media upload error", {
        details: `Media of type ${found.mimeType} cannot be sent as ${kind}.`,
      });
    return;
  }
  for (const [key, part] of Object.entries(object)) {
    checkMediaIds(part, media, kinds.some((rule) => rule.kind === key) ? (key as MediaKind) : undefined);
  }
}
