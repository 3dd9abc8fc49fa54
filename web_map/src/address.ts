// The state of the page is its address: these functions read and write it, and nothing else does.

/** Parts that are left out of the address when they say what is the case anyway. */
const DEFAULTS: Readonly<Record<string, string>> = { method: "fixed", tahun: "", desa: "", lang: "id" };

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
  return url.href;
}

/** The selected child of an address, or an empty string. */
export function selectionOf(address: string): string {
  return new URL(address).searchParams.get("desa") ?? "";
}

/** Whether two addresses show the same view and differ at most in what is selected. */
export function isSameView(one: string, other: string): boolean {
  return selectionAddress(one, "") === selectionAddress(other, "");
}
