import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchGraphics } from "../src/live/graphics";

type Events = Record<string, () => void>;

function watched(): { tell: (name: string) => void; told: string[] } {
  const events: Events = {};
  const told: string[] = [];
  const on = (name: string, run: () => void): void => void (events[name] = run);
  watchGraphics({ on } as unknown as Parameters<typeof watchGraphics>[0], {
    lost: () => told.push("lost"),
    restored: () => told.push("restored"),
  });
  return { tell: (name) => events[name]?.(), told };
}

describe("the graphics of a map", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are told once when they are lost, and when they are back after the map has done its part", () => {
    const { tell, told } = watched();
    tell("webglcontextlost");
    tell("webglcontextlost");
    expect(told).toEqual(["lost"]);
    tell("webglcontextrestored");
    expect(told).toEqual(["lost"]);
    vi.runAllTimers();
    expect(told).toEqual(["lost", "restored"]);
  });

  it("that were never lost are not told to be back", () => {
    const { tell, told } = watched();
    tell("webglcontextrestored");
    vi.runAllTimers();
    expect(told).toEqual([]);
  });

  it("may be lost again", () => {
    const { tell, told } = watched();
    for (const name of ["webglcontextlost", "webglcontextrestored", "webglcontextlost"]) {
      tell(name);
      vi.runAllTimers();
    }
    expect(told).toEqual(["lost", "restored", "lost"]);
  });
});
