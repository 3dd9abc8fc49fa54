// The server's drawings (map, histogram) as controls: pointing and selecting work on them without WebGL.

import { readViewData, type Row } from "./data";
import { placeOf, wordsOf } from "./linked";
import { showPointed } from "./selection";
import { hideTip, showTip } from "./tip";

function rowOf(target: EventTarget | null): Row | undefined {
  const kode = placeOf(target);
  if (kode) wordsOf(target as SVGElement);
  return kode ? readViewData()?.rows.find((row) => row.kode === kode) : undefined;
}

/** Wire pointer and tap on the drawings below an element; `select` gets the kode of what was chosen. */
export function wireDrawings(page: HTMLElement, select: (kode: string) => void): void {
  let isTold = false;
  const leave = (): void => {
    if (!isTold) return;
    isTold = false;
    hideTip();
    showPointed("");
  };
  page.addEventListener("pointermove", (event) => {
    const [row, data] = [rowOf(event.target), readViewData()];
    const frame = (event.target as Element).closest<HTMLElement>(".map, .scale");
    if (!row || !data || !frame) return leave();
    const box = frame.getBoundingClientRect();
    showTip(frame, data, row, event.clientX - box.left, event.clientY - box.top);
    showPointed(row.kode);
    isTold = true;
  });
  page.addEventListener("pointerleave", leave);
  page.addEventListener("click", (event) => {
    const row = rowOf(event.target);
    if (!row || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    select(row.kode);
  });
}
