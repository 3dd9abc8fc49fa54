// The year as a slider beside its chooser: one step a year, from the first to the last.

/** Years of a chooser from the first; the empty option (the latest) is no year of its own. */
export function yearsOf(values: readonly string[]): string[] {
  return values.filter((value) => value !== "").sort();
}

/** Put a slider beside the chooser of years; moving it is choosing. */
export function addYearSlider(chooser: HTMLSelectElement): void {
  const years = yearsOf([...chooser.options].map((option) => option.value));
  if (years.length < 3) return;
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = String(years.length - 1);
  slider.setAttribute("aria-label", chooser.labels?.[0]?.firstChild?.textContent?.trim() ?? "");
  const place = years.indexOf(chooser.value);
  slider.value = String(place < 0 ? years.length - 1 : place);
  const tell = (): void => slider.setAttribute("aria-valuetext", years[Number(slider.value)] ?? "");
  tell();
  slider.addEventListener("input", tell);
  slider.addEventListener("change", (event) => {
    event.stopPropagation();
    chooser.value = years[Number(slider.value)] ?? "";
    chooser.dispatchEvent(new Event("change", { bubbles: true }));
  });
  const box = document.createElement("div");
  box.className = "years";
  const [first, last] = [document.createElement("span"), document.createElement("span")];
  first.textContent = years[0] ?? "";
  last.textContent = years.at(-1) ?? "";
  box.append(first, slider, last);
  document.querySelector(".theme")?.append(box);
}
