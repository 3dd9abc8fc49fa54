// Switching layer, year or classes: the same page is asked of the server and its parts exchanged,
// so there is one renderer only, and the map stays where it is.

import { selectionAddress, selectionOf } from "./address";
import { holdFocus } from "./focus";
import { ARRIVED } from "./repaint";

/** Exchange the parts of this page for those of another, and wire them; false when that page is another place. */
export function exchange(next: Document, wire: () => void): boolean {
  const [now, then] = [pageOf(document), pageOf(next)];
  if (!now || now !== then) return false;
  const open = openDetails();
  const giveBack = holdFocus();
  for (const old of document.querySelectorAll<HTMLElement>("[data-part]")) {
    const fresh = next.querySelector(`[data-part="${old.dataset["part"] ?? ""}"]`);
    if (fresh) old.replaceWith(fresh);
  }
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details[data-keep]"))
    details.open = open.has(details.dataset["keep"] ?? "");
  document.title = next.title;
  exchangeLinks(next);
  wire();
  giveBack();
  return true;
}

/** What a page is about: kind, release and wilayah.  Parts of two of them never mix. */
function pageOf(page: Document): string | undefined {
  return page.getElementById("view")?.dataset["page"];
}

/** What the reader has unfolded stays unfolded. */
function openDetails(): Set<string> {
  const open = document.querySelectorAll<HTMLDetailsElement>("details[data-keep][open]");
  return new Set([...open].map((details) => details.dataset["keep"] ?? ""));
}

function exchangeLinks(next: Document): void {
  const [old, fresh] = [document.querySelector(".more"), next.querySelector(".more")];
  if (old && fresh) old.replaceWith(fresh);
}

/** Show the address of a page that has come; whether another place was selected while it was under way.

What was selected meanwhile stays selected. */
export function enter(address: string, isNew: boolean): boolean {
  const kode = selectionOf(location.href);
  if (isNew) history.pushState(null, "", selectionAddress(address, kode));
  return kode !== selectionOf(address);
}

/** What a fetch is rejected with when the server does not answer in time. */
export const SLOW = "slow";
const PATIENCE_MS = 15_000;

let latest = 0;

/** Drop the answer that is under way: the reader has chosen something else since. */
export function overtake(): void {
  latest += 1;
}

/** Fetch a page, exchange parts and wire them; nothing is done when a later call overtook this one.

Rejects when the page cannot be fetched. */
export async function switchTo(address: string, wire: () => void): Promise<void> {
  const mine = ++latest;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new Error(SLOW)), PATIENCE_MS);
  const answer = await fetch(address, { headers: { accept: "text/html" }, signal: patience.signal }).finally(() => clearTimeout(timer));
  if (!answer.ok) throw new Error(String(answer.status));
  const text = await answer.text();
  if (mine !== latest) return;
  performance.mark(ARRIVED);
  if (!exchange(new DOMParser().parseFromString(text, "text/html"), wire)) location.assign(address);
}
