import { expect, it } from "vitest";
import { yearsOf } from "../src/years";

it("orders years and leaves the latest out", () => {
  expect(yearsOf(["", "2025", "2024", "2023"])).toEqual(["2023", "2024", "2025"]);
});
