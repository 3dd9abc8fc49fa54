// Buttons on the live map: zoom in, zoom out, the whole area again, measure.

import type { Map as GLMap } from "maplibre-gl";
import { Measure } from "./measure";
import { makeTools } from "../buttons";
import { say, type ViewData } from "../data";

/** Space around the area, so that the buttons cover nothing: at the side, on a phone above. */
export function paddingOf(frame: HTMLElement): { top: number; bottom: number; left: number; right: number } {
  const isWide = frame.clientWidth > 480;
  return { top: isWide ? 12 : 56, bottom: 12, left: 12, right: isWide ? 64 : 12 };
}

/** Put the buttons into the frame of the map; `home` is run by its own. */
export function addTools(frame: HTMLElement, map: GLMap, data: ViewData, home: () => void): void {
  const { tools, add } = makeTools();
  add("+", say(data, "zoomin"), () => map.zoomIn());
  add("−", say(data, "zoomout"), () => map.zoomOut());
  add("⌂", say(data, "home"), home);
  const tool = new Measure(map, data, (isOn) => ruler.setAttribute("aria-pressed", String(isOn)));
  const ruler = add("", say(data, "measure"), () => tool.toggle(data));
  ruler.classList.add("ruler");
  ruler.setAttribute("aria-pressed", "false");
  frame.append(tools);
}
