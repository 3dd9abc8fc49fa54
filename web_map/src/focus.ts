// The keyboard keeps its place: parts of the page are exchanged, what had the focus has it again.

const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";

/** How long keys rest before what they chose is asked for; browsers begin a new word after a second. */
const LETTERS_REST_MS = 1000;
const ARROWS_REST_MS = 300;

/** Remember what has the focus; what is returned gives it to the same thing of the fresh part. */
export function holdFocus(): () => void {
  const active = document.activeElement;
  const part = active?.closest<HTMLElement>("[data-part]");
  if (!active || !part) return () => undefined;
  const name = part.dataset["part"] ?? "";
  const row = active.closest("[data-kode]")?.getAttribute("data-kode");
  const place = controlsOf(part, row).indexOf(active as HTMLElement);
  return () => {
    if (active.isConnected) return;
    const fresh = document.querySelector<HTMLElement>(`[data-part="${CSS.escape(name)}"]`);
    if (fresh) (named(active, fresh) ?? controlsOf(fresh, row)[place] ?? fresh).focus({ preventScroll: true });
  };
}

function named(active: Element, fresh: HTMLElement): HTMLElement | null {
  const [id, name] = [active.id, active.getAttribute("name")];
  if (id) return fresh.querySelector(`#${CSS.escape(id)}`);
  return name ? fresh.querySelector(`[name="${CSS.escape(name)}"]`) : null;
}

/** What can have the focus in a part, or in one row of it: its rows may come in another order. */
function controlsOf(part: HTMLElement, row: string | null | undefined): HTMLElement[] {
  const within = row ? part.querySelector(`[data-kode="${CSS.escape(row)}"]`) : part;
  return within ? [...within.querySelectorAll<HTMLElement>(CONTROLS)] : [];
}

/** The same work, at once for a pointer, and after a rest where keys choose; `chosen` is called at once.

Who leaves the field has chosen: the work waits no longer. */
export function afterKeys(form: HTMLElement | null, work: () => void, chosen: () => void): () => void {
  let quietAt = -Infinity;
  let timer: number | undefined;
  const isDue = (): boolean => {
    const was = timer;
    clearTimeout(timer);
    timer = undefined;
    return was !== undefined;
  };
  const run = (): void => void (isDue() && work());
  form?.addEventListener("keydown", ({ key }) => {
    quietAt = performance.now() + (key.length === 1 ? LETTERS_REST_MS : ARROWS_REST_MS);
  });
  form?.addEventListener("submit", isDue);
  form?.addEventListener("focusout", run);
  return () => {
    isDue();
    chosen();
    timer = window.setTimeout(run, Math.max(0, quietAt - performance.now()));
  };
}
