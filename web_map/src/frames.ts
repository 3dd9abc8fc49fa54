// Several drawings of one wilayah that look at the same part of it: zoomed and moved together.

/** Part of a drawing that is shown, in its own pixels. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const MOST = 12;

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

/** The drawings of a page, moved together; `changed` is told when the reader moved them. */
export class Frames {
  private part: Part;

  private constructor(
    private readonly drawings: readonly SVGSVGElement[],
    private readonly whole: Part,
    private readonly changed: (zoom: number) => void,
  ) {
    this.part = whole;
  }

  /** Wire all drawings below an element; null when there is none. */
  static wire(root: HTMLElement, changed: (zoom: number) => void): Frames | null {
    const drawings = [...root.querySelectorAll<SVGSVGElement>("[data-zoom] > svg")];
    const box = drawings[0]?.viewBox.baseVal;
    if (!box) return null;
    const frames = new Frames(drawings, { x: box.x, y: box.y, width: box.width, height: box.height }, changed);
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

  private show(part: Part): void {
    this.part = part;
    const text = [part.x, part.y, part.width, part.height].map((one) => one.toFixed(1)).join(" ");
    for (const drawing of this.drawings) {
      drawing.setAttribute("viewBox", text);
      drawing.classList.toggle("zoomed", part.width < this.whole.width);
    }
    this.changed(this.whole.width / part.width);
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
