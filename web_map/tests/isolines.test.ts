import { describe, expect, it } from "vitest";
import { isolineLayers, pathLines, toDegrees } from "../src/live/isolines";

describe("lines of travel time", () => {
  it("reads the paths of the drawing, where a minus sign separates numbers", () => {
    expect(pathLines("M10 20l5-4 0 3M1 1l2 0 0 2z")).toEqual([
      [[10, 20], [15, 16], [15, 19]],
      [[1, 1], [3, 1], [3, 3], [1, 1]],
    ]);
    expect(pathLines("")).toEqual([]);
  });

  it("puts pixels back into degrees", () => {
    expect(toDegrees([0, 0], [120, -9, 122, -8], [1000, 500])).toEqual([120, -8]);
    expect(toDegrees([500, 500], [120, -9, 122, -8], [1000, 500])).toEqual([121, -9]);
  });

  it("draws the nearest line last", () => {
    const ids = isolineLayers().map((layer) => layer.id);
    expect(ids.indexOf("isolines-0")).toBeGreaterThan(ids.indexOf("isolines-1"));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
