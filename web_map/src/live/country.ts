// The map of all kecamatan: painted by the value that the tiles carry, in the classes of the release.

import { Map as GLMap, type ExpressionSpecification, type MapMouseEvent, type StyleSpecification } from "maplibre-gl";
import { makeTools } from "../buttons";
import type { CountryData } from "../../pages/start/start";
import { hideTip, tellTip } from "../tip";
import { firstDrawn, localeOf, renewProtocol } from "./engine";
import { type Graphics, watchGraphics } from "./graphics";

const INK = "#22303c";
const PAPER = "#ffffff";
// Below it the archive has no tiles.
const LEAST_ZOOM = 4;
const NO_DATA = "#d5dadd";

/** Colour of a value that the tile carries; what has none is grey with no class's colour. */
export function valueColour(data: CountryData): ExpressionSpecification {
  const value: ExpressionSpecification = ["get", data.field];
  // Which class holds an edge is published with the breaks.
  const below = data.closed === "left" ? "<" : "<=";
  const cases = data.breaks.flatMap((edge, at) => [[below, value, edge], data.colours[at] ?? PAPER]);
  const last = data.colours.at(-1) ?? PAPER;
  const known = cases.length ? ["case", ...cases, last] : last;
  return ["case", ["==", ["typeof", value], "number"], known, NO_DATA] as unknown as ExpressionSpecification;
}

function makeStyle(data: CountryData): StyleSpecification {
  const layer = { source: "country", "source-layer": "kecamatan" } as const;
  return {
    version: 8,
    sources: { country: { type: "vector", url: `pmtiles://${new URL(data.tiles, location.href).href}` } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#f4f6f7" } },
      { id: "fills", type: "fill", ...layer, paint: { "fill-color": valueColour(data), "fill-antialias": false } },
      { id: "lines", type: "line", ...layer, minzoom: 7, paint: { "line-color": INK, "line-width": 0.6 } },
    ],
  };
}

/** Draw the map into a frame; rejects, and leaves nothing behind, when that fails.

Resolves to a function that takes it away again, also where its graphics were lost before it was
drawn: it is then kept to tell of their return. */
export async function drawCountry(frame: HTMLElement, data: CountryData, graphics: Graphics): Promise<() => void> {
  renewProtocol();
  const map = new GLMap({
    container: frame,
    style: makeStyle(data),
    bounds: [...data.bbox],
    fitBoundsOptions: { padding: 12 },
    minZoom: LEAST_ZOOM,
    renderWorldCopies: false,
    attributionControl: false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: localeOf(data.words),
  });
  map.touchZoomRotate.disableRotation();
  window.__map = map;
  const remove = (): void => {
    hideTip();
    map.remove();
    delete window.__map;
    frame.replaceChildren();
  };
  let isLost = false;
  const gone = new Promise<void>((resolve) => {
    const lost = (): void => {
      isLost = true;
      graphics.lost();
      resolve();
    };
    watchGraphics(map, { lost, restored: graphics.restored });
  });
  try {
    await Promise.race([firstDrawn(map, data.words, () => !isLost), gone]);
  } catch (error) {
    remove();
    throw error;
  }
  if (isLost) return remove;
  wire(frame, map, data);
  addZoom(frame, map, data);
  return remove;
}

function wire(frame: HTMLElement, map: GLMap, data: CountryData): void {
  const write = new Intl.NumberFormat(data.query ? "en" : "id-ID", { maximumFractionDigits: data.decimals });
  const placeAt = (event: MapMouseEvent): Record<string, unknown> | undefined =>
    map.queryRenderedFeatures(event.point, { layers: ["fills"] })[0]?.properties;
  map.on("mousemove", (event) => {
    const place = placeAt(event);
    map.getCanvas().style.cursor = place ? "pointer" : "";
    if (!place) return hideTip();
    const value = place[data.field];
    const told = typeof value === "number" ? withUnit(write.format(value), data) : "–";
    tellTip(frame, `${String(place["nama"])}: ${data.title} ${told}`, event.point.x, event.point.y);
  });
  map.on("mouseout", hideTip);
  map.on("click", (event) => {
    const kode = placeAt(event)?.["kode"];
    if (typeof kode === "string") location.assign(`${data.pages}${kode}${data.query}`);
  });
}

/** A number as written, and its unit: of one it is another word. */
export function withUnit(number: string, data: Pick<CountryData, "unit" | "unit_of_one">): string {
  return `${number} ${number === "1" ? data.unit_of_one : data.unit}`.trim();
}

function addZoom(frame: HTMLElement, map: GLMap, data: CountryData): void {
  const { tools, add } = makeTools();
  const home = (): void => void map.fitBounds([...data.bbox], { padding: 12 });
  for (const [sign, word, run] of [["+", "zoomin", () => map.zoomIn()], ["−", "zoomout", () => map.zoomOut()], ["⌂", "home", home]] as const) {
    add(sign, data.words[word] ?? "", () => void run());
  }
  frame.append(tools);
}
