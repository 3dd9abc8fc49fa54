// One place shown as chosen or pointed at, everywhere on the page: table, drawings, scatter, histogram.

/** Mark everything that stands for a place with a class; an empty kode takes the mark away. */
export function markPlace(kode: string, mark: "on" | "over"): void {
  for (const one of document.querySelectorAll<HTMLElement | SVGElement>("main [data-kode]")) {
    const isIt = one.dataset["kode"] === kode;
    if (one.classList.contains(mark) === isIt) continue;
    one.classList.toggle(mark, isIt);
    if (mark === "on") tellChosen(one, isIt);
  }
}

function tellChosen(one: HTMLElement | SVGElement, isIt: boolean): void {
  if (one instanceof HTMLElement) {
    if (isIt) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
    return;
  }
  // What is drawn last lies on top, so that its border is whole.
  const link = one.closest("a");
  if (isIt && link) link.parentNode?.append(link);
}

/** The kode of the place under an event, on a drawing; undefined beside all places. */
export function placeOf(target: EventTarget | null): string | undefined {
  return target instanceof SVGElement ? target.dataset["kode"] : undefined;
}

/** What a drawing says of a place.  The browser's own tooltip is taken away: it would come twice. */
export function wordsOf(shape: SVGElement): string {
  const title = shape.querySelector("title");
  if (title) {
    shape.setAttribute("aria-label", title.textContent ?? "");
    title.remove();
  }
  return shape.getAttribute("aria-label") ?? "";
}
