// How long a switch takes to be seen, as User Timing measures: from the arrival of the other page (the
// mark `data-arrived`) to the painted page (`repaint`) and to the painted live map (`repaint-map`).

export const ARRIVED = "data-arrived";

/** What can say when it is painted. */
export interface Painted {
  whenPainted(told: () => void): void;
}

/** Measure the switch that just happened; the page is painted when the task after its frame runs. */
export function measureRepaint(live: Painted | null): void {
  requestAnimationFrame(() => setTimeout(() => performance.measure("repaint", ARRIVED)));
  live?.whenPainted(() => performance.measure("repaint-map", ARRIVED));
}
