// The entry: makes the server's page quick to use, and fetches the live map where it can be drawn.

import "./page.css";
import "../pages/trial/trial.css";
import { formAddress, isSameView, type Look, lookOf, lookText, selectionAddress, selectionOf, viewAddress } from "./address";
import { startCompare } from "../pages/compare/compare";
import { readViewData, say, type ViewData } from "./data";
import { wireDrawings } from "./drawing";
import { afterKeys } from "./focus";
import type { LiveMap } from "./live/map";
import { clearNotice, showNotice } from "./notice";
import { startOffline } from "./offline";
import { fillReadyTexts } from "./ready_texts";
import { decideReadiness, hasWebGl2, lineOf, markReady } from "./readiness";
import { showSelection } from "./selection";
import { makeSortable } from "./sorting";
import { startCountry } from "../pages/start/start";
import { watchPart } from "./live_part";
import { measureRepaint } from "./repaint";
import type { ResponseLayer } from "./responses";
import { addCopying } from "./share";
import { enter, overtake, SLOW, switchTo } from "./switching";
import { plainAddress } from "./tracking";
import { watchTrial } from "../pages/trial/watch";
import { addYearSlider } from "./years";

const root = document.documentElement;
const frame = document.getElementById("map");
// Before anything reads the address: it is copied, shared, kept and handed on from here.
if (plainAddress(location.href) !== location.href) history.replaceState(history.state, "", plainAddress(location.href));
let shown = location.href;
let live: LiveMap | null = null;
// A map whose graphics were lost: it takes no orders, and is kept only to be told of their return.
let lost: LiveMap | null = null;
// The layer of responses while it is switched on, in the place of the classes.
let responses: ResponseLayer | null = null;

root.classList.add("js");

function select(kode: string): void {
  shown = selectionAddress(location.href, kode);
  history.pushState(null, "", shown);
  applySelection();
}

function applySelection(): void {
  const kode = selectionOf(location.href);
  showSelection(kode);
  live?.select(kode);
  responses?.select(kode, readViewData());
}

/** What the live map is to show: the view of the page, or the responses in its place. */
function shownData(): ViewData | null {
  const data = readViewData();
  return data && (responses?.over(data) ?? data);
}

function repaint(): void {
  const data = shownData();
  if (data) live?.paint(data);
  responses?.select(selectionOf(location.href), readViewData());
}

/** The switch of the layer of responses, where the server has a register; its script is fetched when it is used. */
function wireResponses(box: HTMLElement): void {
  const tick = box.querySelector("input");
  const turn = async (): Promise<void> => {
    if (tick?.checked && !responses) {
      const { ResponseLayer } = await import("./responses");
      if (tick.checked) responses ??= new ResponseLayer(box, repaint);
    } else if (!tick?.checked && responses) {
      responses.stop();
      responses = null;
      repaint();
    }
  };
  tick?.addEventListener("change", () => void turn());
  if (tick && location.hash === `#${box.id}`) tick.checked = true;
  // A browser also remembers the switch when the reader comes back.
  void turn();
}

/** Who chooses other values wants to see them. */
function leaveResponses(): void {
  const tick = document.querySelector<HTMLInputElement>("#tanggapan input");
  if (!tick?.checked) return;
  tick.checked = false;
  tick.dispatchEvent(new Event("change"));
}

function keepLook(look: Look | null): void {
  shown = viewAddress(location.href, look);
  history.replaceState(null, "", shown);
  const field = document.querySelector<HTMLInputElement>('.bar input[name="view"]');
  if (field) field.value = look ? lookText(look) : "";
}

async function show(address: string, isNew: boolean): Promise<void> {
  root.dataset["busy"] = "1";
  try {
    await switchTo(address, () => {
      const isOther = enter(address, isNew);
      shown = location.href;
      clearNotice("moment");
      wireParts();
      if (isOther) applySelection();
      measureRepaint(live);
    });
  } catch (error) {
    const data = readViewData();
    const again = { label: data ? say(data, "retry") : "↻", run: () => void show(address, isNew) };
    const isSlow = error instanceof Error && error.message === SLOW;
    if (data) showNotice(say(data, isSlow ? "slow" : "offline"), again, true, "moment");
  } finally {
    delete root.dataset["busy"];
  }
}

