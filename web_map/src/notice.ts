// One line under the map that says what the page is doing, with a button where something can be done.

/** Show a sentence, and a button that does something about it. */
export function showNotice(text: string, action?: { label: string; run: () => void }, isBad = false): void {
  const line = document.getElementById("say");
  if (!line) return;
  line.classList.toggle("bad", isBad);
  line.replaceChildren(text);
  if (!action) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = action.label;
  button.addEventListener("click", () => {
    clearNotice();
    action.run();
  });
  line.append(button);
}

/** Take the sentence away. */
export function clearNotice(): void {
  const line = document.getElementById("say");
  line?.replaceChildren();
  line?.classList.remove("bad");
}
