// What every live map needs of MapLibre: its worker, its reader of archives, its words, a limit of patience.

import "maplibre-gl/dist/maplibre-gl.css";
import { addProtocol, removeProtocol, setWorkerUrl, type ErrorEvent, type Map as GLMap } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { PMTiles, Protocol } from "pmtiles";
import { PatientSource } from "./source";

export const READY_MS = 15_000;

setWorkerUrl(workerUrl);

/** A fresh reader of archives: the one before may hold on to what it failed to fetch. */
export function renewProtocol(): void {
  const protocol = new Protocol();
  removeProtocol("pmtiles");
  addProtocol("pmtiles", (request, abort) => {
    const archive = request.url.replace(/^pmtiles:\/\//, "").replace(/\/\d+\/\d+\/\d+$/, "");
    if (!protocol.get(archive)) protocol.add(new PMTiles(new PatientSource(archive)));
    return protocol.tile(request, abort);
  });
}

/** MapLibre's own sentences in the language of the page. */
export function localeOf(words: Readonly<Record<string, string>>): Record<string, string> {
  return {
    "Map.Title": words["canvas"] ?? "",
    "CooperativeGesturesHandler.WindowsHelpText": words["wheel"] ?? "",
    "CooperativeGesturesHandler.MacHelpText": words["wheel"] ?? "",
    "CooperativeGesturesHandler.MobileHelpText": words["fingers"] ?? "",
  };
}

/** The map is drawn; rejects with words for the reader when it fails or is not drawn in time. */
export function firstDrawn(map: GLMap, words: Readonly<Record<string, string>>, isOurs: (event: unknown) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(words["timeout"])), READY_MS);
    const failed = (event: ErrorEvent): void => {
      console.warn("map:", event.error?.message ?? event);
      if (!isOurs(event)) return;
      clearTimeout(timer);
      map.off("error", failed);
      // A worker that a proxy answers with a page of its own is no trouble with tiles.
      reject(new Error(words[/worker/i.test(event.error?.message ?? "") ? "script" : "tiles"]));
    };
    map.on("error", failed);
    map.once("idle", () => {
      clearTimeout(timer);
      map.off("error", failed);
      resolve();
    });
  });
}
