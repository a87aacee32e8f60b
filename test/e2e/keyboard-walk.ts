/** Walking through a page with the Tab key alone, and what must hold at each stop. */
import type { Page } from "playwright-core";

export interface Stop {
  /** Tag and name of what has the focus. */
  what: string;
  /** Whether one sees that it has the focus: a ring around it or around the box it stands in. */
  isMarked: boolean;
  /** Whether it is drawn, and inside the window. */
  isInSight: boolean;
  /** Whether it comes after the stop before in the document. */
  isInOrder: boolean;
}

/** Looks at what has the focus now; null where nothing has it. The ring is told apart from what is there without the focus. */
const LOOK = `(() => {
  const looks = (one) => {
    const chain = [one, one.parentElement, one.parentElement?.parentElement].filter(Boolean);
    return chain.map((each) => { const s = getComputedStyle(each); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor].join(); }).join("|");
  };
  const one = document.activeElement;
  const last = window.lastStop;
  // Day, month and year of a date are stops of their own inside one field.
  if (last && last.element === one) return { before: null, stop: null, isInside: true };
  const before = last && last.element.isConnected ? { at: last.at, isMarked: looks(last.element) !== last.looks } : null;
  if (!one || one === document.body) { window.lastStop = undefined; return { before, stop: null }; }
  const box = one.getBoundingClientRect();
  const name = one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent || one.getAttribute("name") || "";
  const at = (last?.at ?? -1) + 1;
  const stop = {
    what: one.tagName.toLowerCase() + " " + name.trim().replace(/\\s+/g, " ").slice(0, 60),
    isMarked: false,
    isInSight: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
    isInOrder: !last || !last.element.isConnected || (last.element.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
  };
  window.lastStop = { element: one, looks: looks(one), at };
  return { before, stop };
})()`;

interface Looked {
  before: { at: number; isMarked: boolean } | null;
  stop: Stop | null;
  isInside?: true;
}

/** Every stop of the Tab key from the top of the page until it leaves it. */
export async function walk(page: Page, most = 400): Promise<Stop[]> {
  await page.evaluate(
    "document.activeElement?.blur(); window.lastStop = undefined; getSelection()?.removeAllRanges(); scrollTo(0, 0)",
  );
  const stops: Stop[] = [];
  for (let step = 0; step < most; step++) {
    await page.keyboard.press("Tab");
    const { before, stop, isInside } = await page.evaluate<Looked>(LOOK);
    if (isInside) continue;
    const marked = before && stops[before.at];
    if (marked) marked.isMarked = before.isMarked;
    // Back at the top: the browser's own controls lie between.
    if (!stop || (stops.length > 0 && !stop.isInOrder && stop.what === stops[0]?.what)) return stops;
    stops.push(stop);
  }
  throw new Error(`the Tab key does not come to an end within ${most} stops`);
}

/** What is wrong with the stops, one line each. */
export const walkFaults = (stops: readonly Stop[]): string[] =>
  stops.flatMap(({ what, isMarked, isInSight, isInOrder }) => [
    ...(isMarked ? [] : [`no ring: ${what}`]),
    ...(isInSight ? [] : [`out of sight: ${what}`]),
    ...(isInOrder ? [] : [`out of order: ${what}`]),
  ]);

/** The name of what has the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `(() => { const one = document.activeElement; return !one || one === document.body ? "nothing" : (one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent || "").trim().replace(/\\s+/g, " "); })()`,
  );
