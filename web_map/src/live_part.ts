// A part of a page that says what changes while it is read: asked again and put in place, quietly.

const EVERY_MS = 30_000;

/** Put the newer text of `part` in its place, where it differs; what has the focus is left alone. */
export function renewPart(part: HTMLElement, text: string): boolean {
  const made = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
  if (!made || made.innerHTML === part.innerHTML || part.contains(document.activeElement)) return false;
  part.replaceChildren(...made.childNodes);
  return true;
}

/** Ask for a part again and again, while the page is seen; a failure leaves what is there. */
export function watchPart(part: HTMLElement, everyMs = EVERY_MS): void {
  const address = part.dataset["live"] ?? "";
  setInterval(() => {
    if (document.hidden || !navigator.onLine) return;
    fetch(address, { headers: { accept: "text/html" } })
      .then(async (answer) => void (answer.ok && renewPart(part, await answer.text())))
      .catch((error: unknown) => console.warn("responses:", error));
  }, everyMs);
}
