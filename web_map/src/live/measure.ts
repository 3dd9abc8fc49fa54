// Measuring on the live map: points set by tap or, in the middle of the map, by Enter; their length is written.

import type { GeoJSONSource, Map as GLMap, MapMouseEvent } from "maplibre-gl";
import { say, type ViewData } from "../data";
import { clearNotice, showNotice } from "../notice";

type Place = readonly [number, number];

const EQUATOR_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;

/** Metres along a line of places, on the ellipsoid.

Each step is taken flat with the radii of curvature at its middle, which is right to 0.1 % up to 100 km. */
export function lengthOf(places: readonly Place[]): number {
  let total = 0;
  for (let at = 1; at < places.length; at++) total += step(places[at - 1]!, places[at]!);
  return total;
}

function step([lon1, lat1]: Place, [lon2, lat2]: Place): number {
  const middle = (((lat1 + lat2) / 2) * Math.PI) / 180;
  const squared = FLATTENING * (2 - FLATTENING);
  const w = 1 / (1 - squared * Math.sin(middle) ** 2);
  const east = EQUATOR_M * Math.sqrt(w) * Math.cos(middle);
  const north = EQUATOR_M * Math.sqrt(w) * w * (1 - squared);
  const [dx, dy] = [((lon2 - lon1) * Math.PI * east) / 180, ((lat2 - lat1) * Math.PI * north) / 180];
  return Math.hypot(dx, dy);
}

/** A length in metres or kilometres, as the language of the page writes it. */
export function lengthText(metres: number, language: string): string {
  const write = (value: number, digits: number): string =>
    value.toLocaleString(language === "en" ? "en" : "id-ID", { maximumFractionDigits: digits });
  return metres < 1000 ? `${write(metres, 0)} m` : `${write(metres / 1000, 2)} km`;
}

/** The measuring tool of one map: on until it is ended. */
export class Measure {
  private places: Place[] = [];
  isOn = false;

  constructor(
    private readonly map: GLMap,
    private data: ViewData,
    private readonly changed: (isOn: boolean) => void,
  ) {}

  /** Begin, or end and take everything away. */
  toggle(data: ViewData): void {
    this.data = data;
    if (this.isOn) return this.end();
    this.isOn = true;
    this.addLayers();
    this.map.on("click", this.add);
    this.map.getCanvas().addEventListener("keydown", this.press);
    this.map.getContainer().classList.add("measuring");
    this.map.getCanvas().focus();
    this.show();
    this.changed(true);
  }

  private readonly add = (event: MapMouseEvent): void => {
    this.places.push([event.lngLat.lng, event.lngLat.lat]);
    this.show();
  };

  private readonly press = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return this.end();
    if (event.key !== "Enter") return;
    event.preventDefault();
    const middle = this.map.getCenter();
    this.places.push([middle.lng, middle.lat]);
    this.show();
  };

  private end(): void {
    this.isOn = false;
    this.places = [];
    this.map.off("click", this.add);
    this.map.getCanvas().removeEventListener("keydown", this.press);
    this.map.getContainer().classList.remove("measuring");
    for (const id of ["measure-line", "measure-points"]) this.map.removeLayer(id);
    this.map.removeSource("measure");
    clearNotice("tool");
    this.changed(false);
  }

  private addLayers(): void {
    this.map.addSource("measure", { type: "geojson", data: lineOf([]) });
    const paint = { "line-color": "#b3261e", "line-width": 3, "line-dasharray": [2, 1] };
    this.map.addLayer({ id: "measure-line", type: "line", source: "measure", paint });
    const dot = { "circle-radius": 4, "circle-color": "#ffffff", "circle-stroke-color": "#b3261e", "circle-stroke-width": 2 };
    this.map.addLayer({ id: "measure-points", type: "circle", source: "measure", paint: dot });
  }

  private show(): void {
    this.map.getSource<GeoJSONSource>("measure")?.setData(lineOf(this.places));
    const value = lengthText(lengthOf(this.places), document.documentElement.lang);
    const label = say(this.data, "measure_end");
    showNotice(say(this.data, "measured", { value }), { label, run: () => this.end() }, false, "tool");
  }
}

function lineOf(places: readonly Place[]): GeoJSON.Feature {
  return { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: places.map((one) => [...one]) } };
}
