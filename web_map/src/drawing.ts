// The server's drawing as a map: pointing and selecting work on it without WebGL.

import { readViewData, type Row } from "./data";
import { showPointed } from "./selection";
import { hideTip, showTip } from "./tip";

function rowOf(target: EventTarget | null): Row | undefined {
  const kode = target instanceof SVGElement ? target.dataset["kode"] : undefined;
  return kode ? readViewData()?.rows.find((row) => row.kode === kode) : undefined;
}

/** Wire pointer and tap on the drawing; `select` is told the kode of what was chosen. */
export function wireDrawing(frame: HTMLElement, select: (kode: string) => void): void {
  frame.addEventListener("pointermove", (event) => {
    const [row, data] = [rowOf(event.target), readViewData()];
    if (!row || !data) return void (isInDrawing(event.target) && leave());
    const box = frame.getBoundingClientRect();
    showTip(frame, data, row, event.clientX - box.left, event.clientY - box.top);
    showPointed(row.kode);
  });
  frame.addEventListener("pointerleave", leave);
  frame.addEventListener("click", (event) => {
    const row = rowOf(event.target);
    if (!row || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    select(row.kode);
  });
}

function isInDrawing(target: EventTarget | null): boolean {
  return target instanceof SVGElement;
}

function leave(): void {
  hideTip();
  showPointed("");
}
