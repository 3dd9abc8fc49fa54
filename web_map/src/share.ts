// Sharing what is open: each text to be taken along gets a button that copies it.

/** Put a button beside every text that is marked for copying. */
export function addCopying(): void {
  for (const text of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-copy]")) {
    const place = text.closest("label") ?? text;
    if (place.nextElementSibling?.classList.contains("copy")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = text.dataset["copy"] ?? "";
    button.addEventListener("click", () => void copy(text, button));
    place.after(button);
  }
}

/** The address for others: without the token of whoever shares it, which is for its holder alone. */
export function sharedAddress(address: string): string {
  const url = new URL(address);
  const query = url.search.slice(1).split("&");
  const others = query.filter((part) => part.split("=")[0] !== "token");
  if (others.length === query.length) return address;
  url.search = others.join("&");
  return url.href;
}

async function copy(text: HTMLTextAreaElement, button: HTMLButtonElement): Promise<void> {
  if (text.dataset["link"] !== undefined) text.value = sharedAddress(location.href);
  text.select();
  // Without a secure origin there is no clipboard to write to; the older way still works there.
  const isCopied = await (navigator.clipboard?.writeText(text.value).then(() => true, () => false) ?? false);
  if (isCopied || document.execCommand("copy")) button.textContent = text.dataset["copied"] ?? "✓";
}
