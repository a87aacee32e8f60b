/** Sends one file. XMLHttpRequest, because fetch cannot tell how much of a body has left. */
import type { MediaView } from "@server/events/view";
import { ApiFailure, isFailureEnvelope, unreachable, unreadable } from "./api-failure";

export interface SendOptions {
  idempotencyKey: string;
  /** Between 0 and 1. */
  onProgress: (part: number) => void;
  signal: AbortSignal;
}

export interface UploadOptions extends SendOptions {
  filename: string;
  /** What it is sent as; without it the server decides by the file's own bytes. */
  type?: MediaView["type"];
}

interface Access {
  token: () => string | null;
  renew: (stale: string | null) => Promise<boolean>;
}

export function uploadFile(file: Blob, { filename, type, ...how }: UploadOptions, access: Access): Promise<MediaView> {
  const query = new URLSearchParams({ ...(type ? { type } : {}), filename: filename.slice(-240) || "file" });
  return sendFile(`/api/v2/media?${query}`, file, how, access);
}

/** Posts a file as it is and answers the data of what became of it. Throws ApiFailure. */
export async function sendFile<T>(url: string, file: Blob, options: SendOptions, access: Access): Promise<T> {
  const token = access.token();
  try {
    return await post<T>(url, file, options, token);
  } catch (error) {
    // Awaited: 401 when the token ran out meanwhile; the whole file goes again with a new one.
    if (!(error instanceof ApiFailure) || error.status !== 401 || !(await access.renew(token))) throw error;
    return post<T>(url, file, options, access.token());
  }
}

function post<T>(url: string, file: Blob, { idempotencyKey, onProgress, signal }: SendOptions, token: string | null) {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("content-type", file.type || "application/octet-stream");
  request.setRequestHeader("idempotency-key", idempotencyKey);
  if (token) request.setRequestHeader("authorization", `Bearer ${token}`);
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
  request.onload = () => {
    const body: unknown = request.response;
    if (request.status === 200 && typeof body === "object" && body !== null && "data" in body) resolve(body.data as T);
    else if (isFailureEnvelope(body))
      reject(new ApiFailure(body.error, body.code, request.status, body.requestId, body.details, body.exact));
    else reject(unreadable(request.status));
  };
  request.onerror = () => reject(unreachable());
  request.onabort = () => reject(new ApiFailure("The upload was stopped.", "upload.stopped", 0, null));
  signal.addEventListener("abort", () => request.abort());
  request.send(file);
  return promise;
}
