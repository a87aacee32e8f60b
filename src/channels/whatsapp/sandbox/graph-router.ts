/** From a request path to an endpoint: `/vNN.N/<id>/<edge>`, with the token checked first and every failure in Meta's shape. */
import { describeError } from "../../../core/errors";
import type { Log } from "../../../core/log";
import type { JsonObject } from "../json-value";
import type { ChaosKnobs } from "./chaos";
import type { SandboxCredentials } from "./credentials";
import { bodyOf, type Endpoint, type GraphCall } from "./graph-call";
import { GraphRefusal, newTraceId, refusalResponse, unknownObject } from "./graph-refusal";
import { mediaFile } from "./media-endpoint";
import type { MediaStore } from "./media-store";
import { PUBLIC_PATH, type UploadStore } from "./upload-store";

export interface GraphRouterDeps {
  credentials: SandboxCredentials;
  chaos: ChaosKnobs;
  log: Log;
  media: MediaStore;
  uploads: UploadStore;
  messages: (body: JsonObject) => Promise<Response>;
  /** Asked in order; the first that answers wins. */
  endpoints: readonly Endpoint[];
}

/** Edges whose elements have addresses of their own, or are asked for so by published clients. */
const EDGES_WITH_ELEMENTS = new Set(["message_qrdls", "message_templates"]);
const VERSION = /^v\d{1,3}\.\d$/;

export function createGraphRouter({ credentials, chaos, log, media, uploads, messages, endpoints }: GraphRouterDeps) {
  const answer = async (call: GraphCall): Promise<Response> => {
    const { method, id, edge } = call;
    if (id === credentials.phoneNumberId && edge === "messages" && method === "POST") return messages(await bodyOf(call));
    for (const endpoint of endpoints) {
      const result = await endpoint(call);
      if (result instanceof Response) return result;
      if (result !== undefined) return Response.json(result);
    }
    throw unknownObject(id || "/", method);
  };

  const route = (request: Request): Promise<Response> | Response => {
    const url = new URL(request.url);
    const segments = url.pathname.split("/").filter((segment) => segment !== "");
    if (VERSION.test(segments[0] ?? "")) segments.shift();
    const [id = "", edge = "", element = "", ...more] = segments;
    const call = { method: request.method, id, edge, element, query: url.searchParams, request };
    if (id === PUBLIC_PATH && request.method === "GET") return uploads.open(edge);
    if (id === "oauth") return answer({ ...call, token: "" });
    const token = provenToken(request, url, credentials.accessToken, chaos.get().tokenExpired);
    if (id === "whatsapp_business" && edge === "attachments") return mediaFile(url.searchParams, request, media);
    const isTooDeep = more.length > 0 || (element !== "" && !EDGES_WITH_ELEMENTS.has(edge));
    if (isTooDeep) throw unknownObject(segments.join("/"), request.method);
    return answer({ ...call, token });
  };

  return async (request: Request): Promise<Response> => {
    try {
      const response = await route(request);
      response.headers.set("x-fb-trace-id", newTraceId());
      return response;
    } catch (error) {
      if (error instanceof GraphRefusal) return refusalResponse(error);
      // Nothing else is awaited: a defect of the sandbox, answered as Meta answers its own.
      log.error("the sandbox Graph API failed", { error: describeError(error) });
      return refusalResponse(new GraphRefusal(500, 1, "An unknown error occurred", { isTransient: true }));
    }
  };
}

function provenToken(request: Request, url: URL, accessToken: string, isExpired: boolean): string {
  const header = /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const given = header ?? url.searchParams.get("access_token");
  if (!given)
    throw new GraphRefusal(401, 190, "An active access token must be used to query information about the current user.");
  if (given !== accessToken)
    throw new GraphRefusal(401, 190, "Invalid OAuth access token - Cannot parse access token", { subcode: 467 });
  if (isExpired) throw new GraphRefusal(401, 190, "Error validating access token: Session has expired.", { subcode: 463 });
  return given;
}
