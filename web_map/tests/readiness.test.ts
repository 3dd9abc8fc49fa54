import { describe, expect, it } from "vitest";
import { decideReadiness } from "../src/readiness";

describe("decideReadiness", () => {
  it.each([
    [false, undefined, "never"],
    [false, { saveData: true }, "never"],
    [true, undefined, "start"],
    [true, { effectiveType: "4g" }, "start"],
    [true, { effectiveType: "3g" }, "start"],
    [true, { effectiveType: "2g" }, "ask"],
    [true, { effectiveType: "slow-2g" }, "ask"],
    [true, { saveData: true, effectiveType: "4g" }, "ask"],
  ] as const)("webgl %s, line %o: %s", (hasWebGl, line, expected) => {
    expect(decideReadiness(hasWebGl, line)).toBe(expected);
  });
});
