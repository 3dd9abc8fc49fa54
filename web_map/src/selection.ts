// One selection for map, table and panel.  It is shown at once from what the page already holds.

import { markPlace } from "./linked";
import { readViewData, say, type Row, type ViewData } from "./data";

function pair(term: string, value: string): HTMLDivElement {
  const line = document.createElement("div");
  const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
  dt.textContent = term;
  dd.textContent = value;
  line.append(dt, dd);
  return line;
}

function contextPairs(kode: string): HTMLDivElement[] {
  const table = document.querySelector<HTMLTableElement>("#tbl");
  const row = table?.querySelector<HTMLTableRowElement>(`tr[data-kode="${CSS.escape(kode)}"]`);
  const headings = table?.tHead?.rows[0]?.cells;
  if (!row || !headings) return [];
  return [...row.cells].flatMap((cell, at) =>
    cell.classList.contains("context")
      ? [pair(headings[at]?.textContent?.trim() ?? "", cell.textContent?.trim() ?? "")]
      : [],
  );
}

function fillPanel(panel: HTMLElement, data: ViewData, row: Row): void {
  const heading = document.createElement("h3");
  heading.id = "panel-title";
  heading.textContent = row.nama;
  const value = document.createElement("p");
  value.className = "big";
  value.textContent = row.t;
  if (row.q) {
    const rank = document.createElement("span");
    rank.textContent = row.q;
    value.append(" ", rank);
  }
  const list = document.createElement("dl");
  if (row.c && row.c !== row.t) list.append(pair(say(data, "class"), row.c));
  if (row.y !== null) list.append(pair(say(data, "year"), String(row.y)));
  list.append(...contextPairs(row.kode), pair(say(data, "kode"), row.kode));
  panel.replaceChildren(heading, value, list, panelLinks(data, row));
}

function panelLinks(data: ViewData, row: Row): HTMLParagraphElement {
  const links = document.createElement("p");
  links.className = "links";
  const origin = document.createElement("a");
  origin.href = `${data.base}/${data.source}/${row.kode}/asal?${data.origin}`;
  origin.textContent = say(data, "link");
  const profile = document.createElement("a");
  profile.href = `${data.base}/${data.source}/${row.kode}${location.search.includes("lang=en") ? "?lang=en" : ""}`;
  profile.textContent = say(data, "profile", { nama: row.nama });
  const clear = document.createElement("a");
  clear.href = "?";
  clear.dataset["select"] = "";
  clear.textContent = say(data, "clear");
  links.append(profile, " ", origin, " ", clear);
  return links;
}

function emptyPanel(panel: HTMLElement, data: ViewData): void {
  const heading = document.createElement("h3");
  heading.id = "panel-title";
  heading.textContent = say(data, "selected");
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = say(data, "hint");
  panel.replaceChildren(heading, hint);
}

/** Show a child as selected in table, drawing, panel and form; an empty kode selects none. */
export function showSelection(kode: string): void {
  const data = readViewData();
  const panel = document.getElementById("panel");
  markPlace(kode, "on");
  const field = document.querySelector<HTMLInputElement>('.bar input[name="desa"]');
  if (field) field.value = kode;
  if (!data || !panel) return;
  const row = data.rows.find((other) => other.kode === kode);
  if (row) fillPanel(panel, data, row);
  else emptyPanel(panel, data);
}

/** Show a child as pointed at, in table and drawings. */
export function showPointed(kode: string): void {
  markPlace(kode, "over");
}
