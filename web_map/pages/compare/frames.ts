// Several drawings of one wilayah that look at the same part of it: zoomed and moved together.

import type { Look } from "../../src/address";

/** Part of a drawing that is shown, in its own pixels. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const MOST = 12;

function groundOf(root: HTMLElement, drawings: readonly SVGSVGElement[]): Ground | null {
  const bbox = (root.dataset["bbox"] ?? "").split(",").map(Number);
  const [width, height] = (drawings[0]?.dataset["size"] ?? "").split(" ").map(Number);
  if (bbox.length !== 4 || !width || !height) return null;
  return { width, height, bbox: bbox as [number, number, number, number] };
}

/** A part zoomed by a factor about a point of the drawing, kept inside the whole. */
export function zoomPart(part: Part, whole: Part, factor: number, x: number, y: number): Part {
  const width = Math.min(whole.width, Math.max(whole.width / MOST, part.width / factor));
  const scale = width / part.width;
  return keepInside({ x: x - (x - part.x) * scale, y: y - (y - part.y) * scale, width, height: part.height * scale }, whole);
}

/** The same part where it does not leave the whole. */
export function keepInside(part: Part, whole: Part): Part {
  const clamp = (at: number, least: number, most: number): number => Math.min(Math.max(at, least), Math.max(least, most));
  return {
    ...part,
    x: clamp(part.x, whole.x, whole.x + whole.width - part.width),
    y: clamp(part.y, whole.y, whole.y + whole.height - part.height),
  };
}

/** Where a drawing lies: its size in its own pixels, and west, south, east, north in degrees. */
export interface Ground {
  readonly width: number;
  readonly height: number;
  readonly bbox: readonly [number, number, number, number];
}

/** Middle and zoom of a part, as a live map of 512 pixels' width would have them. */
export function lookOfPart(part: Part, ground: Ground): Look {
  const [west, south, east, north] = ground.bbox;
  const lon = west + ((part.x + part.width / 2) / ground.width) * (east - west);
  const lat = north - ((part.y + part.height / 2) / ground.height) * (north - south);
  return { lon, lat, zoom: Math.log2((360 * ground.width) / (part.width * (east - west))) };
}

/** The part that a look shows, inside the whole. */
export function partOfLook(look: Look, ground: Ground, whole: Part): Part {
  const [west, south, east, north] = ground.bbox;
  const asked = (360 * ground.width) / (2 ** look.zoom * (east - west));
  const width = Math.min(whole.width, Math.max(whole.width / MOST, asked));
  const height = (whole.height * width) / whole.width;
  const x = ((look.lon - west) / (east - west)) * ground.width - width / 2;
  const y = ((north - look.lat) / (north - south)) * ground.height - height / 2;
  return keepInside({ x, y, width, height }, whole);
}

/** The drawings of a page, moved together; `changed` is called when the reader moved them. */
export class Frames {
  private part: Part;

  private constructor(
    private readonly drawings: readonly SVGSVGElement[],
    private readonly whole: Part,
    private readonly ground: Ground | null,
    private readonly changed: (look: Look | null) => void,
  ) {
    this.part = whole;
  }

  /** Wire all drawings below an element; null when there is none. */
  static wire(root: HTMLElement, changed: (look: Look | null) => void): Frames | null {
    const drawings = [...root.querySelectorAll<SVGSVGElement>("[data-zoom] > svg")];
    const box = drawings[0]?.viewBox.baseVal;
    if (!box) return null;
    const frames = new Frames(drawings, { x: box.x, y: box.y, width: box.width, height: box.height }, groundOf(root, drawings), changed);
    for (const drawing of drawings) frames.listen(drawing);
    return frames;
  }

  /** Zoom about the middle of what is shown. */
  zoom(factor: number): void {
    const { x, y, width, height } = this.part;
    this.show(zoomPart(this.part, this.whole, factor, x + width / 2, y + height / 2));
  }

  /** Move by shares of what is shown. */
  move(across: number, down: number): void {
    const { x, y, width, height } = this.part;
    this.show(keepInside({ ...this.part, x: x + across * width, y: y + down * height }, this.whole));
  }

  /** Show the whole wilayah again. */
  home(): void {
    this.show(this.whole);
  }

  /** Look at a place; `changed` is not called, as the address has it already. */
  look(look: Look): void {
    if (this.ground) this.draw(partOfLook(look, this.ground, this.whole));
  }

  private show(part: Part): void {
    this.draw(part);
    const isWhole = part.width >= this.whole.width;
    this.changed(isWhole || !this.ground ? null : lookOfPart(part, this.ground));
  }

  private draw(part: Part): void {
    this.part = part;
    const text = [part.x, part.y, part.width, part.height].map((one) => one.toFixed(1)).join(" ");
    for (const drawing of this.drawings) {
      drawing.setAttribute("viewBox", text);
      drawing.classList.toggle("zoomed", part.width < this.whole.width);
    }
  }

  private listen(drawing: SVGSVGElement): void {
    drawing.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const at = this.pointOf(drawing, event);
      this.show(zoomPart(this.part, this.whole, event.deltaY < 0 ? 1.4 : 1 / 1.4, at[0], at[1]));
    });
    let last: PointerEvent | null = null;
    drawing.addEventListener("pointerdown", (event) => (last = event));
    addEventListener("pointerup", () => (last = null));
    drawing.addEventListener("pointermove", (event) => {
      if (!last || this.part.width >= this.whole.width) return;
      const [before, now] = [this.pointOf(drawing, last), this.pointOf(drawing, event)];
      last = event;
      this.show(keepInside({ ...this.part, x: this.part.x + before[0] - now[0], y: this.part.y + before[1] - now[1] }, this.whole));
    });
  }

  private pointOf(drawing: SVGSVGElement, event: MouseEvent): readonly [number, number] {
    const box = drawing.getBoundingClientRect();
    const scale = Math.max(this.part.width / box.width, this.part.height / box.height);
    const x = this.part.x + this.part.width / 2 + (event.clientX - box.left - box.width / 2) * scale;
    return [x, this.part.y + this.part.height / 2 + (event.clientY - box.top - box.height / 2) * scale];
  }
}
