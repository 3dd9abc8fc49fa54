// What-if: place, drag and remove new facilities; the server's page says what they change.
//
// What is shown in the end is always the server's own part of the page, so there is one renderer; only
// while a marker moves is the process asked directly and its answer written in one line.

import { readViewData } from "../../src/data";
import { findGround } from "./ground";
import { Pins } from "./pins";
import { type Place, placeText, splitPlaces, trialAddress } from "./places";
import { askEffect, askPlace, BusyError, type Effect, Latest } from "./preview";

type Show = (address: string) => void;

let ending: (() => void) | null = null;
/** What has the focus after the page has been exchanged: a marker, or the answer. */
let wanted: number | "answer" | null = null;

/** Wire the trial of this page, and take the one before away. */
export function startTrial(box: HTMLDetailsElement, frame: HTMLElement, show: Show): void {
  ending?.();
  const trial = new Trial(box, frame, show);
  ending = () => trial.end();
}

class Trial {
  private readonly form: HTMLFormElement;
  private readonly line: HTMLElement;
  private readonly places: Place[];
  private readonly pins: Pins;
  private readonly latest: Latest<readonly Place[], Effect>;
  private readonly watcher = new MutationObserver(() => this.stand());
  private readonly put: HTMLButtonElement;

  constructor(
    private readonly box: HTMLDetailsElement,
    private readonly frame: HTMLElement,
    private readonly show: Show,
  ) {
    this.form = box.querySelector("form")!;
    this.line = box.querySelector<HTMLElement>(".trial-say")!;
    this.places = readPlaces(box);
    this.latest = new Latest((places) => askEffect(box.dataset["run"]!, this.kind(), places), (told) => this.tell(told));
    this.pins = new Pins(this.places, {
      label: (n) => fill(this.text("marker"), { n: String(n) }),
      moving: (at, place) => this.preview(at, place),
      moved: (at, place) => this.move(at, place),
      removed: (at) => this.go(this.texts().filter((_, other) => other !== at)),
    });
    frame.append(this.pins.layer);
    this.put = this.addButton("put", () => this.aim(!this.frame.classList.contains("placing")));
    this.put.setAttribute("aria-pressed", "false");
    this.put.after(this.addButton("suggest", () => void this.suggest()));
    this.wireForm();
    frame.addEventListener("click", this.place, true);
    // The live map may come, or go, at any time.
    this.watcher.observe(frame, { attributes: true, attributeFilter: ["class"], childList: true });
    this.stand();
    this.restoreFocus();
  }

  /** Take everything away that is not part of the exchanged page. */
  end(): void {
    this.watcher.disconnect();
    this.latest.end();
    this.pins.remove();
    this.frame.classList.remove("placing");
    this.frame.removeEventListener("click", this.place, true);
  }

  private stand(): void {
    const data = readViewData();
    this.pins.stand(data ? findGround(this.frame, data.bbox) : null);
  }

  private texts(): string[] {
    return splitPlaces(this.field("coba").value);
  }

  private kind(): string {
    return this.field("coba_jenis").value;
  }

  private field(name: string): HTMLInputElement | HTMLSelectElement {
    return this.form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
  }

  private text(name: string): string {
    return this.line.dataset[name] ?? "";
  }

  private go(texts: readonly string[], focus: number | "answer" = "answer"): void {
    wanted = focus;
    this.show(trialAddress(location.href, texts, this.kind()));
  }

  private wireForm(): void {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const added = [this.field("coba_desa").value, this.field("coba_titik").value.trim()];
      this.go([...this.texts(), ...added.filter((text) => text !== "")]);
    });
    this.field("coba_jenis").addEventListener("change", () => {
      if (this.places.length > 0) this.go(this.texts());
    });
    for (const link of this.box.querySelectorAll<HTMLAnchorElement>("a[data-trial]"))
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.go(splitPlaces(new URL(link.href).searchParams.get("coba") ?? ""));
      });
  }

  private addButton(name: string, run: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = this.text(name);
    button.addEventListener("click", run);
    this.field("coba_jenis").closest("label")!.after(button);
    return button;
  }

  private async suggest(): Promise<void> {
    const data = readViewData();
    if (!data) return;
    try {
      const place = await askPlace(this.box.dataset["run"]!, this.kind(), this.places, data);
      if (place) this.go([...this.texts(), placeText(place)]);
      else this.say(this.text("noSuggestion"));
    } catch (error) {
      this.tell(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private aim(isOn: boolean): void {
    this.frame.classList.toggle("placing", isOn);
    this.put.setAttribute("aria-pressed", String(isOn));
    this.say(isOn ? this.text("putting") : "");
    if (isOn) this.frame.scrollIntoView({ block: "nearest" });
  }

  private readonly place = (event: MouseEvent): void => {
    const data = readViewData();
    const ground = data && findGround(this.frame, data.bbox);
    const isTool = (event.target as Element).closest("button, .pins") !== null;
    if (!this.frame.classList.contains("placing") || !ground || isTool) return;
    event.preventDefault();
    event.stopPropagation();
    const { left, top } = this.frame.getBoundingClientRect();
    const spot = [event.clientX - left - this.frame.clientLeft, event.clientY - top - this.frame.clientTop] as const;
    this.aim(false);
    this.go([...this.texts(), placeText(ground.toPlace(spot))]);
  };

  private preview(at: number, place: Place): void {
    this.places[at] = place;
    this.latest.put([...this.places]);
  }

  private move(at: number, place: Place): void {
    const isByKey = document.activeElement?.classList.contains("pin") === true;
    const texts = this.texts().map((text, other) => (other === at ? placeText(place) : text));
    this.go(texts, isByKey ? at : "answer");
  }

  private tell(told: Effect | Error): void {
    if (told instanceof Error) return this.say(this.text(told instanceof BusyError ? "busy" : "failed"), true);
    const write = (value: number): string =>
      Math.round(value).toLocaleString(document.documentElement.lang === "en" ? "en" : "id-ID");
    const closed = write(told.gaps.closed);
    const people = told.people?.newly_covered ?? null;
    if (people === null) return this.say(fill(this.text("movingDesa"), { closed }));
    this.say(fill(this.text("moving"), { people: write(people), closed }));
  }

  private say(text: string, isBad = false): void {
    this.line.textContent = text;
    this.line.classList.toggle("bad", isBad);
  }

  private restoreFocus(): void {
    const focus = wanted;
    wanted = null;
    if (typeof focus === "number") return this.pins.focus(focus);
    const answer = this.box.querySelector<HTMLElement>("[role='alert'], .figures");
    if (focus === null || !answer) return;
    answer.tabIndex = -1;
    answer.focus({ preventScroll: true });
    answer.scrollIntoView({ block: "nearest" });
  }
}

function readPlaces(box: HTMLElement): Place[] {
  if (box.querySelector("[role='alert']")) return [];
  return [...box.querySelectorAll<HTMLElement>(".trial-places li")].map(
    (item) => [Number(item.dataset["lon"]), Number(item.dataset["lat"])] as const,
  );
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
