// Buttons on the live map: zoom in, zoom out, the whole area again.

import type { Map as GLMap } from "maplibre-gl";
import { say, type ViewData } from "../data";

/** Space around the area: the buttons cover nothing where the frame is wide enough. */
export function paddingOf(frame: HTMLElement): { top: number; bottom: number; left: number; right: number } {
  return { top: 12, bottom: 12, left: 12, right: frame.clientWidth > 480 ? 64 : 12 };
}

/** Put the buttons into the frame of the map. */
export function addTools(frame: HTMLElement, map: GLMap, data: ViewData): void {
  const tools = document.createElement("div");
  tools.className = "map-tools";
  const add = (sign: string, label: string, run: () => void): void => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", run);
    tools.append(button);
  };
  add("+", say(data, "zoomin"), () => map.zoomIn());
  add("−", say(data, "zoomout"), () => map.zoomOut());
  add("⌂", say(data, "home"), () => map.fitBounds([...data.bbox], { padding: paddingOf(frame) }));
  frame.append(tools);
}
