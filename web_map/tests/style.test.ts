import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { beforeAll, describe, expect, it } from "vitest";
import type { Row, ViewData } from "../src/data";
import { fillColour, labelPoints, makeStyle, markFilter, MARKS } from "../src/live/style";

function row(kode: string, k: number, s: string): Row {
  return { id: Number(kode.replaceAll(".", "")), kode, nama: kode, k, s, t: "", c: "", r: null, p: [121, -8] };
}

const DATA: ViewData = {
  release: "papan-0123456789abcdef",
  base: "",
  title: "IDM",
  tiles: "/releases/x/files/layers/desa/tiles.pmtiles",
  source: "desa",
  places: "/releases/x/files/layers/facilities/tiles.pmtiles",
  kind: "sd",
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
    const colour = JSON.stringify(fillColour(DATA.colours));
    expect(colour).toMatch(/"#ffffff"\]$/);
  });
  it("marks exactly the places that have no value", () => {
    expect(JSON.stringify(markFilter(DATA.rows, "no_data"))).toContain("99.01.01.2002");
    expect(JSON.stringify(markFilter(DATA.rows, "no_data"))).not.toContain("99.01.01.2001");
  });
  it("has one layer for each mark", () => {
    const ids = makeStyle(DATA).layers.map((layer) => layer.id);
    expect(MARKS.every((mark) => ids.includes(`mark-${mark}`))).toBe(true);
  });
  it("labels every place that has a label point", () => {
    expect(labelPoints(DATA).features).toHaveLength(2);
    expect(labelPoints({ ...DATA, rows: DATA.rows.map((one) => ({ ...one, p: null })) }).features).toHaveLength(0);
  });
});
