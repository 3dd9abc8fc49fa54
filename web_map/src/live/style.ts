// The style of the live map: one vector source, fills by the class that the server computed.

import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import type { Row, ViewData } from "../data";
import { GROUND, type Ground } from "./ground";
import { isolineLayers, ISOLINES, isolineText } from "./isolines";

/** What has no value, and, drawn over its colour, a value that is counted from a part only, or an answer that is overdue. */
export const MARKS = ["no_data", "unreachable", "not_applicable", "before_split", "suppressed", "part", "overdue"] as const;
export const AREA = "area";
const INK = "#22303c";
const PAPER = "#ffffff";
const PLACE = "#0b7fa0";

/** The colour of the feature state; a place without a class stays paper, never a low class.

It is the same for every view: another expression would make the worker lay every tile out anew, and
another state is only another colour. */
export const FILL_COLOUR: ExpressionSpecification = [
  "case",
  ["==", ["typeof", ["feature-state", "c"]], "string"],
  ["to-color", ["feature-state", "c"], PAPER],
  PAPER,
];

/** What the map keeps of each place: class (-1 for none) and its colour, status, strength of its mark. */
export interface PlaceState {
  readonly k: number;
  readonly c: string | null;
  readonly s: string;
  readonly o: number;
}

/** The state of a place in a view. */
export function stateOf(row: Row, data: Pick<ViewData, "colours" | "opacity">): PlaceState {
  return { k: row.k, c: data.colours[row.k] ?? null, s: row.s, o: data.opacity };
}

/** Codes of the places that have a mark instead of, or over, a value. */
export function markedCodes(rows: readonly Row[], mark: string): string[] {
  return rows.filter((row) => row.s === mark).map((row) => row.kode);
}

/** Of a layer of one mark: the places that may show it. */
export function markFilter(codes: readonly string[]): FilterSpecification {
  return ["in", ["get", "kode"], ["literal", [...codes]]];
}

/** How strong a mark is on a place: nothing unless the place has it now. */
export function markOpacity(mark: string): ExpressionSpecification {
  return ["case", ["==", ["feature-state", "s"], mark], ["number", ["feature-state", "o"], 1], 0];
}

/** Label points of the children as GeoJSON. */
export function labelPoints(data: ViewData): FeatureCollection {
  const features = data.rows.flatMap((row) =>
    row.p === null
      ? []
      : [
          {
            type: "Feature" as const,
            geometry: { type: "Point" as const, coordinates: [...row.p] },
            properties: { nama: row.nama },
          },
        ],
  );
  return { type: "FeatureCollection", features };
}

/** Facilities of a view as GeoJSON. */
export function placePoints(data: ViewData): FeatureCollection {
  const features = data.places.map(([lon, lat, nama]) => ({
    type: "Feature" as const,
    geometry: { type: "Point" as const, coordinates: [lon, lat] },
    properties: { nama },
  }));
  return { type: "FeatureCollection", features };
}

const EQUATOR_M_A_PX = 40_075_016.686 / 512;
const MOST_ZOOM = 22;

/** Radius in pixels, at every zoom, of a ring of so many metres; Mercator stretches it by latitude. */
export function ringRadius(metres: number | null, lat: number): ExpressionSpecification {
  const atZero = (metres ?? 0) / (EQUATOR_M_A_PX * Math.cos((lat * Math.PI) / 180));
  return ["interpolate", ["exponential", 2], ["zoom"], 0, atZero, MOST_ZOOM, atZero * 2 ** MOST_ZOOM];
}

function placeLayers(data: ViewData): LayerSpecification[] {
  const lat = (data.bbox[1] + data.bbox[3]) / 2;
  return [
    {
      id: "rings",
      type: "circle",
      source: "places",
      layout: { visibility: data.ring === null ? "none" : "visible" },
      paint: {
        "circle-radius": ringRadius(data.ring, lat),
        // Outlined only: a tint would shift the colours of the classes.
        "circle-color": PLACE,
        "circle-opacity": 0,
        "circle-stroke-color": PLACE,
        "circle-stroke-width": 1.8,
      },
    },
    {
      id: "places",
      type: "circle",
      source: "places",
      paint: { "circle-radius": 5, "circle-color": PLACE, "circle-stroke-color": PAPER, "circle-stroke-width": 2 },
    },
  ];
}

/** The whole style of a view. */
export function makeStyle(data: ViewData, ground: Ground | null = null): StyleSpecification {
  const inside: FilterSpecification = ["==", ["get", data.parent], data.kode];
  const tiles = new URL(data.tiles, location.href).href;
  const layer = { source: AREA, "source-layer": data.source } as const;
  const heavy: ExpressionSpecification = ["boolean", ["feature-state", "on"], false];
  const pointed: ExpressionSpecification = ["boolean", ["feature-state", "over"], false];
  return {
    version: 8,
    sources: {
      ...(ground ? { [GROUND]: ground.source } : {}),
      places: { type: "geojson", data: placePoints(data) },
      [ISOLINES]: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      [AREA]: { type: "vector", url: `pmtiles://${tiles}` },
      names: { type: "geojson", data: labelPoints(data) },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#f4f6f7" } },
      ...(ground?.layers ?? [{ id: "around", type: "fill" as const, ...layer, paint: { "fill-color": "#e7ebee", "fill-antialias": false } }]),
      { id: "around-line", type: "line", ...layer, paint: { "line-color": "#c3ccd2", "line-width": 0.7 } },
      // Lines cover every edge: smoothing the edges of fills below them would be drawn for nobody.
      { id: "fills", type: "fill", ...layer, filter: inside, paint: { "fill-color": FILL_COLOUR, "fill-opacity": data.opacity, "fill-antialias": false } },
      ...MARKS.map((mark) => ({
        id: `mark-${mark}`,
        type: "fill" as const,
        ...layer,
        filter: markFilter(markedCodes(data.rows, mark)),
        paint: { "fill-pattern": mark, "fill-opacity": markOpacity(mark) },
      })),
      // White under ink: one of the two stands out from any fill.
      { id: "casing", type: "line", ...layer, filter: inside, paint: { "line-color": PAPER, "line-width": 3.4 } },
      { id: "lines", type: "line", ...layer, filter: inside, paint: { "line-color": INK, "line-width": 1 } },
      {
        id: "chosen",
        type: "line",
        ...layer,
        filter: inside,
        layout: { "line-join": "round" },
        paint: { "line-color": INK, "line-width": ["case", heavy, 4, pointed, 2.5, 0] },
      },
      ...isolineLayers(),
      ...placeLayers(data),
      // Names lie on top and are placed first: they stay in their desa, minutes step aside.
      isolineText(),
      {
        id: "names",
        type: "symbol",
        source: "names",
        layout: {
          visibility: data.labels ? "visible" : "none",
          "text-field": ["get", "nama"],
          "text-size": 12,
          "text-font": ["sans-serif"],
          "text-max-width": 8,
          "text-padding": 4,
        },
        paint: { "text-color": INK, "text-halo-color": PAPER, "text-halo-width": 2 },
      },
    ],
  };
}
