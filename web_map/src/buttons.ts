// The column of buttons on a map: each a sign with a name for those who do not see it.

/** An empty column, and how to add a button to it. */
export function makeTools(): { tools: HTMLElement; add: (sign: string, label: string, run: () => void) => HTMLButtonElement } {
  const tools = document.createElement("div");
  tools.className = "map-tools";
  const add = (sign: string, label: string, run: () => void): HTMLButtonElement => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", run);
    tools.append(button);
    return button;
  };
  return { tools, add };
}
