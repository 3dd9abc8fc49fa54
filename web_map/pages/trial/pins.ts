// Markers of the places tried: buttons over the map that are dragged, or moved by the arrow keys.

import type { Ground, Spot } from "./ground";
import type { Place } from "./places";

const STEPS: Readonly<Record<string, Spot>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const SETTLED_MS = 700;

export interface PinTies {
  readonly label: (at: number) => string;
  /** A pin is on its way. */
  readonly moving: (at: number, place: Place) => void;
  /** A pin has arrived. */
  readonly moved: (at: number, place: Place) => void;
  readonly removed: (at: number) => void;
}

/** The markers of one trial over one frame. */
export class Pins {
  readonly layer = document.createElement("div");
  private readonly buttons: HTMLButtonElement[];
  private ground: Ground | null = null;
  private unwatch: (() => void) | null = null;

  constructor(
    private readonly places: Place[],
    private readonly ties: PinTies,
  ) {
    this.layer.className = "pins";
    this.buttons = places.map((_, at) => this.make(at));
    this.layer.append(...this.buttons);
  }

  /** Stand on this ground; null hides the markers. */
  stand(ground: Ground | null): void {
    this.unwatch?.();
    this.ground = ground;
    this.unwatch = ground?.watch(() => this.draw()) ?? null;
    this.layer.hidden = ground === null;
    this.draw();
  }

  /** Take the markers away. */
  remove(): void {
    this.unwatch?.();
    this.layer.remove();
  }

  focus(at: number): void {
    this.buttons[at]?.focus();
  }

  private draw(): void {
    this.places.forEach((_, at) => this.drawOne(at));
  }

  private drawOne(at: number): void {
    const [button, place] = [this.buttons[at], this.places[at]];
    if (!button || !place || !this.ground) return;
    const [x, y] = this.ground.toFrame(place);
    button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  }

  private shift(at: number, [dx, dy]: Spot): void {
    const place = this.places[at];
    if (!place || !this.ground) return;
    const [x, y] = this.ground.toFrame(place);
    this.places[at] = this.ground.toPlace([x + dx, y + dy]);
    this.drawOne(at);
    this.ties.moving(at, this.places[at]);
  }

  private make(at: number): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pin";
    button.textContent = String(at + 1);
    button.setAttribute("aria-label", this.ties.label(at + 1));
    this.wirePointer(button, at);
    this.wireKeys(button, at);
    return button;
  }

  private wirePointer(button: HTMLButtonElement, at: number): void {
    let last: Spot | null = null;
    let isMoved = false;
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      [last, isMoved] = [[event.clientX, event.clientY], false];
    });
    button.addEventListener("pointermove", (event) => {
      if (!last) return;
      this.shift(at, [event.clientX - last[0], event.clientY - last[1]]);
      [last, isMoved] = [[event.clientX, event.clientY], true];
    });
    const drop = (): void => {
      last = null;
      if (isMoved) this.ties.moved(at, this.places[at]!);
    };
    button.addEventListener("pointerup", drop);
    button.addEventListener("pointercancel", drop);
  }

  private wireKeys(button: HTMLButtonElement, at: number): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    button.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") return this.ties.removed(at);
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const far = event.shiftKey ? 20 : 4;
      this.shift(at, [step[0] * far, step[1] * far]);
      clearTimeout(timer);
      timer = setTimeout(() => this.ties.moved(at, this.places[at]!), SETTLED_MS);
    });
  }
}
