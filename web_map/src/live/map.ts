// The live map: MapLibre over the release's PMTiles, painted by what the server computed.

import { Map as GLMap, type GeoJSONSource, ScaleControl, type MapMouseEvent } from "maplibre-gl";
import { lookText, type Look } from "../address";
import { say, type Row, type ViewData } from "../data";
import { showPointed } from "../selection";
import { hideTip, showTip } from "../tip";
import { localeOf, READY_MS, renewProtocol } from "./engine";
import { watchGraphics } from "./graphics";
import { GROUND, loadGround } from "./ground";
import { drawnIsolines, ISOLINES } from "./isolines";
import { drawMark } from "./marks";
import { AREA, makeStyle, MARKS, markedCodes, markFilter, placePoints, ringRadius, stateOf } from "./style";
import { addTools, paddingOf } from "./tools";

interface Ties {
  readonly select: (kode: string) => void;
  readonly trouble: (text: string) => void;
  /** The reader moved the map; null when it shows the whole wilayah again. */
  readonly moved: (look: Look | null) => void;
  /** The browser took the graphics away: the drawing shows, and this map takes no orders any more. */
  readonly lost: (map: LiveMap) => void;
  /** The graphics are back; what was painted is not, so the map is to be started anew. */
  readonly restored: () => void;
}

declare global {
  interface Window {
    __map?: GLMap;
  }
}

function attribution(by: string): HTMLElement {
  const line = document.createElement("p");
  line.className = "ground-by";
  line.textContent = by;
  return line;
}

export class LiveMap {
  private data: ViewData;
  private chosen: number | null = null;
  private pointed: number | null = null;
  private isFitting = false;
  private reported = "";
  private isReady = false;
  private isLost = false;
  private readonly marked = new globalThis.Map<string, Set<string>>();
  private readonly painted = new globalThis.Map<string, string>();

  private constructor(
    private readonly frame: HTMLElement,
    private readonly box: HTMLElement,
    private readonly map: GLMap,
    private readonly ties: Ties,
    data: ViewData,
  ) {
    this.data = data;
  }

  /** The map of a view, once it is drawn; null where its graphics were lost before.

  It is then kept, unseen, to notice their return (see `Ties`).  Rejects, and leaves nothing
  behind, when it cannot be drawn for another reason. */
  static async start(frame: HTMLElement, data: ViewData, ties: Ties, look: Look | null): Promise<LiveMap | null> {
    renewProtocol();
    const box = document.createElement("div");
    box.className = "live";
    frame.append(box);
    try {
      const ground = await loadGround(data);
      const map = new GLMap({
        container: box,
        style: makeStyle(data, ground),
        ...(look
          ? { center: [look.lon, look.lat], zoom: look.zoom }
          : { bounds: [...data.bbox], fitBoundsOptions: { padding: paddingOf(frame) } }),
        attributionControl: false,
        cooperativeGestures: true,
        dragRotate: false,
        pitchWithRotate: false,
        fadeDuration: 0,
        locale: localeOf(data.words),
      });
      map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-left");
      map.touchZoomRotate.disableRotation();
      map.setMissingStyleImageResolver((id) => {
        const image = drawMark(id);
        if (image && !map.hasImage(id)) map.addImage(id, image, { pixelRatio: 2 });
      });
      const made = new LiveMap(frame, box, map, ties, data);
      window.__map = map;
      if (!(await made.ready(look === null))) return null;
      if (ground?.by) box.append(attribution(ground.by));
      return made;
    } catch (error) {
      window.__map?.remove();
      delete window.__map;
      box.remove();
      throw error;
    }
  }

  /** Paint other values on the same places. */
  paint(data: ViewData): void {
    this.data = data;
    // What stays the same is left alone: another filter makes every tile be laid out again.
    for (const mark of MARKS) this.allowMark(mark, data);
    this.renew("opacity", data.opacity, (opacity) => this.fade(opacity));
    this.renew("labels", data.labels, (isOn) =>
      this.map.setLayoutProperty("names", "visibility", isOn ? "visible" : "none"),
    );
    this.renew("places", data.places, () =>
      this.map.getSource<GeoJSONSource>("places")?.setData(placePoints(data)),
    );
    this.renew("isolines", drawnIsolines(data.bbox), (lines) =>
      this.map.getSource<GeoJSONSource>(ISOLINES)?.setData(lines),
    );
    this.renew("ring", data.ring, (ring) => {
      this.map.setLayoutProperty("rings", "visibility", ring === null ? "none" : "visible");
      const lat = (data.bbox[1] + data.bbox[3]) / 2;
      this.map.setPaintProperty("rings", "circle-radius", ringRadius(ring, lat));
    });
    for (const row of data.rows) this.setState(row.id, { ...stateOf(row, data) });
  }

  /** Call back once what was asked last is drawn, tiles laid out anew included. */
  whenPainted(told: () => void): void {
    this.map.once("idle", told);
    this.map.triggerRepaint();
  }

  /** Show the fills so strong, from 0 to 1. */
  fade(opacity: number): void {
    this.map.setPaintProperty("fills", "fill-opacity", opacity);
    for (const row of this.data.rows) this.setState(row.id, { o: opacity });
  }