function wireParts(): void {
  addCopying();
  const table = document.querySelector<HTMLTableElement>("#tbl");
  if (table) makeSortable(table);
  const form = document.querySelector<HTMLFormElement>("form.bar");
  const submit = (): void => {
    leaveResponses();
    const entries = [...new FormData(form!)].map(([name, value]) => [name, String(value)] as const);
    const withSelection = new Map([...entries, ["desa", selectionOf(location.href)] as const]);
    void show(new URL(formAddress(form!.action.split("?")[0] ?? "", withSelection), location.href).href, true);
  };
  const opacity = form?.elements.namedItem("opacity") as HTMLInputElement | null;
  opacity?.addEventListener("input", () => fade(Number(opacity.value) / 100));
  const soon = afterKeys(form, submit, overtake);
  form?.addEventListener("change", () => {
    for (const name of ["k", "compare"]) {
      const field = form.elements.namedItem(name) as HTMLSelectElement | null;
      if (field) field.disabled = new FormData(form).get("method") === "fixed";
    }
    soon();
  });
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  const years = document.querySelector<HTMLSelectElement>("#tahun");
  if (years) addYearSlider(years);
  watchTrial((address) => void show(address, true));
  responses?.draw();
  repaint();
  live?.select(selectionOf(location.href));
}

function fade(strength: number): void {
  document.querySelector("#svgmap > g")?.setAttribute("fill-opacity", String(strength));
  live?.fade(strength);
}

function wirePage(): void {
  wireDrawings(document.querySelector("main") ?? document.body, select);
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.<HTMLElement>("a[data-select]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    select(link.dataset["select"] ?? "");
  });
  addEventListener("popstate", () => {
    if (isSameView(location.href, shown)) applySelection();
    else void show(location.href, false);
    live?.look(lookOf(location.href));
    shown = location.href;
  });
}

async function startLive(place: HTMLElement, data: ViewData): Promise<void> {
  if (!data.tiles) {
    const back = encodeURIComponent(location.pathname.slice(data.base.length) + location.search);
    showNotice(say(data, "closed"), { label: say(data, "sign_in"), run: () => location.assign(`${data.base}/masuk?lanjut=${back}`) });
    return markReady();
  }
  showNotice(say(data, "loading"));
  try {
    const { LiveMap } = await import("./live/map").catch((error: unknown) => {
      console.warn("map:", error);
      throw new Error(say(data, "script"));
    });
    const ties = {
      select,
      moved: keepLook,
      trouble: (text: string) => trouble(place, data, text),
      lost: (map: LiveMap) => lose(map, place, data),
      restored: () => restart(place, data),
    };
    live = await LiveMap.start(place, data, ties, lookOf(location.href));
    if (live) clearNotice();
    repaint();
    live?.select(selectionOf(location.href));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    trouble(place, data, say(data, "failed", { reason }));
  }
  markReady();
}

function trouble(place: HTMLElement, data: ViewData, text: string): void {
  showNotice(text, { label: say(data, "retry"), run: () => restart(place, data) }, true);
}

/** The drawing shows until the graphics return; it has the same values, classes and selection. */
function lose(map: LiveMap, place: HTMLElement, data: ViewData): void {
  [lost, live] = [map, null];
  clearNotice("tool");
  trouble(place, data, say(data, "lost"));
}

/** A new map in the place of the one before, of what the page shows now. */
function restart(place: HTMLElement, data: ViewData): void {
  for (const map of [live, lost]) map?.remove();
  live = lost = null;
  void startLive(place, readViewData() ?? data);
}

function startPage(place: HTMLElement, data: ViewData): void {
  wirePage();
  wireParts();
  const box = document.getElementById("tanggapan");
  if (box) wireResponses(box);
  const readiness = data.tiles ? decideReadiness(hasWebGl2(), lineOf(navigator)) : "start";
  if (readiness === "start") return void startLive(place, data);
  if (readiness === "never") showNotice(say(data, "fallback"));
  else showNotice("", { label: say(data, "load"), run: () => void startLive(place, data) });
  markReady();
}

const first = readViewData();
if (frame && first) startPage(frame, first);
if (document.getElementById("compare")) startCompare();
const country = document.getElementById("country");
if (country) startCountry(country);
for (const part of document.querySelectorAll<HTMLElement>("[data-live]")) watchPart(part);
fillReadyTexts();
startOffline(document.body.dataset["base"] ?? "", (isOffline) => {
  const line = document.getElementById("line");
  if (line) line.textContent = isOffline ? (document.body.dataset["offlineWords"] ?? "") : "";
});
