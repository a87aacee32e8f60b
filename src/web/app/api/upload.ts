/** Uploads one file. XMLHttpRequest, because fetch cannot tell how much of a body has left. */
import type { MediaView } from "@server/events/view";
import { ApiFailure, isFailureEnvelope, unreachable, unreadable } from "./api-failure";

export interface UploadOptions {
  filename: string;
  /** What it is sent as; without it the server decides by the file's own bytes. */
  type?: MediaView["type"];
  idempotencyKey: string;
  /** Between 0 and 1. */
  onProgress: (part: number) => void;
  signal: AbortSignal;
}

interface Access {
  token: () => string | null;
  renew: (stale: string | null) => Promise<boolean>;
}

export async function uploadFile(file: Blob, options: UploadOptions, access: Access): Promise<MediaView> {
  const token = access.token();
  try {
    return await put(file, options, token);
  } catch (error) {
    // Awaited: 401 when the token ran out meanwhile; the whole file goes again with a new one.
    if (!(error instanceof ApiFailure) || error.status !== 401 || !(await access.renew(token))) throw error;
    return put(file, options, access.token());
  }
}

function put(file: Blob, { filename, type, idempotencyKey, onProgress, signal }: UploadOptions, token: string | null) {
  const { promise, resolve, reject } = Promise.withResolvers<MediaView>();
  const query = new URLSearchParams({ ...(type ? { type } : {}), filename: filename.slice(-240) || "file" });
  const request = new XMLHttpRequest();
  request.open("POST", `/api/v2/media?${query}`);
  request.setRequestHeader("content-type", file.type || "application/octet-stream");
  request.setRequestHeader("idempotency-key", idempotencyKey);
  if (token) request.setRequestHeader("authorization", `Bearer ${token}`);
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
  request.onload = () => {
    const body: unknown = request.response;
    if (request.status === 200 && typeof body === "object" && body !== null && "data" in body) resolve(body.data as MediaView);
    else if (isFailureEnvelope(body)) reject(new ApiFailure(body.error, body.code, request.status, body.requestId, body.details));
    else reject(unreadable(request.status));
  };
  request.onerror = () => reject(unreachable());
  request.onabort = () => reject(new ApiFailure("The upload was stopped.", "upload.stopped", 0, null));
  signal.addEventListener("abort", () => request.abort());
  request.send(file);
  return promise;
}
