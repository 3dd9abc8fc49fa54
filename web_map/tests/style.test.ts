import { Color, createExpression, validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { beforeAll, describe, expect, it } from "vitest";
import type { Row, ViewData } from "../src/data";
import { greyLayers } from "../src/live/ground";
import { FILL_COLOUR, labelPoints, makeStyle, markedCodes, markFilter, markOpacity, MARKS, placePoints, ringRadius, stateOf } from "../src/live/style";

function row(kode: string, k: number, s: string): Row {
  return { id: Number(kode.replaceAll(".", "")), kode, nama: kode, k, s, t: "", c: "", r: null, q: "", y: null, p: [121, -8] };
}

const DATA: ViewData = {
  release: "papan-0123456789abcdef",
  base: "",
  origin: "",
  title: "IDM",
  tiles: "/releases/x/files/layers/desa/tiles.pmtiles",
  source: "desa",
  ground: null,
  places: [[121.5, -8.5, "SD Satu"]],
  ring: 3000,
  labels: true,
  opacity: 1,
  parent: "kode_kecamatan",
  kode: "99.01.01",
  bbox: [121, -9, 122, -8],
  colours: ["#ffffcc", "#253494"],
  rows: [row("99.01.01.2001", 0, "ok"), row("99.01.01.2002", -1, "no_data")],
  words: {},
};

beforeAll(() => {
  globalThis.location = { href: "http://peta.example/kecamatan/99.01.01" } as Location;
});

describe("the style of the live map", () => {
  it("passes the official validator", () => {
    expect(validateStyleMin(makeStyle(DATA))).toEqual([]);
  });
  it("fetches tiles from its own origin", () => {
    expect(JSON.stringify(makeStyle(DATA).sources)).not.toMatch(/https?:\/\/(?!peta\.example)/);
  });
  it("paints a place without a class as paper, not as the lowest class", () => {
    const made = createExpression(FILL_COLOUR, "layers[0].paint.fill-color");
    if (made.result !== "success") throw new Error("not an expression");
    const painted = DATA.rows.map((one) =>
      String(made.value.evaluate({ zoom: 9 }, { type: 3, properties: {} } as never, { ...stateOf(one, DATA) })),
    );
    expect(painted).toEqual([DATA.colours[0], "#ffffff"].map((colour) => String(Color.parse(colour ?? ""))));
  });
  it("marks exactly the places that have no value", () => {
    expect(markedCodes(DATA.rows, "no_data")).toEqual(["99.01.01.2002"]);
    expect(JSON.stringify(markFilter(["99.01.01.2002"]))).toContain("99.01.01.2002");
    const strength = createExpression(markOpacity("no_data"), "layers[0].paint.fill-opacity");
    if (strength.result !== "success") throw new Error("not an expression");
    const seen = DATA.rows.map(
      (one) => strength.value.evaluate({ zoom: 9 }, { type: 3, properties: {} } as never, { ...stateOf(one, DATA) }) as number,
    );
    expect(seen).toEqual([0, 1]);
  });
  it("marks a value of a part over its colour", () => {
    const part = row("99.01.01.2003", 1, "part");
    expect(markedCodes([...DATA.rows, part], "part")).toEqual(["99.01.01.2003"]);
    expect(stateOf(part, DATA).c).toBe(DATA.colours[1]);
    const order = makeStyle(DATA).layers.map((layer) => layer.id);
    expect(order.indexOf("mark-part")).toBeGreaterThan(order.indexOf("fills"));
  });
  it("has one layer for each mark", () => {
    const ids = makeStyle(DATA).layers.map((layer) => layer.id);
    expect(MARKS.every((mark) => ids.includes(`mark-${mark}`))).toBe(true);
  });
  it("labels every place that has a label point", () => {
    expect(labelPoints(DATA).features).toHaveLength(2);
    expect(labelPoints({ ...DATA, rows: DATA.rows.map((one) => ({ ...one, p: null })) }).features).toHaveLength(0);
  });
  it("keeps names in their places, and lets the minutes of lines step aside", () => {
    const layers = makeStyle(DATA).layers;
    expect(layers.slice(-2).map((layer) => layer.id)).toEqual(["isolines-text", "names"]);
    expect(layers.at(-1)?.layout).not.toHaveProperty("text-variable-anchor");
    expect(layers.at(-2)?.layout).toHaveProperty("text-variable-anchor");
  });
  it("shows facilities, and their rings only where a radius is given", () => {
    expect(placePoints(DATA).features).toHaveLength(1);
    const ring = (data: ViewData): unknown => makeStyle(data).layers.find((layer) => layer.id === "rings")?.layout;
    expect(ring(DATA)).toEqual({ visibility: "visible" });
    expect(ring({ ...DATA, ring: null })).toEqual({ visibility: "none" });
  });
  it("makes a ring as wide as its metres at every zoom", () => {
    // At zoom z the world is 512 * 2^z pixels wide, and on the equator 40,075 km long.
    const [, , , , atZero, top, atTop] = ringRadius(10_000, 0) as unknown as [0, 0, 0, 0, number, number, number];
    expect(atZero).toBeCloseTo((10_000 / 40_075_016.686) * 512, 6);
    expect(atTop / atZero).toBeCloseTo(2 ** top, 0);
  });
  it("puts a base map under everything, without taking its colours for classes", () => {
    const ground = { source: { type: "vector" as const, url: "pmtiles://x" }, layers: ["water", "roads"].flatMap(greyLayers), by: "" };
    const style = makeStyle(DATA, ground);
    expect(validateStyleMin(style)).toEqual([]);
    const ids = style.layers.map((layer) => layer.id);
    expect(ids.indexOf("ground-roads-line")).toBeLessThan(ids.indexOf("fills"));
    expect(ids).not.toContain("around");
  });
});
