/** The microphone as an OGG file with OPUS, as WhatsApp wants its voice messages; browsers that record WebM have it put into OGG pages. */
import { oggFromWebm } from "./ogg-from-webm";

export interface Recording {
  /** The voice message; null when nothing was recorded. */
  stop(): Promise<File | null>;
}

const OGG = "audio/ogg;codecs=opus";
const WEBM = "audio/webm;codecs=opus";

const recordedType = (): string | null => {
  if (typeof MediaRecorder === "undefined" || !navigator.mediaDevices) return null;
  return [OGG, WEBM].find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
};

/** False on plain http and in browsers that record neither: the button is not shown there. */
export const canRecord = (): boolean => recordedType() !== null;

/** Throws DOMException when there is no microphone or its use is refused. */
export async function startRecording(): Promise<Recording> {
  const type = recordedType() ?? WEBM;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
  const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 32_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  return {
    async stop() {
      const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
      recorder.stop();
      await ended;
      for (const track of stream.getTracks()) track.stop();
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      const ogg = type === OGG ? bytes : oggFromWebm(bytes);
      return ogg ? new File([ogg], "voice.ogg", { type: "audio/ogg" }) : null;
    },
  };
}
