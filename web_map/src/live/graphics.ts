// The graphics of a map, which the browser may take away at any time and may give back.

import type { Map as GLMap } from "maplibre-gl";

/** What happens to the surface that a map is drawn on. */
export interface Graphics {
  readonly lost: () => void;
  readonly restored: () => void;
}

/** Tell when the browser takes the graphics of a map away, and when it gives them back.

MapLibre lays its style out again by itself, but what was set on it is gone (feature states, and so
every class colour): whoever is told `restored` starts a new map rather than mend this one. */
export function watchGraphics(map: Pick<GLMap, "on">, graphics: Graphics): void {
  let isLost = false;
  map.on("webglcontextlost", () => {
    if (isLost) return;
    isLost = true;
    graphics.lost();
  });
  map.on("webglcontextrestored", () => {
    // MapLibre is still at work on the old map when it tells.
    if (isLost) setTimeout(graphics.restored);
    isLost = false;
  });
}
