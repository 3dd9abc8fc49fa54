// The base map under the live map, where the deployment configured one: raster tiles, or an archive of either kind.

import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import { PMTiles, TileType } from "pmtiles";
import type { ViewData } from "../data";

/** What a base map adds to the style. */
export interface Ground {
  readonly source: SourceSpecification;
  readonly layers: readonly LayerSpecification[];
  readonly by: string;
}

interface VectorLayer {
  readonly id: string;
}

const SOURCE = "ground-tiles";

/** The base map of a view; null without one, or when it cannot be read: the map is drawn all the same. */
export async function loadGround(data: ViewData): Promise<Ground | null> {
  if (data.ground === null) return null;
  const { by } = data.ground;
  const url = new URL(data.ground.url, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  if (url.includes("{z}")) return { source: { type: "raster", tiles: [url], tileSize: 256 }, layers: [raster()], by };
  try {
    const archive = new PMTiles(url);
    const [header, about] = await Promise.all([archive.getHeader(), archive.getMetadata()]);
    const where = `pmtiles://${url}`;
    if (header.tileType !== TileType.Mvt) return { source: { type: "raster", url: where, tileSize: 256 }, layers: [raster()], by };
    const named = (about as { vector_layers?: VectorLayer[] } | null)?.vector_layers ?? [];
    return { source: { type: "vector", url: where }, layers: named.flatMap((one) => greyLayers(one.id)), by };
  } catch (error) {
    console.warn("base map:", error);
    return null;
  }
}

function raster(): LayerSpecification {
  return { id: "ground-raster", type: "raster", source: SOURCE, paint: { "raster-saturation": -0.6 } };
}

/** Any vector layer in greys, water in blue: what is below must not be taken for a class. */
export function greyLayers(name: string): LayerSpecification[] {
  const isWater = /water|ocean|river|laut|air|sungai/i.test(name);
  const [fill, line] = isWater ? ["#d6e6ee", "#a9c9d8"] : ["#eceff1", "#b4bec5"];
  const from = { source: SOURCE, "source-layer": name } as const;
  return [
    { id: `ground-${name}-fill`, type: "fill", ...from, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": fill } },
    { id: `ground-${name}-line`, type: "line", ...from, filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": line, "line-width": 0.8 } },
  ];
}

/** Name of the source in the style. */
export const GROUND = SOURCE;
