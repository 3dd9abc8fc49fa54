// Whether the live map can and should start on this device, and the mark that says the map is drawn.

export type Readiness = "start" | "ask" | "never";

interface Line {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
}

/** Start where WebGL2 is there; on a thin or metered line ask first; never without WebGL2. */
export function decideReadiness(hasWebGl: boolean, line: Line | undefined): Readiness {
  if (!hasWebGl) return "never";
  const isThin = line?.saveData === true || /(^|-)2g$/.test(line?.effectiveType ?? "");
  return isThin ? "ask" : "start";
}

/** Whether this browser draws WebGL2. */
export function hasWebGl2(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

/** The line as the browser describes it, where it does. */
export function lineOf(source: Navigator): Line | undefined {
  return (source as Navigator & { connection?: Line }).connection;
}

/** Tell tests and embedding pages that a map, live or drawn, is there. */
export function markReady(): void {
  document.documentElement.dataset["mapReady"] = "1";
}
