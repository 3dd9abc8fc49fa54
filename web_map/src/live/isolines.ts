// Lines of travel time on the live map: those of the drawing, put back into degrees, so that both
// maps show the same.  The areas themselves are tiles of the layer isochrones_<kind>; their outlines
// follow coasts too, which no line of equal time does.

import type { Feature, FeatureCollection, Position } from "geojson";
import type { LayerSpecification } from "maplibre-gl";

export const ISOLINES = "isolines";
export const LINE = "#6a1b7a";
export const CUT_OFF = "#8c2d3a";
const PAPER = "#ffffff";
/** In widths of the line, with round ends, from the nearest line outwards; as `DASHES` of the server. */
const DASHES: readonly (readonly number[])[] = [[1, 0], [6, 2.2], [4, 2.7], [1.4, 2.3], [0.2, 3.2], [0.2, 5]];
/** A drawing is shown smaller than its pixels; lines on the live map are as wide as there. */
const SHOWN = 0.75;
const UNREACHED_AT = -1;

type Box = readonly [number, number, number, number];

/** The lines of an SVG path of ours: `M` absolute, `l` relative, `z` closes. */
export function pathLines(path: string): Position[][] {
  return path
    .split("M")
    .filter(Boolean)
    .map((part) => {
      const [start = "", steps = ""] = part.split("l");
      const isClosed = part.endsWith("z");
      let [x = 0, y = 0] = numbersIn(start);
      const line: Position[] = [[x, y]];
      const moves = numbersIn(steps);
      for (let at = 0; at + 1 < moves.length; at += 2) {
        x += moves[at] ?? 0;
        y += moves[at + 1] ?? 0;
        line.push([x, y]);
      }
      if (isClosed) line.push([...(line[0] ?? [0, 0])]);
      return line;
    });
}

function numbersIn(text: string): number[] {
  return (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
}

/** A pixel of a drawing of this size in degrees. */
export function toDegrees([x = 0, y = 0]: Position, box: Box, size: readonly [number, number]): Position {
  const [west, south, east, north] = box;
  return [west + (x / size[0]) * (east - west), north - (y / size[1]) * (north - south)];
}

/** The lines of the drawing on this page; empty where it shows none. */
export function drawnIsolines(box: Box, page: ParentNode = document): FeatureCollection {
  const svg = page.querySelector<SVGElement>("#svgmap");
  const [width = 1, height = 1] = (svg?.dataset["size"] ?? "").split(" ").map(Number);
  const paths = svg?.querySelectorAll<SVGPathElement>(".iso path[data-line], .iso path.cut-off") ?? [];
  const features = [...paths].map((path): Feature => {
    const lines = pathLines(path.getAttribute("d") ?? "");
    const at = path.dataset["line"];
    return {
      type: "Feature",
      geometry: {
        type: "MultiLineString",
        coordinates: lines.map((line) => line.map((place) => toDegrees(place, box, [width, height]))),
      },
      properties: {
        at: at === undefined ? UNREACHED_AT : Math.min(Number(at), DASHES.length - 1),
        text: path.dataset["text"] ?? "",
        width: SHOWN * Number(path.getAttribute("stroke-width")),
      },
    };
  });
  const labels = [...(svg?.querySelectorAll<SVGTextElement>(".iso text") ?? [])].map((text): Feature => {
    const place = [Number(text.getAttribute("x")), Number(text.getAttribute("y"))];
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: toDegrees(place, box, [width, height]) },
      properties: { text: text.textContent ?? "" },
    };
  });
  return { type: "FeatureCollection", features: [...features, ...labels] };
}

/** The style layers of the lines, the nearest on top, each on a white casing. */
export function isolineLayers(): LayerSpecification[] {
  const numbers = [UNREACHED_AT, ...DASHES.map((_, at) => DASHES.length - 1 - at)];
  return numbers.flatMap((at) => strokeLayers(at));
}

/** The minutes of the lines: beside their place where a name stands on it. */
export function isolineText(): LayerSpecification {
  return {
    id: `${ISOLINES}-text`,
    type: "symbol",
    source: ISOLINES,
    filter: ["==", ["geometry-type"], "Point"],
    layout: {
      "text-field": ["get", "text"],
      "text-size": 12,
      "text-font": ["sans-serif"],
      "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
      "text-radial-offset": 0.6,
      "text-padding": 0,
    },
    paint: { "text-color": LINE, "text-halo-color": PAPER, "text-halo-width": 2 },
  };
}

function strokeLayers(at: number): LayerSpecification[] {
  const shared = { type: "line" as const, source: ISOLINES, filter: ["==", ["get", "at"], at] as ["==", unknown, number] };
  const layout = { "line-join": "round" as const, "line-cap": "round" as const };
  const isCutOff = at === UNREACHED_AT;
  const dashes = isCutOff ? [0.2, 2.4] : [...(DASHES[at] ?? [1, 0])];
  return [
    {
      ...shared,
      id: `${ISOLINES}-casing-${at}`,
      layout,
      paint: { "line-color": PAPER, "line-width": ["+", ["get", "width"], 2.6] },
    },
    {
      ...shared,
      id: `${ISOLINES}-${at}`,
      layout,
      paint: {
        "line-color": isCutOff ? CUT_OFF : LINE,
        "line-width": ["get", "width"],
        ...(at === 0 ? {} : { "line-dasharray": dashes }),
      },
    },
  ] as LayerSpecification[];
}
