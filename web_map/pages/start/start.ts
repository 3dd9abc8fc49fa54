// The start page: the map of all kecamatan, fetched where it can be drawn and the line allows it.

import { clearNotice, showNotice } from "../../src/notice";
import { decideReadiness, hasWebGl2, lineOf, markReady } from "../../src/readiness";

const LEAST_WIDTH = 896;

/** What the server says of the map of all kecamatan. */
export interface CountryData {
  readonly tiles: string;
  readonly field: string;
  readonly breaks: readonly number[];
  readonly closed: "left" | "right";
  readonly colours: readonly string[];
  readonly bbox: readonly [number, number, number, number];
  readonly pages: string;
  readonly query: string;
  readonly title: string;
  readonly unit: string;
  readonly unit_of_one: string;
  readonly decimals: number;
  readonly words: Readonly<Record<string, string>>;
}

/** Start the map of all kecamatan on the start page. */
export function startCountry(frame: HTMLElement): void {
  const island = document.getElementById("country-data");
  if (!island?.textContent) return;
  const data = JSON.parse(island.textContent) as CountryData;
  const line = lineOf(navigator);
  // Tiles of a whole country weigh more than a page should without being asked for.
  const isEasy = line?.effectiveType === "4g" && innerWidth >= LEAST_WIDTH;
  const told = decideReadiness(hasWebGl2(), line);
  const readiness = told === "start" && !isEasy ? "ask" : told;
  if (readiness === "start") return void draw(frame, data);
  if (readiness === "never") {
    // Without WebGL there is nothing to put into the frame; the list beside it leads everywhere.
    frame.hidden = true;
    showNotice(data.words["fallback"] ?? "");
  } else showNotice("", { label: data.words["load"] ?? "", run: () => void draw(frame, data) });
  markReady();
}

async function draw(frame: HTMLElement, data: CountryData): Promise<void> {
  showNotice(data.words["loading"] ?? "");
  const trouble = (text: string, run: () => void): void => showNotice(text, { label: data.words["retry"] ?? "↻", run }, true);
  try {
    const { drawCountry } = await import("../../src/live/country");
    const again = (): void => {
      remove();
      frame.hidden = false;
      void draw(frame, data);
    };
    let isLost = false;
    // There is no drawing of a whole country: the list beside the map leads everywhere.
    const lost = (): void => {
      isLost = frame.hidden = true;
      trouble(data.words["lost"] ?? "", again);
    };
    const remove = await drawCountry(frame, data, { lost, restored: again });
    if (!isLost) clearNotice();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    trouble((data.words["failed"] ?? "{reason}").replace("{reason}", reason), () => void draw(frame, data));
  }
  markReady();
}
