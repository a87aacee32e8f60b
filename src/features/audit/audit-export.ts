/** The audit log as a file that is written while it is read: no more than a few hundred entries are in memory. */
import type { AuditEntryView } from "./audit.schema";

export type ExportFormat = "jsonl" | "csv";

const COLUMNS = ["id", "at", "actorKind", "actorId", "actorName", "action", "targetKind", "targetId", "targetName"] as const;
const MORE = ["address", "userAgent", "requestId", "before", "after"] as const;

/** The bytes of the file. Ends with the generator, and ends the generator when nobody reads on. */
export function exportStream(batches: AsyncGenerator<AuditEntryView[]>, format: ExportFormat): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const line = format === "csv" ? csvLine : (entry: AuditEntryView) => JSON.stringify(entry);
  let isFirst = format === "csv";
  return new ReadableStream({
    async pull(controller) {
      if (isFirst) {
        isFirst = false;
        controller.enqueue(encoder.encode(`${[...COLUMNS, ...MORE].join(",")}\r\n`));
        return;
      }
      const { value, done } = await batches.next();
      if (done) return controller.close();
      const end = format === "csv" ? "\r\n" : "\n";
      controller.enqueue(encoder.encode(value.map((entry) => line(entry) + end).join("")));
    },
    async cancel() {
      await batches.return(undefined);
    },
  });
}

function csvLine({ id, at, actor, action, target, origin, before, after }: AuditEntryView): string {
  return [
    id,
    at,
    actor.kind,
    actor.id,
    actor.name,
    action,
    target.kind,
    target.id,
    target.name,
    origin?.address,
    origin?.userAgent,
    origin?.requestId,
    before === null ? null : JSON.stringify(before),
    after === null ? null : JSON.stringify(after),
  ]
    .map((value) => csvCell(value ?? ""))
    .join(",");
}

/** Quoted where it has to be. What a spreadsheet would run as a formula is given a quote in front. */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
