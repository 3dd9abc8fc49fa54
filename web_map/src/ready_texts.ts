// Ready-made texts of a form: what is chosen is written into its field, to be edited there.

export function fillReadyTexts(): void {
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement) || !target.dataset.fills) return;
    const field = document.getElementById(target.dataset.fills);
    if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return;
    field.value = target.value;
    target.value = "";
    field.focus();
  });
}
