/** A line that is written over until the work is done; where nobody watches, a line from time to time. */

export interface Progress {
  what: string;
  done: number;
  total: number;
}

interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

const STEPS_UNWATCHED = 10;

export function progressLine(output: Output, elapsed: () => string): (progress: Progress) => void {
  let last = "";
  return ({ what, done, total }) => {
    const share = total === 0 ? 1 : done / total;
    const step = `${what} ${output.isTTY ? Math.floor(share * 100) : Math.floor(share * STEPS_UNWATCHED) * (100 / STEPS_UNWATCHED)} %`;
    if (step === last) return;
    last = step;
    output.write(output.isTTY ? `\r\x1b[K${step} · ${elapsed()}` : `${step} · ${elapsed()}\n`);
  };
}
