/** Example files of headers: a component may name a stored file, and WhatsApp gets the handle of its upload instead. */
import { type ErrorDetail, fail } from "../../core/errors";
import type { ConnectedChannel } from "../channels/channel-line";
import type { ExampleKind, MediaExampleService } from "../media/media-example.service";
import type { TemplateComponent } from "./template.schema";

type Header = Extract<TemplateComponent, { type: "HEADER" }>;

const KINDS: Readonly<Record<string, ExampleKind>> = { IMAGE: "image", VIDEO: "video", DOCUMENT: "document" };

/** Throws template.invalid with the path of every named file that cannot be such an example. */
export async function checkExamples(components: readonly TemplateComponent[], examples: MediaExampleService): Promise<void> {
  const details: ErrorDetail[] = [];
  for (const [path, { format, example }] of headersOf(components)) {
    if (example?.mediaId === undefined) continue;
    const kind = KINDS[format];
    const problem = kind ? await examples.problemOf(example.mediaId, kind) : `a header of format ${format} takes no file`;
    const both = example.header_handle ? "name either mediaId or header_handle, not both" : null;
    const message = both ?? problem;
    if (message) details.push({ path: `body.components.${path}.example.mediaId`, message });
  }
  if (details.length > 0) throw fail("template.invalid", { details });
}

/** The components as WhatsApp takes them: every named file is uploaded and stands there by its handle. */
export async function uploadExamples(
  components: readonly TemplateComponent[],
  examples: MediaExampleService,
  channel: ConnectedChannel,
): Promise<Record<string, unknown>[]> {
  const uploaded = structuredClone(components) as TemplateComponent[];
  for (const [, header] of headersOf(uploaded)) {
    const kind = KINDS[header.format];
    if (!kind || header.example?.mediaId === undefined) continue;
    const { mediaId, ...example } = header.example;
    header.example = { ...example, header_handle: [await examples.handleOf(mediaId, kind, channel)] };
  }
  return uploaded;
}

/** Every header with its path, those of cards too. */
function headersOf(components: readonly TemplateComponent[]): [string, Header][] {
  return components.flatMap((part, index): [string, Header][] => {
    if (part.type === "HEADER") return [[String(index), part]];
    if (part.type !== "CAROUSEL") return [];
    return part.cards.flatMap((card, at) =>
      card.components.flatMap((one, place): [string, Header][] =>
        one.type === "HEADER" ? [[`${index}.cards.${at}.components.${place}`, one]] : [],
      ),
    );
  });
}
