/** A ZIP archive written while its files are read. Files are kept as they are: pictures and voice notes are compressed already. */

export interface ZipFile {
  name: string;
  /** Its content, in pieces. */
  content: AsyncIterable<Uint8Array>;
}

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Sizes follow the content; names are UTF-8. */
const FLAGS = 0x0808;
/** 1 January 1980: the earliest day the format knows. Nobody needs another one here. */
const DATE = 0x0021;
const LARGEST = 0xffff_fffe;

export async function* zip(files: AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let offset = 0;
  for await (const { name, content } of files) {
    const title = new TextEncoder().encode(name);
    const start = offset;
    const head = record(LOCAL, [2, 20], [2, FLAGS], [2, 0], [2, 0], [2, DATE], [4, 0], [4, 0], [4, 0], [2, title.length], [2, 0]);
    yield head;
    yield title;
    let [crc, size] = [0, 0];
    for await (const piece of content) {
      crc = Bun.hash.crc32(piece, crc);
      size += piece.length;
      yield piece;
    }
    yield record(DESCRIPTOR, [4, crc], [4, size], [4, size]);
    offset += head.length + title.length + size + 16;
    // Without the extension for larger archives, which not every program reads.
    if (offset > LARGEST) throw new RangeError("A ZIP archive holds at most 4 GB.");
    directory.push(
      record(
        CENTRAL,
        [2, 20],
        [2, 20],
        [2, FLAGS],
        [2, 0],
        [2, 0],
        [2, DATE],
        [4, crc],
        [4, size],
        [4, size],
        [2, title.length],
        [2, 0],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, start],
      ),
      title,
    );
  }
  const list = Buffer.concat(directory);
  const count = directory.length / 2;
  yield list;
  yield record(END, [2, 0], [2, 0], [2, count], [2, count], [4, list.length], [4, offset], [2, 0]);
}

/** A record of little-endian numbers, each with its width. */
function record(signature: number, ...fields: [width: 2 | 4, value: number][]): Uint8Array {
  const bytes = Buffer.alloc(4 + fields.reduce((sum, [width]) => sum + width, 0));
  let at = bytes.writeUInt32LE(signature, 0);
  for (const [width, value] of fields) at = width === 2 ? bytes.writeUInt16LE(value, at) : bytes.writeUInt32LE(value >>> 0, at);
  return bytes;
}

/** The pieces as a body; when nobody reads on, the generator ends. */
export function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
