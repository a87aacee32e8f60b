/** POST /audio/transcriptions of the sandbox: checks the form as the real service would. It hears nothing and says so. */
import { ApiError, refuse } from "./api-error";

const FIELDS = new Set(["file", "model", "language", "prompt", "response_format", "temperature"]);
const MOST_BYTES = 25 * 1024 * 1024;
const NAME = /\.(flac|m4a|mp3|mp4|mpeg|mpga|oga|ogg|wav|webm)$/i;
/** About what a voice note of WhatsApp takes. */
const BYTES_A_SECOND = 2_000;

export interface HeardRequest {
  model: string;
  bytes: Uint8Array;
}

export async function readTranscription(request: Request): Promise<HeardRequest> {
  const form = await request.formData().catch(() => {
    // Awaited: a body that is no form.
    throw new ApiError(400, { message: "We could not parse the multipart form." });
  });
  for (const name of form.keys()) if (!FIELDS.has(name)) throw refuse(name, `Unrecognized request argument supplied: ${name}`);
  const [file, model, format] = [form.get("file"), form.get("model"), form.get("response_format") ?? "json"];
  if (typeof model !== "string" || model === "") throw refuse("model", "you must provide a model parameter");
  if (!(file instanceof Blob)) throw refuse("file", "you must provide a file");
  if (format !== "json") throw refuse("response_format", `response_format '${format}' is not compatible with this model.`);
  if (!NAME.test((file as File).name ?? "")) throw refuse("file", "Invalid file format.");
  if (file.size === 0 || file.size > MOST_BYTES) throw refuse("file", "The file is empty or too large.");
  return { model, bytes: new Uint8Array(await file.arrayBuffer()) };
}

export function transcriptionAnswer({ bytes }: HeardRequest, text: string | undefined): object {
  const seconds = Math.max(1, Math.ceil(bytes.length / BYTES_A_SECOND));
  return {
    text: text ?? `Nota de voz de ${seconds} s (el asistente del sandbox no oye)`,
    usage: { type: "duration", seconds },
  };
}
