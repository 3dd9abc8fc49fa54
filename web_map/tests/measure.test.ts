import { expect, it } from "vitest";
import { lengthOf, lengthText } from "../src/live/measure";

it("is nothing for one place", () => {
  expect(lengthOf([[123, -8]])).toBe(0);
});

// Geodesics on WGS 84 by PROJ: (122.9, -8.3) to (123.2, -8.5); a degree of the equator.
it.each([
  [[[122.9, -8.3], [123.2, -8.5]], 39_760.7],
  [[[122.9, -8.3], [123.0, -8.3], [123.0, -8.2]], 11_016.1 + 11_059.7],
] as const)("is the length on the ellipsoid to a thousandth", (places, metres) => {
  expect(Math.abs(lengthOf(places) / metres - 1)).toBeLessThan(0.001);
});

it("is written in the language of the page", () => {
  expect(lengthText(950.4, "id")).toBe("950 m");
  expect(lengthText(39_760.7, "id")).toBe("39,76 km");
  expect(lengthText(39_760.7, "en")).toBe("39.76 km");
});
