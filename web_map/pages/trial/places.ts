// The places of a trial as the address writes them: `lon,lat` or the code of a desa, between semicolons.

export type Place = readonly [number, number];

const PARAMETERS = ["coba", "coba_desa", "coba_titik", "coba_jenis"] as const;

/** A place as it is written: five decimals are a metre. */
export function placeText([lon, lat]: Place): string {
  return `${lon.toFixed(5)},${lat.toFixed(5)}`;
}

/** The texts of a list; empty ones are left out. */
export function splitPlaces(list: string): string[] {
  return list.split(";").filter((text) => text !== "");
}

/** The same address with other places and kind; without places only the kind stays. */
export function trialAddress(address: string, places: readonly string[], kind: string): string {
  const url = new URL(address);
  for (const name of PARAMETERS) url.searchParams.delete(name);
  if (places.length > 0) url.searchParams.set("coba", places.join(";"));
  url.searchParams.set("coba_jenis", kind);
  return url.href.replaceAll("%2C", ",").replaceAll("%3B", ";");
}
