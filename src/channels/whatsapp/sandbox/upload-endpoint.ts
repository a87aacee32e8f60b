/** The Resumable Upload API: a session, its bytes from an offset on, the offset to resume from, and in the end a handle. */
import { bareType } from "../media-rules";
import { APP_ID } from "./credentials";
import { bodyOf, type Endpoint, type GraphCall } from "./graph-call";
import { GraphRefusal, unknownObject } from "./graph-refusal";
import type { UploadStore } from "./upload-store";
import type { UploadSession } from "./upload-table";

const TYPES = ["application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"];
const MAX_BYTES = 100 * 1024 * 1024;
const PREFIX = "upload:";

export function createUploadEndpoint(uploads: UploadStore): Endpoint {
  const begin = async (call: GraphCall) => {
    const body = await bodyOf(call);
    const field = (name: string) => String(body[name] ?? call.query.get(name) ?? "");
    const need = (name: string): string => {
      if (field(name) === "") throw new GraphRefusal(400, 100, `The parameter ${name} is required.`);
      return field(name);
    };
    const length = need("file_length");
    if (!/^[1-9]\d{0,14}$/.test(length)) throw new GraphRefusal(400, 100, "Param file_length must be a positive integer.");
    if (Number(length) > MAX_BYTES) throw new GraphRefusal(400, 100, `Param file_length must be at most ${MAX_BYTES}.`);
    const mimeType = bareType(need("file_type"));
    if (!TYPES.includes(mimeType))
      throw new GraphRefusal(400, 100, `Param file_type must be one of {${TYPES.join(", ")}} - got "${mimeType}".`);
    const session = uploads.begin({ filename: field("file_name") || "file", mimeType, length: Number(length) });
    return { id: nameOf(session) };
  };

  const receive = async (session: UploadSession, { request }: GraphCall) => {
    // In the query it does not count here, nor does the offset.
    if (!request.headers.has("authorization"))
      return trouble(401, "NotAuthorizedError", "User not authorized to perform this request", false);
    const offset = request.headers.get("file_offset") ?? "";
    if (!/^\d{1,15}$/.test(offset)) return trouble(400, "OffsetInvalidError", "Request starting offset is missing", false);
    const from = Number(offset);
    const invalidOffset = () => trouble(412, "OffsetInvalidError", "Request starting offset is invalid", true);
    if (from !== uploads.received(session.id)) return invalidOffset();
    const { bytes, isWhole } = await readBody(request, session.length - from);
    // Another call may have brought the same bytes meanwhile.
    if (from !== uploads.received(session.id)) return invalidOffset();
    if (bytes.length > session.length - from)
      return trouble(400, "PartialRequestError", "Partial request (did not match length of file)", false);
    uploads.add(session, from, bytes);
    const handle = uploads.find(session.id)?.handle;
    if (isWhole && handle) return { h: handle };
    return trouble(206, "PartialRequestError", "Partial request (did not match length of file)", true);
  };

  return async (call) => {
    const { method, id, edge, query } = call;
    if (edge === "uploads" && (id === APP_ID || id === "app") && method === "POST") return begin(call);
    if (!id.startsWith(PREFIX) || edge !== "") return undefined;
    const session = uploads.find(id.slice(PREFIX.length));
    if (!session || query.get("sig") !== session.signature) throw unknownObject(id, method);
    if (method === "GET") return { id: nameOf(session), file_offset: uploads.received(session.id) };
    return method === "POST" ? receive(session, call) : undefined;
  };
}

/** Meta's names of sessions carry a query of their own: who encodes them as a whole asks for another one. */
const nameOf = ({ id, signature }: UploadSession): string => `${PREFIX}${id}?sig=${signature}`;

/** What has come of a body, also when the line broke; at most one byte more than there is room for. */
async function readBody(request: Request, room: number): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > room) break;
    }
  } catch {
    return { bytes: Buffer.concat(chunks), isWhole: false }; // AbortError: the caller is gone
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}

/** The upload servers of Meta complain in a shape of their own. */
const trouble = (status: number, type: string, message: string, retriable: boolean): Response =>
  Response.json({ debug_info: { retriable, type, message } }, { status });
