// Where a place lies in the frame of the map, on the live map or on the server's drawing.

import type { Map as GLMap } from "maplibre-gl";
import type { Place } from "./places";

export type Spot = readonly [number, number];

/** Turns places into pixels of the frame and back. */
export interface Ground {
  readonly toFrame: (place: Place) => Spot;
  readonly toPlace: (spot: Spot) => Place;
  /** Calls back whenever places have moved in the frame; returns how to end that. */
  readonly watch: (moved: () => void) => () => void;
}

/** The box that a drawing shows and its size, both linear in degrees. */
export interface Sheet {
  readonly bbox: readonly [number, number, number, number];
  readonly width: number;
  readonly height: number;
}

/** A place in the units of a drawing. */
export function toSheet({ bbox: [west, south, east, north], width, height }: Sheet, [lon, lat]: Place): Spot {
  return [((lon - west) / (east - west)) * width, ((north - lat) / (north - south)) * height];
}

/** The place at a point of a drawing. */
export function fromSheet({ bbox: [west, south, east, north], width, height }: Sheet, [x, y]: Spot): Place {
  return [west + (x / width) * (east - west), north - (y / height) * (north - south)];
}

/** The live map where it is drawn, else the drawing; null where there is neither. */
export function findGround(frame: HTMLElement, bbox: Sheet["bbox"]): Ground | null {
  const map = (window as { __map?: GLMap }).__map;
  if (map && frame.classList.contains("is-live")) return liveGround(map);
  const svg = frame.querySelector<SVGSVGElement>("svg#svgmap");
  return svg ? drawnGround(frame, svg, bbox) : null;
}

function liveGround(map: GLMap): Ground {
  return {
    toFrame: ([lon, lat]) => {
      const { x, y } = map.project([lon, lat]);
      return [x, y];
    },
    toPlace: ([x, y]) => {
      const { lng, lat } = map.unproject([x, y]);
      return [lng, lat];
    },
    watch: (moved) => {
      map.on("move", moved);
      return () => map.off("move", moved);
    },
  };
}

function drawnGround(frame: HTMLElement, svg: SVGSVGElement, bbox: Sheet["bbox"]): Ground {
  // The drawing has a margin and a scale around the box; its own size is kept apart.
  const [width = 1, height = 1] = (svg.dataset["size"] ?? "").split(" ").map(Number);
  const sheet = { bbox, width, height };
  const convert = ([x, y]: Spot, isOut: boolean): Spot => {
    const matrix = svg.getScreenCTM() ?? new DOMMatrix();
    const { left, top } = frame.getBoundingClientRect();
    const edge = { left: left + frame.clientLeft, top: top + frame.clientTop };
    if (!isOut) {
      const inside = new DOMPoint(x + edge.left, y + edge.top).matrixTransform(matrix.inverse());
      return [inside.x, inside.y];
    }
    const outside = new DOMPoint(x, y).matrixTransform(matrix);
    return [outside.x - edge.left, outside.y - edge.top];
  };
  return {
    toFrame: (place) => convert(toSheet(sheet, place), true),
    toPlace: (spot) => fromSheet(sheet, convert(spot, false)),
    watch: (moved) => {
      const sizes = new ResizeObserver(moved);
      sizes.observe(svg);
      return () => sizes.disconnect();
    },
  };
}
