// The state of the page is its address: these functions read and write it, and nothing else does.

/** Parts that are left out of the address when they say what is the case anyway. */
const DEFAULTS: Readonly<Record<string, string>> = {
  method: "fixed", tahun: "", desa: "", lang: "id", view: "", facilities: "", rings: "", opacity: "100",
};

/** The address that a form of the page asks for. */
export function formAddress(action: string, entries: Iterable<readonly [string, string]>): string {
  const given = new Map(entries);
  if ((given.get("method") ?? "fixed") === "fixed") {
    given.delete("k");
    given.delete("compare");
  }
  const query = new URLSearchParams();
  for (const [name, value] of given) if (value !== (DEFAULTS[name] ?? "\0")) query.append(name, value);
  const text = query.toString();
  return text ? `${action}?${text}` : action;
}

/** The same address with another selected child; an empty kode selects none. */
export function selectionAddress(address: string, kode: string): string {
  const url = new URL(address);
  if (kode) url.searchParams.set("desa", kode);
  else url.searchParams.delete("desa");
  return url.href.replaceAll("%2C", ",");
}

/** The selected child of an address, or an empty string. */
export function selectionOf(address: string): string {
  return new URL(address).searchParams.get("desa") ?? "";
}

/** Whether two addresses show the same values and differ at most in what is selected or where the map looks. */
export function isSameView(one: string, other: string): boolean {
  const plain = (address: string): string => viewAddress(selectionAddress(address, ""), null);
  return plain(one) === plain(other);
}

/** Where a live map looks: longitude and latitude of its middle, and zoom. */
export interface Look {
  readonly lon: number;
  readonly lat: number;
  readonly zoom: number;
}

/** The same address with another look of the map; null for the whole wilayah. */
export function viewAddress(address: string, look: Look | null): string {
  const url = new URL(address);
  if (look) url.searchParams.set("view", lookText(look));
  else url.searchParams.delete("view");
  return url.href.replaceAll("%2C", ",");
}

/** A look as it is written into addresses. */
export function lookText(look: Look): string {
  return [look.lon.toFixed(5), look.lat.toFixed(5), look.zoom.toFixed(2)].join(",");
}

/** The look of an address; null where it has none. */
export function lookOf(address: string): Look | null {
  const [lon, lat, zoom] = (new URL(address).searchParams.get("view") ?? "").split(",").map(Number);
  if (lon === undefined || lat === undefined || zoom === undefined) return null;
  return [lon, lat, zoom].every(Number.isFinite) ? { lon, lat, zoom } : null;
}
