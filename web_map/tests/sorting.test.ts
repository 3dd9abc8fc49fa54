import { describe, expect, it } from "vitest";
import { compareCells, nextDirection } from "../src/sorting";

describe("compareCells", () => {
  it("orders numbers by value, not by letters", () => {
    expect(["10", "9", "-1"].sort((a, b) => compareCells(a, b, "number", "ascending"))).toEqual(["-1", "9", "10"]);
  });
  it.each(["ascending", "descending"] as const)("puts cells without a value last when %s", (direction) => {
    expect(["", "2", "0"].sort((a, b) => compareCells(a, b, "number", direction)).at(-1)).toBe("");
  });
  it("does not take a missing value for zero", () => {
    expect(compareCells("", "0", "number", "ascending")).toBeGreaterThan(0);
  });
  it("orders names as Indonesian does, numerals by value", () => {
    expect(["Blok 15", "Blok 2"].sort((a, b) => compareCells(a, b, "text", "ascending"))[0]).toBe("Blok 2");
  });
});

describe("nextDirection", () => {
  it("turns around on the second press", () => {
    expect(nextDirection("number", "descending")).toBe("ascending");
    expect(nextDirection("number", "ascending")).toBe("descending");
  });
  it("starts with the largest numbers and the first names", () => {
    expect(nextDirection("number", null)).toBe("descending");
    expect(nextDirection("text", null)).toBe("ascending");
  });
});
