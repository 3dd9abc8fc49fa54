// The layer *tanggapan*: how far the needs of each child have come, in the place of the classes, on the
// live map and on the drawing.  Fetched when it is switched on; it repaints by itself after an event.

import type { Row, ViewData } from "./data";
import { Poll } from "./poll";

/** What the server says of one child: its state, counts by name (null: nothing was sent), and by service. */
interface Standing {
  readonly keadaan: string;
  readonly layanan: Readonly<Record<string, string>>;
  readonly [count: string]: unknown;
}

interface Titled {
  readonly id: string;
  readonly judul: string;
}

/** The answer of `/rumah/tanggapan/{kode}.json`. */
export interface States {
  readonly keadaan: readonly (Titled & { readonly warna: string | null })[];
  readonly layanan: readonly Titled[];
  readonly wilayah: Readonly<Record<string, Standing>>;
}

export const OVERDUE = "overdue";
const NONE = "none";

/** The state of a child, of all its needs or of those of one service. */
export function stateIn(states: States, kode: string, service: string): string {
  const standing = states.wilayah[kode];
  return (service ? standing?.layanan[service] : standing?.keadaan) ?? NONE;
}

/** The view as the live map paints it: classes are states, and the words of a child those of its state. */
export function respondingView(data: ViewData, states: States, service: string): ViewData {
  const coloured = states.keadaan.filter((state) => state.warna !== null);
  const rows = data.rows.map((row): Row => {
    const id = stateIn(states, row.kode, service);
    const k = coloured.findIndex((state) => state.id === id);
    const t = states.keadaan.find((state) => state.id === id)?.judul ?? id;
    const s = k < 0 ? "no_data" : id === OVERDUE ? OVERDUE : "ok";
    return { ...row, k, s, t, c: "", q: "", r: null, y: null };
  });
  return { ...data, colours: coloured.map((state) => state.warna ?? ""), rows };
}

/** A sentence with `{name}` filled in; what is not known is a dash. */
export function fill(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "–"));
}

const NAMESPACE = "http://www.w3.org/2000/svg";

export class ResponseLayer {
  private states: States | null = null;
  private service = "";
  private readonly poll: Poll;
  private readonly legend = document.createElement("ul");
  private readonly choice = document.createElement("select");
  private readonly place = document.createElement("p");

  /** `box` is the part of the page that has the switch; `changed` is called when the map is to be painted anew. */
  constructor(
    private readonly box: HTMLElement,
    private readonly changed: () => void,
  ) {
    const parts = document.createElement("div");
    parts.className = "of-layer";
    this.choice.setAttribute("aria-label", this.word("service"));
    this.choice.addEventListener("change", () => {
      this.service = this.choice.value;
      this.show();
    });
    this.place.setAttribute("role", "status");
    this.place.textContent = this.word("hint");
    parts.append(this.choice, this.legend, this.place);
    box.append(parts);
    document.documentElement.classList.add("responding");
    this.poll = new Poll(this.word("states"), Number(this.word("everyMs")), {
      changed: (body) => {
        this.states = body as States;
        this.show();
      },
      failing: (isFailing) => this.tell(isFailing),
    });
  }

  /** Let the map show its classes again. */
  stop(): void {
    this.poll.stop();
    this.tell(false);
    document.documentElement.classList.remove("responding");
    this.box.querySelector(".of-layer")?.remove();
    for (const shape of this.shapes()) {
      shape.setAttribute("fill", shape.dataset["fill"] ?? "");
      const title = shape.querySelector("title");
      if (title) title.textContent = shape.dataset["title"] ?? "";
      delete shape.dataset["fill"];
    }
  }

  /** What the live map is to paint. */
  over(data: ViewData): ViewData {
    return this.states ? respondingView(data, this.states, this.service) : data;
  }

  /** Say the counts of a child, and lead to its needs; an empty kode says what to do. */
  select(kode: string, data: ViewData | null): void {
    const row = data?.rows.find((other) => other.kode === kode);
    const standing = this.states?.wilayah[kode];
    if (!row || !standing || !this.states) return void (this.place.textContent = this.word("hint"));
    const state = this.titleOf(stateIn(this.states, kode, this.service));
    const counts = standing["dikirim"] === null ? "" : ` ${fill(this.word("counts"), standing)}`;
    const [name, link] = [document.createElement("b"), document.createElement("a")];
    name.textContent = row.nama;
    link.href = this.word("states").replace(/\/[^/]*\.json/, `/${kode}`);
    link.textContent = fill(this.word("open"), row as unknown as Record<string, unknown>);
    this.place.replaceChildren(name, `: ${state}.${counts} `, link);
  }

  /** Paint the drawing, which is new after each switch. */
  draw(): void {
    if (!this.states) return;
    for (const shape of this.shapes()) {
      const title = shape.querySelector("title");
      shape.dataset["fill"] ??= shape.getAttribute("fill") ?? "";
      shape.dataset["title"] ??= title?.textContent ?? "";
      const state = stateIn(this.states, shape.dataset["kode"] ?? "", this.service);
      shape.setAttribute("fill", this.fillOf(state));
      const nama = shape.dataset["title"].split(": ")[0] ?? "";
      if (title) title.textContent = `${nama}: ${this.titleOf(state)}`;
    }
  }

  private show(): void {
    this.offerServices();
    this.drawLegend();
    this.draw();
    this.changed();
  }

  private shapes(): NodeListOf<SVGPathElement> {
    return document.querySelectorAll<SVGPathElement>("#svgmap path[data-kode]");
  }

  private word(name: string): string {
    return this.box.dataset[name] ?? "";
  }

  private titleOf(state: string): string {
    return this.states?.keadaan.find((each) => each.id === state)?.judul ?? state;
  }

  private fillOf(state: string): string {
    if (state === OVERDUE) return "url(#p-overdue)";
    return this.states?.keadaan.find((each) => each.id === state)?.warna ?? "url(#p-no_data)";
  }

  /** The services of which anything was sent, chosen as before where it is still there. */
  private offerServices(): void {
    const offered = [{ id: "", judul: this.word("all") }, ...(this.states?.layanan ?? [])];
    if (this.choice.options.length === offered.length) return;
    this.choice.replaceChildren(...offered.map(({ id, judul }) => new Option(judul, id, false, id === this.service)));
  }

  private drawLegend(): void {
    const states = this.states;
    if (!states) return;
    const shown = Object.keys(states.wilayah).map((kode) => stateIn(states, kode, this.service));
    const lines = states.keadaan.map(({ id, judul }) => {
      const line = document.createElement("li");
      line.dataset["state"] = id;
      const chip = document.createElementNS(NAMESPACE, "svg");
      const box = document.createElementNS(NAMESPACE, "rect");
      const marks = { class: "chip", width: "28", height: "18", "aria-hidden": "true" };
      for (const [name, value] of Object.entries(marks)) chip.setAttribute(name, value);
      const sides = { x: ".5", y: ".5", width: "27", height: "17", fill: this.fillOf(id), stroke: "#22303c" };
      for (const [name, value] of Object.entries(sides)) box.setAttribute(name, value);
      chip.append(box);
      line.append(chip, ` ${judul}: ${shown.filter((state) => state === id).length}`);
      return line;
    });
    this.legend.replaceChildren(...lines);
  }

  /** What is shown may be old while the server cannot be asked, and the page says so. */
  private tell(isFailing: boolean): void {
    this.box.querySelector(".bad")?.remove();
    if (!isFailing) return;
    const line = document.createElement("p");
    line.className = "bad";
    line.setAttribute("role", "alert");
    line.textContent = this.word("failed");
    this.box.append(line);
  }
}
