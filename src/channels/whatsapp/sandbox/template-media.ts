/** The example files of a business: refused when their handle is unknown or does not fit, shown by their address afterwards. */
import { type JsonObject, listOf, objectOf } from "../json-value";
import { GraphRefusal } from "./graph-refusal";
import type { UploadStore } from "./upload-store";

const MB = 1024 * 1024;

const FORMATS: Readonly<Record<string, { types: readonly string[]; maxBytes: number }>> = {
  IMAGE: { types: ["image/jpeg", "image/jpg", "image/png"], maxBytes: 5 * MB },
  VIDEO: { types: ["video/mp4"], maxBytes: 16 * MB },
  DOCUMENT: { types: ["application/pdf"], maxBytes: 100 * MB },
};

/** The example of a header with a picture, a film or a document. */
export function checkHeaderExample(format: string, example: JsonObject | undefined, uploads: UploadStore): void {
  const [handle] = listOf(example?.header_handle);
  if (handle === undefined) {
    throw new GraphRefusal(400, 100, "Invalid parameter", {
      subcode: 2388273,
      user: {
        title: "Missing sample parameter for title type",
        message: `Header of type ${format} needs a sample file in example.header_handle.`,
      },
    });
  }
  checkExampleFile(format, handle, uploads);
}

/** Throws Meta's refusal unless the handle is of an upload that fits this format. */
export function checkExampleFile(format: string, handle: unknown, uploads: UploadStore): void {
  const file = uploads.findByHandle(handle);
  const rule = FORMATS[format];
  if (!file) throw badHandle("The uploaded media handle is not known. Upload the file again and use the new handle.");
  if (!rule?.types.includes(file.mimeType)) throw badHandle(`The uploaded file of type ${file.mimeType} is no ${format}.`);
  if (file.length > rule.maxBytes) throw badHandle(`The uploaded file is larger than ${rule.maxBytes} bytes.`);
}

const badHandle = (message: string): GraphRefusal =>
  new GraphRefusal(400, 131009, "Parameter value is not valid", {
    subcode: 2494102,
    user: { title: "Uploaded Media Handle Is Invalid", message },
  });

/** A component as Meta shows it: with the address of the example instead of its handle. */
export function withAddresses(part: JsonObject, uploads: UploadStore): JsonObject {
  if (Array.isArray(part.cards)) {
    const cards = part.cards.map((card) => {
      const components = listOf(objectOf(card)?.components).map((item) => withAddresses(objectOf(item) ?? {}, uploads));
      return { ...objectOf(card), components };
    });
    return { ...part, cards };
  }
  const example = objectOf(part.example);
  const file = uploads.findByHandle(listOf(example?.header_handle)[0]);
  return file ? { ...part, example: { ...example, header_handle: [uploads.address(file)] } } : part;
}
