// What the server put into the page for the browser: one JSON island, read anew after each switch.

/** One child of the wilayah: feature id, class (-1 for none), status ("part": a value counted from a part
only), value and class in words, rank, rank in words, year. */
export interface Row {
  readonly id: number;
  readonly kode: string;
  readonly nama: string;
  readonly k: number;
  readonly s: string;
  readonly t: string;
  readonly c: string;
  readonly r: number | null;
  readonly q: string;
  readonly y: number | null;
  readonly p: readonly [number, number] | null;
}

/** Everything the live map needs to know of a view. */
export interface ViewData {
  readonly release: string;
  readonly base: string;
  readonly title: string;
  /** Where the tiles are; empty where they are not for this reader. */
  readonly tiles: string;
  readonly source: string;
  /** The base map that the deployment configured: its address and whose it is. */
  readonly ground: { readonly url: string; readonly by: string } | null;
  /** Facilities that are shown: longitude, latitude, name; and the radius of their rings in metres. */
  readonly places: readonly (readonly [number, number, string])[];
  readonly ring: number | null;
  readonly labels: boolean;
  readonly opacity: number;
  readonly parent: string;
  readonly kode: string;
  readonly bbox: readonly [number, number, number, number];
  readonly colours: readonly string[];
  readonly rows: readonly Row[];
  /** Query of the page that says how a value shown here came about. */
  readonly origin: string;
  readonly words: Readonly<Record<string, string>>;
}

/** The data of the page as it is now; null on pages without a map. */
export function readViewData(page: Document = document): ViewData | null {
  const island = page.getElementById("data");
  return island?.textContent ? (JSON.parse(island.textContent) as ViewData) : null;
}

/** A sentence in the page's language, with `{name}` filled in. */
export function say(data: ViewData, key: string, values: Record<string, string> = {}): string {
  const text = data.words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
