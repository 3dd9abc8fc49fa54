import { describe, expect, it } from "vitest";
import { formAddress, isSameView, lookOf, selectionAddress, selectionOf, viewAddress } from "../src/address";

const PAGE = "http://peta.example/kecamatan/99.01.01?layer=desa.idm_skor";

describe("formAddress", () => {
  it("leaves out what is the case anyway", () => {
    const given = [["layer", "desa.idm_skor"], ["tahun", ""], ["method", "fixed"], ["k", "5"], ["desa", ""], ["rings", ""]] as const;
    expect(formAddress("/kecamatan/99.01.01", given)).toBe("/kecamatan/99.01.01?layer=desa.idm_skor");
  });
  it("keeps classes and comparison with a method that uses them", () => {
    const given = [["layer", "a.b"], ["method", "natural"], ["k", "4"], ["compare", "kabupaten"]] as const;
    expect(formAddress("/x", given)).toBe("/x?layer=a.b&method=natural&k=4&compare=kabupaten");
  });
  it("is the bare path when nothing is asked", () => {
    expect(formAddress("/x", [])).toBe("/x");
  });
});

describe("selection in the address", () => {
  it("is written and read back", () => {
    expect(selectionOf(selectionAddress(PAGE, "99.01.01.2003"))).toBe("99.01.01.2003");
  });
  it("is removed by an empty kode", () => {
    expect(selectionAddress(`${PAGE}&desa=99.01.01.2003`, "")).toBe(PAGE);
  });
  it("does not make another view", () => {
    expect(isSameView(PAGE, `${PAGE}&desa=99.01.01.2003`)).toBe(true);
    expect(isSameView(PAGE, PAGE.replace("idm", "iks"))).toBe(false);
  });
});

describe("the look of the map in the address", () => {
  const look = { lon: 123.1, lat: -8.3, zoom: 11.25 };
  it("is written so that it can be read, and read back", () => {
    expect(viewAddress(PAGE, look)).toBe(`${PAGE}&view=123.10000,-8.30000,11.25`);
    expect(lookOf(viewAddress(PAGE, look))).toEqual(look);
    expect(lookOf(PAGE)).toBeNull();
  });
  it("does not make another view", () => {
    expect(isSameView(PAGE, viewAddress(PAGE, look))).toBe(true);
  });
});
