// One line under the map that says what the page is doing, with a button where something can be done.

/** What a sentence is about: the state of the map, a tool in use, or what was just tried.

Each is said until it is over; of several the last in this order is seen. */
export type Subject = (typeof SUBJECTS)[number];
const SUBJECTS = ["map", "tool", "moment"] as const;

interface Action {
  readonly label: string;
  readonly run: () => void;
}

const said = new Map<Subject, () => (string | Node)[]>();
const bad = new Set<Subject>();

/** Show a sentence, and a button that does something about it. */
export function showNotice(text: string, action?: Action, isBad = false, about: Subject = "map"): void {
  said.set(about, () => (action ? [text, buttonOf(action, about)] : [text]));
  if (isBad) bad.add(about);
  else bad.delete(about);
  draw();
}

/** Take the sentence about something away. */
export function clearNotice(about: Subject = "map"): void {
  said.delete(about);
  draw();
}

function draw(): void {
  const line = document.getElementById("say");
  if (!line) return;
  const about = SUBJECTS.findLast((subject) => said.has(subject));
  line.classList.toggle("bad", about !== undefined && bad.has(about));
  line.replaceChildren(...((about && said.get(about)?.()) ?? []));
}

function buttonOf(action: Action, about: Subject): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = action.label;
  button.addEventListener("click", () => {
    clearNotice(about);
    action.run();
  });
  return button;
}
