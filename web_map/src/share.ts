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

async function copy(text: HTMLTextAreaElement, button: HTMLButtonElement): Promise<void> {
  if (text.dataset["link"] !== undefined) text.value = location.href;
  text.select();
  // Without a secure origin there is no clipboard to write to; the older way still works there.
  const isCopied = await (navigator.clipboard?.writeText(text.value).then(() => true, () => false) ?? false);
  if (isCopied || document.execCommand("copy")) button.textContent = text.dataset["copied"] ?? "✓";
}
