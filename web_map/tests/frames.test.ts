import { describe, expect, it } from "vitest";
import { keepInside, lookOfPart, partOfLook, zoomPart } from "../pages/compare/frames";

const WHOLE = { x: -8, y: -8, width: 100, height: 60 };

describe("a part of a drawing", () => {
  it("keeps the point under the pointer where it is", () => {
    const part = zoomPart(WHOLE, WHOLE, 2, 42, 22);
    expect(part).toEqual({ x: 17, y: 7, width: 50, height: 30 });
    expect((42 - part.x) / part.width).toBeCloseTo((42 - WHOLE.x) / WHOLE.width);
  });
  it("is never more than the whole, nor less than a twelfth", () => {
    expect(zoomPart(WHOLE, WHOLE, 0.1, 0, 0)).toEqual(WHOLE);
    expect(zoomPart(WHOLE, WHOLE, 1000, 42, 22).width).toBeCloseTo(100 / 12);
  });
  it("does not leave the whole", () => {
    expect(keepInside({ x: 90, y: -50, width: 50, height: 30 }, WHOLE)).toEqual({ x: 42, y: -8, width: 50, height: 30 });
  });
});

describe("where a part lies", () => {
  const ground = { width: 84, height: 0.001 + 44, bbox: [121, -9, 122, -8.5] } as const;
  it("is told as a look and found again by it", () => {
    const part = zoomPart(WHOLE, WHOLE, 3, 42, 22);
    const again = partOfLook(lookOfPart(part, ground), ground, WHOLE);
    for (const key of ["x", "y", "width", "height"] as const) expect(again[key]).toBeCloseTo(part[key], 6);
  });
  it("zooms by one for each halving", () => {
    const [once, twice] = [2, 4].map((factor) => lookOfPart(zoomPart(WHOLE, WHOLE, factor, 42, 22), ground).zoom);
    expect(twice! - once!).toBeCloseTo(1);
  });
});
