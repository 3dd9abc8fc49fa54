// The page that compares two maps: moved together, swiped over each other, one selection for all parts.

import { formAddress, type Look, lookOf, lookText, selectionAddress, selectionOf, viewAddress } from "../../src/address";
import { makeTools } from "../../src/buttons";
import { afterKeys } from "../../src/focus";
import { Frames } from "./frames";
import { markPlace, placeOf, wordsOf } from "../../src/linked";
import { showNotice, clearNotice } from "../../src/notice";
import { markReady } from "../../src/readiness";
import { makeSortable } from "../../src/sorting";
import { enter, overtake, SLOW, switchTo } from "../../src/switching";
import { hideTip, tellTip } from "../../src/tip";

/** Make the page of a comparison live. */
export function startCompare(): void {
  wireParts();
  const main = document.querySelector<HTMLElement>("main");
  main?.addEventListener("pointermove", (event) => point(event));
  main?.addEventListener("pointerleave", () => leave());
  main?.addEventListener("click", (event) => press(event));
  addEventListener("popstate", () => void show(location.href, false));
  markReady();
}

function wireParts(): void {
  const table = document.querySelector<HTMLTableElement>("#tbl");
  if (table) makeSortable(table);
  const root = document.getElementById("compare");
  if (root) {
    addTools(root);
    if (root.classList.contains("mode-swipe")) addSwipe(root);
  }
  const form = document.querySelector<HTMLFormElement>("form.bar");
  const submit = (): void => {
    const entries = [...new FormData(form!)].map(([name, value]) => [name, String(value)] as const);
    void show(new URL(formAddress(form!.action.split("?")[0] ?? "", entries), location.href).href, true);
  };
  form?.addEventListener("change", afterKeys(form, submit, overtake));
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}

function addTools(root: HTMLElement): void {
  const frames = Frames.wire(root, keepLook);
  const place = root.querySelector<HTMLElement>("[data-zoom]");
  if (!frames || !place) return;
  const look = lookOf(location.href);
  if (look) frames.look(look);
  const { tools, add } = makeTools();
  add("+", root.dataset["in"] ?? "", () => frames.zoom(1.5));
  add("−", root.dataset["out"] ?? "", () => frames.zoom(1 / 1.5));
  add("⌂", root.dataset["home"] ?? "", () => frames.home());
  const steps: Record<string, readonly [number, number]> = {
    ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, -0.2], ArrowDown: [0, 0.2],
  };
  tools.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    frames.move(...step);
  });
  place.append(tools);
}

/** Where the drawings look is part of the address, and no step of its own in the history. */
function keepLook(look: Look | null): void {
  history.replaceState(null, "", viewAddress(location.href, look));
  const field = document.querySelector<HTMLInputElement>('.bar input[name="view"]');
  if (field) field.value = look ? lookText(look) : "";
}

/** The second map over the first, as far as the slider says. */
function addSwipe(root: HTMLElement): void {
  const [first, second] = root.querySelectorAll<HTMLElement>("[data-zoom]");
  if (!first || !second) return;
  const over = document.createElement("div");
  over.className = "over-map";
  over.append(...second.querySelectorAll("svg"));
  const line = document.createElement("div");
  line.className = "swipe-line";
  first.append(over, line);
  second.remove();
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = "100";
  slider.value = "50";
  slider.className = "swipe";
  slider.setAttribute("aria-label", root.dataset["swipe"] ?? "");
  const cut = (): void => {
    over.style.clipPath = `inset(0 0 0 ${slider.value}%)`;
    line.style.left = `${slider.value}%`;
  };
  slider.addEventListener("input", cut);
  followPointer(line, first, (share) => {
    slider.value = String(100 * share);
    cut();
  });
  slider.addEventListener("change", (event) => event.stopPropagation());
  first.after(slider);
  cut();
}

/** While an element is dragged, tell how far across a frame the pointer is, from 0 to 1. */
function followPointer(line: HTMLElement, frame: HTMLElement, moved: (share: number) => void): void {
  line.addEventListener("pointerdown", (event) => line.setPointerCapture(event.pointerId));
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const box = frame.getBoundingClientRect();
    moved((event.clientX - box.left) / box.width);
  });
}

async function show(address: string, isNew: boolean): Promise<void> {
  const root = document.getElementById("compare");
  try {
    await switchTo(address, () => {
      const isOther = enter(address, isNew);
      clearNotice();
      wireParts();
      if (isOther) choose(selectionOf(location.href));
      requestAnimationFrame(() => performance.measure("repaint", "data-arrived"));
    });
  } catch (error) {
    const again = { label: root?.dataset["retry"] ?? "↻", run: () => void show(address, isNew) };
    const isSlow = error instanceof Error && error.message === SLOW;
    showNotice(root?.dataset[isSlow ? "slow" : "offline"] ?? "", again, true);
  }
}

function point(event: PointerEvent): void {
  const kode = placeOf(event.target);
  const frame = (event.target as Element).closest<HTMLElement>(".map, .plot");
  if (!kode || !frame) return leave();
  const box = frame.getBoundingClientRect();
  tellTip(frame, wordsOf(event.target as SVGElement), event.clientX - box.left, event.clientY - box.top);
  markPlace(kode, "over");
}

function leave(): void {
  hideTip();
  markPlace("", "over");
}

function press(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const mode = (event.target as Element).closest<HTMLAnchorElement>("a[data-mode]");
  if (mode) {
    event.preventDefault();
    const address = viewAddress(selectionAddress(mode.href, selectionOf(location.href)), lookOf(location.href));
    return void show(address, true);
  }
  const link = (event.target as Element).closest<HTMLElement>("a[data-select]");
  const kode = link?.dataset["select"] ?? placeOf(event.target);
  if (!kode) return;
  event.preventDefault();
  const address = selectionAddress(location.href, kode);
  history.pushState(null, "", address);
  choose(kode);
}

function choose(kode: string): void {
  markPlace(kode, "on");
  const field = document.querySelector<HTMLInputElement>('.bar input[name="desa"]');
  if (field) field.value = kode;
  const panel = document.getElementById("panel");
  const row = document.querySelector<HTMLTableRowElement>(`#tbl tr[data-kode="${CSS.escape(kode)}"]`);
  if (panel && row) fillPanel(panel, row, kode);
}

/** The chosen place in words, from its row of the table. */
function fillPanel(panel: HTMLElement, row: HTMLTableRowElement, kode: string): void {
  const heading = document.createElement("h3");
  const name = row.querySelector("a[data-select]")?.textContent ?? kode;
  heading.textContent = name;
  const list = document.createElement("dl");
  const heads = row.closest("table")?.tHead?.rows[0]?.cells;
  [...row.cells].slice(2).forEach((cell, at) => {
    const [line, dt, dd] = [document.createElement("div"), document.createElement("dt"), document.createElement("dd")];
    dt.textContent = heads?.[at + 2]?.textContent?.trim() ?? "";
    dd.textContent = cell.textContent?.trim() ?? "";
    line.append(dt, dd);
    list.append(line);
  });
  const links = document.createElement("p");
  links.className = "links";
  const profile = document.createElement("a");
  profile.href = `${panel.dataset["child"] ?? ""}${kode}${panel.dataset["lang"] ?? ""}`;
  profile.textContent = (panel.dataset["profile"] ?? "{nama}").replace("{nama}", name);
  links.append(profile);
  panel.replaceChildren(heading, list, links);
}
