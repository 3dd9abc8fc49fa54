// What the tip at the pointer says of the place under it: name, value with unit and year, class and rank.

import { say, type Row, type ViewData } from "./data";

let tip: HTMLElement | null = null;

/** Show the words of a row beside a point of the map frame (pixels from its corner). */
export function showTip(frame: HTMLElement, data: ViewData, row: Row, x: number, y: number): void {
  const box = boxIn(frame);
  const name = document.createElement("b");
  name.textContent = row.nama;
  const value = document.createElement("span");
  const year = row.y === null ? "" : ` (${row.y})`;
  value.textContent = row.t.includes(year) ? row.t : row.t + year;
  const more = document.createElement("span");
  more.textContent = [row.c && row.c !== row.t && `${say(data, "class")}: ${row.c}`, row.q].filter(Boolean).join(" · ");
  box.replaceChildren(name, value, ...(more.textContent ? [more] : []));
  place(box, frame, x, y);
}

/** Show one sentence, its name before a colon, beside a point of a frame. */
export function tellTip(frame: HTMLElement, words: string, x: number, y: number): void {
  const box = boxIn(frame);
  const at = words.indexOf(": ");
  const [name, rest] = [document.createElement("b"), document.createElement("span")];
  name.textContent = at < 0 ? words : words.slice(0, at);
  rest.textContent = at < 0 ? "" : words.slice(at + 2);
  box.replaceChildren(name, ...(rest.textContent ? [rest] : []));
  place(box, frame, x, y);
}

function boxIn(frame: HTMLElement): HTMLElement {
  if (tip?.parentNode !== frame) {
    tip?.remove();
    tip = frame.appendChild(document.createElement("div"));
    tip.className = "tip";
  }
  return tip;
}

function place(box: HTMLElement, frame: HTMLElement, x: number, y: number): void {
  const right = x + 16 + box.offsetWidth > frame.clientWidth;
  const below = y + 16 + box.offsetHeight > frame.clientHeight;
  box.style.left = `${Math.max(4, right ? x - 12 - box.offsetWidth : x + 16)}px`;
  box.style.top = `${Math.max(4, below ? y - 12 - box.offsetHeight : y + 16)}px`;
}

/** Take the words away. */
export function hideTip(): void {
  tip?.remove();
  tip = null;
}
