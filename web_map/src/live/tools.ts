// Buttons on the live map: zoom in, zoom out, the whole area again.

import type { Map as GLMap } from "maplibre-gl";
import { say, type ViewData } from "../data";

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
  add("⌂", say(data, "home"), () => map.fitBounds([...data.bbox], { padding: 12 }));
  frame.append(tools);
}
