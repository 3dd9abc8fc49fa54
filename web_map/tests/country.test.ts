import { createExpression } from "@maplibre/maplibre-gl-style-spec";
import { expect, it } from "vitest";
import { valueColour } from "../src/live/country";
import type { CountryData } from "../pages/start/start";

const DATA = { field: "n", breaks: [5, 10], colours: ["#a", "#b", "#c"] } as unknown as CountryData;

function colourOf(properties: Record<string, unknown>, closed: "left" | "right" = "right"): unknown {
  const made = createExpression(valueColour({ ...DATA, closed, colours: ["#aaaaaa", "#bbbbbb", "#cccccc"] }), "layers[0].paint.fill-color");
  if (made.result !== "success") throw new Error("not an expression");
  const found = made.value.evaluate({ zoom: 5 }, { type: 3, properties } as never) as unknown;
  return String(found);
}

it.each([
  [5, "#aaaaaa"],
  [5.1, "#bbbbbb"],
  [10, "#bbbbbb"],
  [11, "#cccccc"],
] as const)("paints %s in its class, the upper edge below", (value, colour) => {
  expect(colourOf({ n: value })).toBe(colour);
});

it("paints an edge above where it is a norm to be reached", () => {
  expect([4.9, 5, 10].map((n) => colourOf({ n }, "left"))).toEqual(["#aaaaaa", "#bbbbbb", "#cccccc"]);
});

it("paints what has no value in no class's colour", () => {
  expect(["#aaaaaa", "#bbbbbb", "#cccccc"]).not.toContain(colourOf({}));
});