  /** Look somewhere else; null shows the whole wilayah. */
  look(look: Look | null): void {
    this.isFitting = true;
    if (look) this.map.jumpTo({ center: [look.lon, look.lat], zoom: look.zoom });
    else this.map.fitBounds([...this.data.bbox], { padding: paddingOf(this.frame), animate: false });
    this.isFitting = false;
    this.reported = lookText(this.lookNow());
  }

  /** Show one place as selected, or none. */
  select(kode: string): void {
    if (this.chosen !== null) this.setState(this.chosen, { on: false });
    this.chosen = this.data.rows.find((row) => row.kode === kode)?.id ?? null;
    if (this.chosen !== null) this.setState(this.chosen, { on: true });
  }

  /** Take the map away; the drawing shows again. */
  remove(): void {
    this.hide();
    this.map.remove();
    this.box.remove();
    delete window.__map;
  }

  /** Show the drawing instead of the map. */
  private hide(): void {
    this.frame.classList.remove("is-live");
    this.frame.querySelector(".map-tools")?.remove();
    hideTip();
  }

  /** Whether the map was drawn before its graphics were lost. */
  private ready(isWhole: boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(say(this.data, "timeout"))), READY_MS);
      const failed = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      watchGraphics(this.map, {
        lost: () => {
          clearTimeout(timer);
          this.isLost = true;
          this.hide();
          this.ties.lost(this);
          resolve(false);
        },
        restored: () => this.ties.restored(),
      });
      this.map.on("error", (event) => {
        const text = say(this.data, "tiles");
        console.warn("map:", event.error?.message ?? event);
        // A base map that is not there leaves a plain ground, not a broken map.
        if ((event as { sourceId?: string }).sourceId === GROUND) return;
        if (this.isLost) return;
        if (this.isReady) return this.ties.trouble(say(this.data, "failed", { reason: text }));
        failed(new Error(text));
      });
      this.map.once("load", () => this.paint(this.data));
      this.map.once("idle", () => {
        if (this.isLost) return;
        this.isReady = true;
        clearTimeout(timer);
        this.frame.classList.add("is-live");
        this.map.resize(); // a flat drawing gives the map more height than it had
        if (isWhole) this.look(null);
        addTools(this.frame, this.map, this.data, () => {
          this.look(null);
          this.ties.moved(null);
        });
        this.reported = lookText(this.lookNow());
        this.wire();
        resolve(true);
      });
    });
  }

  private wire(): void {
    this.map.on("mousemove", (event) => this.point(event));
    this.map.on("mouseout", () => this.leave());
    this.map.on("moveend", () => this.tellLook());
    this.map.on("click", (event) => {
      if (this.map.getContainer().classList.contains("measuring")) return;
      const row = this.rowAt(event);
      if (!row) return;
      this.ties.select(row.kode);
      this.point(event);
    });
  }

  private lookNow(): Look {
    const middle = this.map.getCenter();
    return { lon: middle.lng, lat: middle.lat, zoom: this.map.getZoom() };
  }

  /** Only what the reader did is reported, not what was fitted or resized. */
  private tellLook(): void {
    const now = this.lookNow();
    if (this.isFitting || lookText(now) === this.reported) return;
    this.reported = lookText(now);
    this.ties.moved(now);
  }

  private rowAt(event: MapMouseEvent): Row | undefined {
    const layers = ["fills", ...MARKS.map((mark) => `mark-${mark}`)];
    const found = this.map.queryRenderedFeatures(event.point, { layers })[0];
    return this.data.rows.find((row) => row.id === found?.id);
  }

  private point(event: MapMouseEvent): void {
    const row = this.rowAt(event);
    if (!row) return this.leave();
    showTip(this.frame, this.data, row, event.point.x, event.point.y);
    if (this.pointed === row.id) return;
    this.clearPointed();
    this.pointed = row.id;
    this.setState(row.id, { over: true });
    showPointed(row.kode);
    this.map.getCanvas().style.cursor = "pointer";
  }

  private leave(): void {
    this.clearPointed();
    hideTip();
    showPointed("");
    this.map.getCanvas().style.cursor = "";
  }

  private clearPointed(): void {
    if (this.pointed !== null) this.setState(this.pointed, { over: false });
    this.pointed = null;
  }

  /** A place that had a mark stays in its layer, unseen: only one that never had it costs a new layout. */
  private allowMark(mark: string, data: ViewData): void {
    const known = this.marked.get(mark) ?? new Set<string>();
    this.marked.set(mark, new Set([...known, ...markedCodes(data.rows, mark)]));
    const codes = [...(this.marked.get(mark) ?? [])].sort();
    this.renew(`mark-${mark}`, codes, () => this.map.setFilter(`mark-${mark}`, markFilter(codes)));
  }

  private renew<Value>(key: string, value: Value, apply: (value: Value) => void): void {
    const text = JSON.stringify(value);
    if (this.painted.get(key) === text) return;
    this.painted.set(key, text);
    apply(value);
  }

  private setState(id: number, state: Record<string, unknown>): void {
    this.map.setFeatureState({ source: AREA, sourceLayer: this.data.source, id }, state);
  }
}
