/** The store of the sync benchmark in a thread of its own: one message for each command, and one for its answer. */
import { openWriter, type Writer } from "./sync-writer";

export type WriterOrder = { open: string } | { id: number; write: Uint8Array } | { id: number; read: number } | { close: true };

declare const self: Worker;
let writer: Writer;

self.onmessage = async ({ data }: MessageEvent<WriterOrder>) => {
  if ("open" in data) {
    writer = openWriter(data.open, "in place");
    self.postMessage({ id: 0, value: null });
  } else if ("close" in data) {
    await writer.close();
    self.postMessage({ id: 0, value: null });
  } else
    self.postMessage({ id: data.id, value: "write" in data ? await writer.write(data.write) : await writer.read(data.read) });
};
