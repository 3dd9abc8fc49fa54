// What-if on the page: its script is fetched when the reader opens it, so it weighs nothing before.

/** Make the trial of this page quick to use; `show` goes to an address without a page load. */
export function watchTrial(show: (address: string) => void): void {
  document.querySelector("#map > .pins")?.remove();
  const box = document.querySelector<HTMLDetailsElement>("#trial");
  const frame = document.getElementById("map");
  if (!box || !frame) return;
  const start = (): void => void import("./trial").then(({ startTrial }) => startTrial(box, frame, show));
  if (box.open) start();
  else box.addEventListener("toggle", start, { once: true });
}
